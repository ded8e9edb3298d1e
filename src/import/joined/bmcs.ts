import { grouped } from '../../values/grouped.ts';
import { bmcXname, isBmcXname, isNodeXname, plainXname } from '../../values/identifiers.ts';
import type { Gathered, GatheredBmc, GatheredMachine } from '../model/gathered.ts';
import { displayName, readName } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { isSameText, mergedValues, withoutNothing } from './first-wins.ts';
import { type Bmc, calledAs, type Machine } from './machine.ts';

/** The values of a BMC, with their names in messages. */
export const OF_BMC = {
  mac: "BMC's MAC address",
  address: "BMC's IP address",
  user: "BMC's user",
  protocol: "BMC's protocol",
} as const;

/** Returns a BMC that a file lists among the machines or alone; undefined for a machine. */
export function asBmc({ at, name, xname, nics: [nic] = [] }: GatheredMachine): GatheredBmc | undefined {
  const read = readName(name?.value ?? '');
  // SMD can use the xname of a BMC for a node; then it is only a name.
  const isBmc = xname ? isBmcXname(xname.value) : read.of === 'bmc' && !read.xname;
  return isBmc ? { at, name, xname, mac: nic?.mac, address: nic?.ips?.[0] } : undefined;
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
  findings: Findings,
): void {
  const known = grouped(
    machines.flatMap((machine) => {
      const { xname, name, bmc, nics } = machine;
      const identifiers = [bmc?.name, bmc?.mac, bmc?.address, name, ...nics.map((nic) => nic.name)];
      const keys = [
        xname && bmcXname(xname.value),
        bmc?.xname && plainXname(bmc.xname.value),
        ...identifiers.map((one) => one?.value),
        // The name of a NIC contains that of its machine: cg02-eth0.
        /^(.+?)[-_.]?(?:eth|en[ops]?)\d+\w*$/.exec(name?.value ?? '')?.[1],
      ];
      return keys.flatMap((key) => (key ? [[key.toLowerCase(), machine] as const] : []));
    }),
  );
  for (const bmc of bmcs) {
    const { name, xname, mac, address } = bmc;
    const read = readName(name?.value ?? '');
    const node = read.of === 'bmc' ? read.node : undefined;
    const keys = [xname && plainXname(xname.value), mac?.value, name?.value, node, address?.value];
    const holders = keys.map((key) => known.get(key?.toLowerCase() ?? '')).find(Boolean);
    for (const machine of new Set(holders)) {
      const whose = machine.xname?.value ?? machine.name?.value ?? '';
      machine.bmc = mergedValues<Bmc>(machine.bmc, bmc, OF_BMC, { whose, findings });
    }
    const called = xname ?? name ?? mac ?? address;
    const of = displayName(called?.value ?? 'a BMC');
    if (!holders)
      findings.notes.left(of, 'a BMC whose machine was not found in the files read', bmc.at ?? called?.at);
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
      xname && isNodeXname(xname.value) && bmcXname(xname.value),
      ...[bmc.mac, bmc.address].map((one) => one?.value.toLowerCase()),
    ].flatMap((key) => key || []);
    const holder = keys.map((key) => holders.get(key)).find(Boolean);
    if (holder?.bmc && isOfTwins(holder, machine))
      machine.bmc = Object.assign(holder.bmc, { ...withoutNothing(bmc), ...withoutNothing(holder.bmc) });
    else if (holder) {
      const why = `${calledAs(holder)} has it too: only nodes whose xnames differ after the n, or with the same IP and MAC address of the BMC, can share one`;
      const { at } = bmc.address ?? bmc.mac ?? bmc.xname ?? machine;
      notes.left(`the BMC of ${calledAs(machine)}`, why, at);
      machine.bmc = undefined;
      continue;
    }
    for (const key of keys) holders.set(key, holder ?? machine);
  }
}

/** Whether two machines can be nodes of one BMC, by the condition of an inventory: `isSharedBmc` of site/nics.ts. */
function isOfTwins({ xname: one, bmc: a }: Machine, { xname: other, bmc: b }: Machine): boolean {
  const isSame = (key: 'address' | 'mac') => !a?.[key] || !b?.[key] || isSameText(a[key], b[key]);
  if (!isSame('address') || !isSame('mac')) return false;
  return one && other ? bmcXname(one.value) === bmcXname(other.value) : Boolean(a?.mac && b?.mac);
}
