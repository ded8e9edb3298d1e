import type { Report } from '../../source/diagnostics/report.ts';
import type { SourceLocation } from '../../source/source.ts';
import { bmcXname, isBmcXname, isNodeXname, plainXname } from '../../values/identifiers.ts';
import { escapeControlChars } from '../../values/text.ts';
import type {
  Gathered,
  GatheredBmc,
  GatheredBoot,
  GatheredDisk,
  GatheredMachine,
  GatheredNic,
  GatheredSan,
  Sourced,
} from '../model/gathered.ts';
import { displayName, readName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';

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

/** Returns the NIC that a machine boots from: the one set in a file, otherwise the first, preferably with an IP address. */
export function bootNicOf({ nics }: Machine): Nic | undefined {
  return nics.find(({ boots }) => boots) ?? nics.find(({ ips }) => ips.length > 0) ?? nics[0];
}

/** Reports different values in two files; the first one applies. */
export function reportConflict(
  what: string,
  whose: string,
  first: Sourced<string | number | boolean>,
  other: Sourced<string | number | boolean>,
  report: Report,
  help = 'correct the wrong value, or import the file with the right one first',
): void {
  report.warning({
    code: 'import-conflict',
    message: escapeControlChars(
      `The ${what} of ${whose} is ${other.value} here, but ${first.value} in an earlier entry, which takes precedence.`,
    ),
    at: other.at,
    related: [{ message: `the ${what} in effect is at`, at: first.at }],
    help,
  });
}

/** Whether two texts differ only in case. */
export function isSameText(one: Sourced<string>, other: Sourced<string>): boolean {
  return one.value.toLowerCase() === other.value.toLowerCase();
}

/** Returns a copy without undefined values, to be merged over other values. */
export function withoutNothing<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/** Returns the first of two values, and reports a difference. */
export function firstOf<T extends string | number>(
  first: Sourced<T> | undefined,
  other: Sourced<T> | undefined,
  { what, whose, report }: { what: string; whose: string; report: Report },
): Sourced<T> | undefined {
  if (first && other && first.value !== other.value) reportConflict(what, whose, first, other, report);
  return first ?? other;
}

/** Returns the values of two entries as one, and reports differences of the values with a word; the first ones apply. */
export function mergedValues<T extends object>(
  first: T | undefined,
  other: T,
  words: { readonly [K in keyof T]?: string },
  context: { whose: string; report: Report },
): T {
  for (const [key, what] of Object.entries(words) as [keyof T, string][])
    firstOf(first?.[key] as Sourced<string> | undefined, other[key] as Sourced<string> | undefined, {
      what,
      ...context,
    });
  return { ...withoutNothing(other), ...(first && withoutNothing(first)) };
}

/** Returns a BMC that a file lists among the machines or alone; undefined for a machine. */
export function asBmc({ at, name, xname, nics = [] }: GatheredMachine): GatheredBmc | undefined {
  const read = readName(name?.value ?? '');
  // SMD can use the xname of a BMC for a node; then it is only a name.
  const isOne = xname ? isBmcXname(xname.value) : read.of === 'bmc' && !read.xname;
  const [nic] = nics;
  return isOne ? { at, name, xname, mac: nic?.mac, address: nic?.ips?.[0] } : undefined;
}

/** Returns the BMCs that files list alone. */
export function looseBmcs(gathered: readonly Gathered[]): GatheredBmc[] {
  return gathered.flatMap(({ machines, bmcs = [] }) => [
    ...bmcs,
    ...machines.flatMap((machine) => asBmc(machine) ?? []),
  ]);
}

/**
 * Adds BMCs that are listed alone to their machines. They match by an xname that is a prefix of the machine's, by the name in
 * the machine, by a name such as cg02-bmc, or by MAC or IP address. Adds a note on each BMC without a machine.
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
    const identifiers = [bmc?.name, bmc?.mac, bmc?.address, name, ...nics.map((nic) => nic.name)];
    const keys = [
      xname && bmcXname(xname.value),
      bmc?.xname && plainXname(bmc.xname.value),
      ...identifiers.map((one) => one?.value),
      // The name of a NIC contains that of its machine: cg02-eth0.
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
    for (const machine of holders ?? []) {
      const whose = machine.xname?.value ?? machine.name?.value ?? '';
      machine.bmc = mergedValues<Bmc>(machine.bmc, bmc, OF_BMC, { whose, report });
    }
    if (holders) continue;
    const called = bmc.xname ?? bmc.name ?? bmc.mac ?? bmc.address;
    const of = displayName(called?.value ?? 'a BMC');
    notes.left(of, 'a BMC without a machine in any file', bmc.at ?? called?.at);
  }
}

/**
 * Completes a BMC that several nodes share, such as those of one blade: an inventory lists it for each, with the same values.
 * Drops it for a machine that cannot be such a node, with a note.
 */
export function joinSharedBmcs(machines: readonly Machine[], notes: Notes): void {
  const holders = new Map<string, Machine>();
  for (const machine of machines) {
    const { bmc, xname } = machine;
    if (!bmc) continue;
    const keys = [
      ...(xname && isNodeXname(xname.value) ? [bmcXname(xname.value)] : []),
      ...[bmc.mac, bmc.address].flatMap((one) => (one ? [one.value.toLowerCase()] : [])),
    ];
    const holder = keys.map((key) => holders.get(key)).find((one) => one !== undefined);
    if (holder?.bmc && isOfTwins(holder, machine)) {
      machine.bmc = Object.assign(holder.bmc, { ...withoutNothing(bmc), ...withoutNothing(holder.bmc) });
      for (const key of keys) holders.set(key, holder);
    } else if (holder) {
      const why = `${calledAs(holder)} has it too: only nodes whose xnames differ after the n, or with the same IP and MAC address of the BMC, can share one`;
      notes.left(
        `the BMC of ${calledAs(machine)}`,
        why,
        (bmc.address ?? bmc.mac ?? bmc.xname)?.at ?? machine.at,
      );
      machine.bmc = undefined;
    } else for (const key of keys) holders.set(key, machine);
  }
}

/** Whether two machines can be nodes of one BMC, by the condition of an inventory: `isSharedBmc` of site/nics.ts. */
function isOfTwins({ xname: one, bmc: a }: Machine, { xname: other, bmc: b }: Machine): boolean {
  const isSame = (key: 'address' | 'mac') =>
    !a?.[key] || !b?.[key] || a[key].value.toLowerCase() === b[key].value.toLowerCase();
  if (!isSame('address') || !isSame('mac')) return false;
  return one && other ? bmcXname(one.value) === bmcXname(other.value) : Boolean(a?.mac && b?.mac);
}

/** The values of a BMC, with their names in messages. */
export const OF_BMC = {
  mac: "BMC's MAC address",
  address: "BMC's IP address",
  user: "BMC's user",
  protocol: "BMC's protocol",
} as const;
/** The values of a virtual machine, with their names in messages. */
export const OF_VM = {
  memory: 'memory',
  vcpus: 'number of CPUs',
  secureBoot: 'Secure Boot',
  disk: 'size of the disk',
} as const;

/** Returns the first of two disks and reports a difference; two files can each contain a part of one target. */
export function firstDisk(
  first: GatheredDisk | undefined,
  other: GatheredDisk | undefined,
  whose: string,
  report: Report,
): GatheredDisk | undefined {
  if (!first || !other) return first ?? other;
  const [one, another] = [first, other].map(({ at, san }) => ({
    value: san ? diskCalled(san) : 'its own',
    at,
  }));
  if (one && another && one.value !== another.value) reportConflict('disk', whose, one, another, report);
  return first;
}

function diskCalled({ target, server, lun }: GatheredSan): string {
  const number = lun && lun.value !== 1 ? `LUN ${lun.value} of ` : '';
  return `${number}${target.value}${server ? ` at ${server.value}` : ''}`;
}
