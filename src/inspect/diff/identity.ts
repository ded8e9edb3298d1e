import { isSharedSerial, isSharedUuid } from '../../knowledge/known-values.ts';
import { newDiskChange } from './boots.ts';
import { type NodeChange, nodeChange } from './change.ts';
import { installs, isAlwaysInstalled, type NicFacts, type NodeFacts, stepOf } from './facts.ts';
import { turn, valueText } from './values.ts';

/* Which machine a node is: what it is known and found by, its name, its addresses, its NICs. */

/** Returns what a machine is known by wherever it is: the MAC addresses of its NICs, and its firmware's own ids. */
export function machineIds({ nics = [], uuid, serial }: NodeFacts): string[] {
  return [
    ...nics.flatMap(({ mac }) => (mac === undefined ? [] : [`mac ${mac}`])),
    ...(uuid === undefined || isSharedUuid(uuid) ? [] : [`uuid ${uuid}`]),
    ...(serial === undefined || isSharedSerial(serial) ? [] : [`serial ${serial}`]),
  ];
}

/** Returns the same within one site, where one without a MAC address is known by its address, too. */
export function machineIdsHere(node: NodeFacts): string[] {
  const byAddress = node.mac === undefined && node.ip !== undefined;
  return [...machineIds(node), ...(byAddress ? [`ip ${node.ip}`] : [])];
}

/** The names of the nodes whose machine was, and is, known by `mac …`, or by `ip …` where it has no MAC address. */
export interface Owners {
  was(id: string): string | undefined;
  is(id: string): string | undefined;
}

/** Says that a node has another name: one change or none. */
export function nameChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.name, after.name];
  if (from === to) return [];
  const told = (effect: 'boot' | 'installation', more = '') => [
    nodeChange('name', effect, `renamed, was ${from}${more}`, { before: from, after: to }),
  ];
  if (newDiskChange(before, after)) return told('installation', madeAnew(before, after));
  // Its system stays on the disk that it has no more, which is called by the old name.
  const isLeft = before.iscsi?.disk !== undefined && before.iscsi.disk !== after.iscsi?.disk;
  // Linux learns its name from cloud-init, at each boot.
  if (isLeft || after.os === 'linux') return told('boot');
  return told('installation', ': an installed system keeps that name');
}

/** What a domain goes through that has another name or UUID: to libvirt it is another one. */
function madeAnew(before: NodeFacts, after: NodeFacts): string {
  return before.domain && after.domain ? ': its domain is powered off and made anew' : '';
}

/** Says that a node is another machine, boots from another NIC, or has a MAC address only now or none any more. */
export function macChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const [from, to] = [before.mac, after.mac];
  if (from === to || !before.bootNic || !after.bootNic) return [];
  const owner = owners.was(`mac ${to}`);
  const whose = owner !== undefined && owner !== before.name ? `, that of what was ${owner}` : '';
  const named = 'any more: its files are named by that';
  // Of a domain there is no machine left that has the old one.
  const stranger =
    owners.is(`mac ${from}`) === undefined ? '; a machine with the old one is a stranger now' : '';
  const text =
    from === undefined
      ? `is found by its MAC address ${to}${whose}, and not by its address ${before.ip} ${named}`
      : to === undefined
        ? `is found by its address ${after.ip}, and not by its MAC address ${from} ${named}`
        : `boots from another MAC address: ${from} → ${to}${whose}${madeAnew(before, after) || stranger}`;
  return [nodeChange('mac', 'boot', text, { before: from, after: to })];
}

/** Says that a node is found by another UUID or serial number, or not any more: no change, one or two. */
export function firmwareIdChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  return (['uuid', 'serial'] as const).flatMap((what): NodeChange[] => {
    const [from, to] = [before[what], after[what]];
    if (from === to) return [];
    const words = `its firmware's ${what === 'uuid' ? 'UUID' : 'serial number'}`;
    const text =
      from === undefined
        ? `is found by ${words} too: ${to}`
        : to === undefined
          ? `is not found by ${words} any more: ${from}`
          : `is found by ${words} ${to} instead of ${from}`;
    return [nodeChange(what, 'boot', text, { before: from, after: to })];
  });
}

