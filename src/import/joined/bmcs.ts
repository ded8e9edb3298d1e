import type { Report } from '../../source/diagnostics/report.ts';
import { bmcXname, isBmcXname, isNodeXname, plainXname } from '../../values/xname.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import type { Gathered, GatheredBmc, GatheredMachine } from './gathered.ts';
import { calledAs, type Machine } from './machine.ts';
import { mergeBmc } from './merge-bmc.ts';
import { readName } from './reservations/read-name.ts';

/** Gives what a file says of BMCs that it lists among the machines, or alone; undefined for a machine that is none. */
export function asBmc({ at, name, xname, nics = [] }: GatheredMachine): GatheredBmc | undefined {
  const read = readName(name?.value ?? '');
  // SMD may call a node by the xname of a BMC, which is a name like any other then.
  const isOne = xname ? isBmcXname(xname.value) : read.of === 'bmc' && !read.xname;
  if (!isOne) return undefined;
  const [nic] = nics;
  return { at, name, xname, mac: nic?.mac, address: nic?.ips?.[0] };
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
  const known = new Map<string, Machine[]>();
  const learn = (key: string | undefined, machine: Machine) => {
    if (key === undefined) return;
    const holders = known.get(key.toLowerCase());
    if (!holders) known.set(key.toLowerCase(), [machine]);
    else if (!holders.includes(machine)) holders.push(machine);
  };
  for (const machine of machines) {
    const { xname, name, bmc, nics } = machine;
    learn(xname && bmcXname(xname.value), machine);
    learn(bmc?.xname && plainXname(bmc.xname.value), machine);
    for (const one of [bmc?.name, bmc?.mac, bmc?.address, name, ...nics.map((nic) => nic.name)])
      learn(one?.value, machine);
    // The name of a NIC stands for its machine: cg02-eth0.
    learn(/^(.+?)[-_.]?(?:eth|en[ops]?)\d+\w*$/.exec(name?.value ?? '')?.[1], machine);
  }
  for (const bmc of bmcs) {
    const read = readName(bmc.name?.value ?? '');
    const node = read.of === 'bmc' ? read.node : undefined;
    const xname = bmc.xname && plainXname(bmc.xname.value);
    const keys = [xname, bmc.mac?.value, bmc.name?.value, node, bmc.address?.value];
    const [holders = []] = keys.flatMap((key) => {
      const found = key === undefined ? undefined : known.get(key.toLowerCase());
      return found ? [found] : [];
    });
    for (const machine of holders)
      machine.bmc = mergeBmc(machine.bmc, bmc, machine.xname?.value ?? machine.name?.value ?? '', report);
    if (holders.length > 0) continue;
    const called = bmc.xname ?? bmc.name ?? bmc.mac ?? bmc.address;
    notes.add(
      'left',
      quoteVisibly(called?.value ?? 'a BMC'),
      'a management controller of no machine that a file names',
      bmc.at ?? called?.at,
    );
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
