import type { Cidr, Ipv4Range } from './addresses.ts';
import type { Version } from './version.ts';

/** Values that are either whole or not there. */
type Atom = string | number | boolean | bigint | null | undefined | Uint8Array | Cidr | Ipv4Range | Version;

/**
 * A value as it is while faults may have been found in it: any part may be missing. What has been checked without a
 * fault is whole, and has the plain type.
 */
export type Draft<T> = unknown extends T
  ? T // of whatever shape: what is of somebody else's format
  : T extends Atom
    ? T
    : T extends readonly (infer E)[]
      ? readonly Draft<E>[]
      : { readonly [K in keyof T]: Draft<T[K]> | undefined };