/** Says that a node has another address, and what that means to an installed system: one change or none. */
export function addressChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const step = stepOf(before, after, 'ip');
  if (!step) return [];
  const { from, to } = step;
  const told = (effect: 'boot' | 'installation', text: string) => [
    nodeChange('ip', effect, text, { before: from, after: to }),
  ];
  // Without a MAC address it is what the node's files are named by.
  const isKey = before.mac === undefined && after.mac === undefined && after.bootNic !== undefined;
  if (isKey && after.leases !== false) return told('boot', foundElsewhere(from, to, before, after, owners));
  const text = `address ${from} → ${to}${isKey ? ', by which its files are named' : ''}`;
  if (after.os !== 'harvester' || isAlwaysInstalled(after)) return told('boot', text);
  // Without DHCP it is the configuration that says the address.
  if (after.leases === false) return told('installation', text);
  const when = after.leases ? ' from its next lease on' : '';
  return told('boot', `${text}${when}: an installed Harvester node must keep the one that it has`);
}

/** What comes of another address of a node without a MAC address: leases stay as they are, so it is another machine now. */
function foundElsewhere(from: string, to: string, before: NodeFacts, after: NodeFacts, owners: Owners) {
  const [was, is] = [owners.was(`ip ${to}`), owners.is(`ip ${from}`)];
  const found = `is found by its address ${to} instead of ${from}`;
  const isOther = was !== undefined && was !== before.name;
  if (isOther && was === is)
    return `${found}: unless their leases are swapped too, its machine and that of ${is} swap their scripts`;
  const old = is === undefined ? 'is a stranger now' : `is ${is} now`;
  const isInstalled = installs(after) && !isAlwaysInstalled(after);
  const now = `${isOther ? `, which was ${was},` : ''} is this node${isInstalled ? ', and installs if its disk has no system' : ''}`;
  return `${found}: unless its lease is changed too, the machine at ${from} ${old}, and whatever is at ${to}${now}`;
}

type Pair = readonly [old: NicFacts | undefined, now: NicFacts | undefined];

/** Says which NICs of a node are not what they were, but for the MAC address that it boots from and its own address. */
export function nicChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [olds, news] = [before.nics, after.nics];
  if (!olds || !news) return [];
  return pairsOf(olds, news, [before.bootNic, after.bootNic]).flatMap(([old, now]) => {
    const index = now ? news.indexOf(now) : olds.indexOf(old as NicFacts);
    return compareNics(old, now, index, now === after.bootNic);
  });
}

/** Matches NICs: by MAC address, the ones that boot, by name where one has no MAC address, and those without either. */
function pairsOf(before: readonly NicFacts[], after: readonly NicFacts[], boot: Pair): Pair[] {
  const left = new Set(before);
  const matched = new Map<NicFacts, NicFacts>();
  const match = (isSame: (old: NicFacts, now: NicFacts) => boolean) => {
    for (const now of after) {
      const old = matched.has(now) ? undefined : [...left].find((one) => isSame(one, now));
      if (!old) continue;
      left.delete(old);
      matched.set(now, old);
    }
  };
  const lacksMac = (old: NicFacts, now: NicFacts) => old.mac === undefined || now.mac === undefined;
  match((old, now) => old.mac !== undefined && old.mac === now.mac);
  match((old, now) => old === boot[0] && now === boot[1]);
  match((old, now) => lacksMac(old, now) && old.name !== undefined && old.name === now.name);
  match((old, now) => [old, now].every(({ mac, name }) => mac === undefined && name === undefined));
  return [
    ...after.map((now): Pair => [matched.get(now), now]),
    ...[...left].map((old): Pair => [old, undefined]),
  ];
}

const OF_NIC = { mac: 'MAC address', name: 'name', network: 'network', ip: 'address' } as const;

function compareNics(old: Pair[0], now: Pair[1], index: number, isBoot: boolean): NodeChange[] {
  const { mac, name } = now ?? old ?? {};
  const change = { what: 'nic', key: mac ?? name, effect: 'installation' } as const;
  const nic = `NIC ${name === undefined || mac === undefined ? (mac ?? name ?? index + 1) : `${name} (${mac})`}`;
  if (!old) return [{ ...change, after: now, text: `${nic} is new, on network ${valueText(now?.network)}` }];
  if (!now) return [{ ...change, before: old, text: `${nic} is gone` }];
  return (['mac', 'name', 'network', 'ip'] as const).flatMap((key): NodeChange[] => {
    const [from, to] = [old[key], now[key]];
    if (from === to || (isBoot && (key === 'ip' || key === 'mac'))) return [];
    const effect = key === 'ip' ? 'boot' : 'installation';
    return [{ ...change, effect, before: old, after: now, text: `${nic}: ${OF_NIC[key]} ${turn(from, to)}` }];
  });
}
