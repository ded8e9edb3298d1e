import type { Cidr, Ipv4Range } from './addresses.ts';
import type { Version } from './version.ts';

/** Values that are either complete or missing. */
type Atom = string | number | boolean | bigint | null | undefined | Uint8Array | Cidr | Ipv4Range | Version;

/**
 * A value during validation: any part may be missing because of an error. A value that passed validation is complete and
 * has the plain type.
 */
export type Draft<T> = unknown extends T
  ? T // of any type: in an external format
  : T extends Atom
    ? T
    : T extends readonly (infer E)[]
      ? readonly Draft<E>[]
      : { readonly [K in keyof T]: Draft<T[K]> | undefined };
