import type { Report } from '../../source/diagnostics/report.ts';
import type { SourceLocation } from '../../source/source.ts';
import { bmcXname, isBmcXname, isNodeXname, plainXname } from '../../values/identifiers.ts';
import { escapeControlChars } from '../../values/text.ts';
import { readName } from '../formats/reservations.ts';
import { displayName } from '../names.ts';
import type { Notes } from '../notes.ts';
import type {
  Gathered,
  GatheredBmc,
  GatheredDisk,
  GatheredMachine,
  GatheredNic,
  GatheredSan,
  Sourced,
} from './gathered.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A machine, with what all files together say of it. */
export interface Machine
  extends Mutable<Omit<GatheredMachine, 'at' | 'isLease' | 'bmc' | 'groups' | 'nics'>> {
  readonly at: SourceLocation;
  bmc?: Bmc | undefined;
  readonly groups: Sourced<string>[];
  readonly nics: Nic[];
}

/** A NIC of a machine. */
export interface Nic extends Mutable<Omit<GatheredNic, 'ips' | 'boots'>> {
  readonly ips: Sourced<string>[];
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
  first: Sourced<string | number>,
  other: Sourced<string | number>,
  report: Report,
  help = 'correct the one that is wrong, or give the file that is right first',
): void {
  report.warning({
    code: 'import-conflict',
    message: escapeControlChars(
      `The ${what} of ${whose} is ${other.value} here, and ${first.value} in what was read first: that one counts.`,
    ),
    at: other.at,
    related: [{ message: `the ${what} that counts is at`, at: first.at }],
    help,
  });
}

/** Gives what is said, without what is undefined: laid over what is said otherwise, it counts before it. */
export function withoutNothing<T extends object>(said: T): T {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as T;
}

/** Gives the value that counts of two, and reports where they differ. */
export function firstOf<T extends string | number>(
  first: Sourced<T> | undefined,
  other: Sourced<T> | undefined,
  { what, whose, report }: { what: string; whose: string; report: Report },
): Sourced<T> | undefined {
  if (first && other && first.value !== other.value) reportConflict(what, whose, first, other, report);
  return first ?? other;
}

/** Gives what a file says of BMCs that it lists among the machines, or alone; undefined for a machine that is none. */
export function asBmc({ at, name, xname, nics = [] }: GatheredMachine): GatheredBmc | undefined {
  const read = readName(name?.value ?? '');
  // SMD may call a node by the xname of a BMC, which is a name like any other then.
  const isOne = xname ? isBmcXname(xname.value) : read.of === 'bmc' && !read.xname;
  const [nic] = nics;
  return isOne ? { at, name, xname, mac: nic?.mac, address: nic?.ips?.[0] } : undefined;
}

/** Gives the BMCs that files list alone. */
export function looseBmcs(gathered: readonly Gathered[]): GatheredBmc[] {
  return gathered.flatMap(({ machines, bmcs = [] }) => [
    ...bmcs,
    ...machines.flatMap((machine) => asBmc(machine) ?? []),
  ]);
}

/**
 * Gives BMCs that are listed alone to their machines: by the xname, which that of the machine begins with; by the name that
 * the machine has for it; by a name such as cg02-bmc; by its MAC address or address. Notes those that are nobody's.
 */
export function attachBmcs(
  machines: readonly Machine[],
  bmcs: readonly GatheredBmc[],
  notes: Notes,
  report: Report,
): void {
  const known = new Map<string, Set<Machine>>();
  for (const machine of machines) {
    const { xname, name, bmc, nics } = machine;
    const said = [bmc?.name, bmc?.mac, bmc?.address, name, ...nics.map((nic) => nic.name)];
    const keys = [
      xname && bmcXname(xname.value),
      bmc?.xname && plainXname(bmc.xname.value),
      ...said.map((one) => one?.value),
      // The name of a NIC stands for its machine: cg02-eth0.
      /^(.+?)[-_.]?(?:eth|en[ops]?)\d+\w*$/.exec(name?.value ?? '')?.[1],
    ];
    for (const key of keys)
      if (key !== undefined)
        known.set(key.toLowerCase(), (known.get(key.toLowerCase()) ?? new Set()).add(machine));
  }
  for (const bmc of bmcs) {
    const read = readName(bmc.name?.value ?? '');
    const node = read.of === 'bmc' ? read.node : undefined;
    const xname = bmc.xname && plainXname(bmc.xname.value);
    const keys = [xname, bmc.mac?.value, bmc.name?.value, node, bmc.address?.value];
    const [holders] = keys.flatMap((key) => known.get(key?.toLowerCase() ?? '') ?? []);
    for (const machine of holders ?? [])
      machine.bmc = mergeBmc(machine.bmc, bmc, machine.xname?.value ?? machine.name?.value ?? '', report);
    if (holders) continue;
    const called = bmc.xname ?? bmc.name ?? bmc.mac ?? bmc.address;
    const of = displayName(called?.value ?? 'a BMC');
    notes.left(of, 'a management controller of no machine that a file names', bmc.at ?? called?.at);
  }
}

/** Leaves a BMC that several machines have, such as the nodes of one blade, to the first of them: a site lists each once. */
export function dropSharedBmcs(machines: readonly Machine[], notes: Notes): void {
  const holders = new Map<string, Machine>();
  for (const machine of machines) {
    const { bmc, xname } = machine;
    if (!bmc) continue;
    const keys = [
      ...(xname && isNodeXname(xname.value) ? [bmcXname(xname.value)] : []),
      ...[bmc.mac, bmc.address].flatMap((said) => (said ? [said.value.toLowerCase()] : [])),
    ];
    const holder = keys.map((key) => holders.get(key)).find((one) => one !== undefined);
    if (holder) {
      const why = `${calledAs(holder)} has it, too: a site says a BMC of one node alone`;
      notes.left(
        `the BMC of ${calledAs(machine)}`,
        why,
        (bmc.address ?? bmc.mac ?? bmc.xname)?.at ?? machine.at,
      );
      machine.bmc = undefined;
    } else for (const key of keys) holders.set(key, machine);
  }
}

/** Gives what two files say of a machine's management controller; reports where they differ. */
export function mergeBmc(known: Bmc | undefined, said: GatheredBmc, whose: string, report: Report): Bmc {
  const first = <T extends string>(
    what: string,
    one: Sourced<T> | undefined,
    other: Sourced<T> | undefined,
  ) => firstOf(one, other, { what: `BMC's ${what}`, whose, report });
  return {
    name: known?.name ?? said.name,
    xname: known?.xname ?? said.xname,
    mac: first('MAC address', known?.mac, said.mac),
    address: first('address', known?.address, said.address),
    user: first('user', known?.user, said.user),
    protocol: known?.protocol ?? said.protocol,
  };
}

/** Gives the disk that counts of two, and reports where they differ; of one target both may say a part. */
export function firstDisk(
  first: GatheredDisk | undefined,
  other: GatheredDisk | undefined,
  whose: string,
  report: Report,
): GatheredDisk | undefined {
  if (!first || !other) return first ?? other;
  const [counts, said] = [first, other].map(({ at, san }) => ({
    value: san ? diskCalled(san) : 'its own',
    at,
  }));
  if (counts && said && counts.value !== said.value) reportConflict('disk', whose, counts, said, report);
  return first;
}

function diskCalled({ target, server, lun }: GatheredSan): string {
  const number = lun && lun.value !== 1 ? `LUN ${lun.value} of ` : '';
  return `${number}${target.value}${server ? ` at ${server.value}` : ''}`;
}
