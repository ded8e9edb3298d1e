import type { Report } from '../../source/diagnostics/report.ts';
import type { Place } from '../../source/source.ts';
import { visible } from '../../values/text.ts';
import type { GatheredBmc, GatheredMachine, GatheredNic, Said } from './gathered.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A machine, with what all files together say of it. */
export interface Machine
  extends Mutable<Omit<GatheredMachine, 'at' | 'isLease' | 'bmc' | 'groups' | 'nics'>> {
  /** Where it is spoken of first. */
  readonly at: Place;
  bmc?: Bmc | undefined;
  readonly groups: Said<string>[];
  readonly nics: Nic[];
}

/** A NIC of a machine. */
export interface Nic extends Mutable<Omit<GatheredNic, 'ips' | 'boots'>> {
  readonly ips: Said<string>[];
  boots: boolean;
}

/** The management controller of a machine. */
export type Bmc = Mutable<Omit<GatheredBmc, 'at'>>;

/** Gives a machine as people know it, for what is said of it. */
export function calledAs({ name, xname, nics, nid }: Machine): string {
  const [nic] = nics;
  return (
    name?.value ??
    xname?.value ??
    (nid && `NID ${nid.value}`) ??
    nic?.mac?.value ??
    nic?.ips[0]?.value ??
    'a machine'
  );
}

/** The NIC that a machine boots from: the one that a file says, else the first with an address, else the first. */
export function bootNicOf({ nics }: Machine): Nic | undefined {
  return nics.find(({ boots }) => boots) ?? nics.find(({ ips }) => ips.length > 0) ?? nics[0];
}

/** Reports that files say different things of a machine: what was said first counts. */
export function reportConflict(
  what: string,
  whose: string,
  first: Said<string | number>,
  other: Said<string | number>,
  report: Report,
  help = 'correct the one that is wrong, or give the file that is right first',
): void {
  report.warning({
    code: 'import-conflict',
    message: visible(
      `The ${what} of ${whose} is ${other.value} here, and ${first.value} in what was read first: that one counts.`,
    ),
    at: other.at,
    related: [{ message: `the ${what} that counts is at`, at: first.at }],
    help,
  });
}

/** Gives the value that counts of two, and reports where they differ. */
export function firstOf<T extends string | number>(
  first: Said<T> | undefined,
  other: Said<T> | undefined,
  { what, whose, report }: { what: string; whose: string; report: Report },
): Said<T> | undefined {
  if (first && other && first.value !== other.value) reportConflict(what, whose, first, other, report);
  return first ?? other;
}
