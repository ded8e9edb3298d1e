import type { SourceLocation } from '../../source/source.ts';
import type { GatheredBmc, GatheredBoot, GatheredMachine, GatheredNic, Sourced } from '../model/gathered.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A machine with the merged data of all files. */
export interface Machine
  extends Mutable<Omit<GatheredMachine, 'at' | 'isLease' | 'bmc' | 'groups' | 'nics'>> {
  readonly at: SourceLocation;
  bmc?: Bmc | undefined;
  readonly groups: Sourced<string>[];
  readonly nics: Nic[];
  /** The boot entry of its installer, without its configuration. */
  installer?: GatheredBoot | undefined;
}

/** A NIC of a machine. */
export interface Nic extends Mutable<Omit<GatheredNic, 'ips' | 'boots'>> {
  readonly ips: Sourced<string>[];
  boots: boolean;
}

/** The BMC of a machine. */
export type Bmc = Mutable<Omit<GatheredBmc, 'at'>>;

/** Returns the identifier of a machine for messages. */
export function calledAs({ name, xname, nics: [nic], nid }: Machine): string {
  const called = name ?? xname ?? (nid && { value: `NID ${nid.value}` }) ?? nic?.mac ?? nic?.ips[0];
  return called?.value ?? 'a machine';
}

/** Returns the NIC that a machine boots from: the one set in a file, otherwise the first, preferably with an IP address. */
export function bootNicOf({ nics }: Machine): Nic | undefined {
  return nics.find(({ boots }) => boots) ?? nics.find(({ ips }) => ips.length > 0) ?? nics[0];
}
