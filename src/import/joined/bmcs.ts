import type { Report } from '../../source/diagnostics/report.ts';
import { bmcXname, isBmcXname, isNodeXname, plainXname } from '../../values/identifiers.ts';
import { readName } from '../formats/reservations.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { Gathered, GatheredBmc, GatheredMachine, Said } from './gathered.ts';
import { type Bmc, calledAs, firstOf, type Machine } from './machine.ts';

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
    const of = quoteVisibly(called?.value ?? 'a BMC');
    notes.add('left', of, 'a management controller of no machine that a file names', bmc.at ?? called?.at);
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
      notes.add(
        'left',
        `the BMC of ${calledAs(machine)}`,
        `${calledAs(holder)} has it, too: a site says a BMC of one node alone`,
        (bmc.address ?? bmc.mac ?? bmc.xname)?.at ?? machine.at,
      );
      machine.bmc = undefined;
    } else for (const key of keys) holders.set(key, machine);
  }
}

/** Gives what two files say of a machine's management controller; reports where they differ. */
export function mergeBmc(known: Bmc | undefined, said: GatheredBmc, whose: string, report: Report): Bmc {
  const first = <T extends string>(what: string, one: Said<T> | undefined, other: Said<T> | undefined) =>
    firstOf(one, other, { what: `BMC's ${what}`, whose, report });
  return {
    name: known?.name ?? said.name,
    xname: known?.xname ?? said.xname,
    mac: first('MAC address', known?.mac, said.mac),
    address: first('address', known?.address, said.address),
    user: first('user', known?.user, said.user),
    protocol: known?.protocol ?? said.protocol,
  };
}
