import { isSharedSerial, isSharedUuid } from '../../knowledge/known-values.ts';
import { ifEmpty } from './boots.ts';
import { type NodeChange, nodeChange } from './change.ts';
import { newDiskChange } from './domain.ts';
import { installs, isAlwaysInstalled, type NicFacts, type NodeFacts, stepOf } from './facts.ts';
import { describeChange, pairItems, valueText } from './values.ts';

/* The identity of a node's machine: its identifiers, its name, its addresses, its NICs. */

/** Returns the identifiers of a machine at any site: the MAC addresses of its NICs, and its firmware's ids. */
export function machineIds({ nics = [], uuid, serial }: NodeFacts): string[] {
  return [
    ...nics.flatMap(({ mac }) => (mac === undefined ? [] : [`mac ${mac}`])),
    ...(uuid === undefined || isSharedUuid(uuid) ? [] : [`uuid ${uuid}`]),
    ...(serial === undefined || isSharedSerial(serial) ? [] : [`serial ${serial}`]),
  ];
}

/** Returns its identifiers within one site: without a MAC address, also its IP address. */
export function machineIdsHere(node: NodeFacts): string[] {
  const byAddress = node.mac === undefined && node.ip !== undefined;
  return [...machineIds(node), ...(byAddress ? [`ip ${node.ip}`] : [])];
}

/** The names of the nodes with an identifier before and after: `mac …`, or `ip …` for a node without a MAC address. */
export interface Owners {
  was(id: string): string | undefined;
  is(id: string): string | undefined;
}

/** Returns what happens to a domain with another name or UUID: libvirt treats it as another domain. */
function recreated(before: NodeFacts, after: NodeFacts): string {
  return before.domain && after.domain ? ': its domain is powered off and re-created' : '';
}

/** Reports a new name of a node. Returns one change or none. */
export function nameChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [from, to] = [before.name, after.name];
  if (from === to) return [];
  // Its system stays on the old disk, which is named after the old node.
  const isLeft = before.iscsi?.disk !== undefined && before.iscsi.disk !== after.iscsi?.disk;
  const isNew = newDiskChange(before, after) !== undefined;
  // Linux gets its name from cloud-init at each boot.
  const isAtBoot = !isNew && (isLeft || after.os === 'linux');
  const domain = isAtBoot ? '' : recreated(before, after);
  const keeps = `${domain ? ', ' : ': '}an installed system keeps its old name`;
  const text = `renamed, was ${from}${domain}${isNew || isAtBoot ? '' : keeps}`;
  return [nodeChange('name', isAtBoot ? 'boot' : 'installation', text, { before: from, after: to })];
}

/** Reports that a node is another machine, boots from another NIC, or gains or loses its MAC address. */
export function macChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const [from, to] = [before.mac, after.mac];
  if (from === to || !before.bootNic || !after.bootNic) return [];
  const owner = owners.was(`mac ${to}`);
  const formerly = owner !== undefined && owner !== before.name ? `, formerly of ${owner}` : '';
  const isKnown = owners.is(`mac ${from}`) !== undefined;
  // A domain leaves no machine with the old MAC address behind.
  const left =
    recreated(before, after) || (isKnown ? '' : '; a machine with the old MAC address is now unknown');
  const [mac, ip] = ['MAC address', 'IP address'];
  const text =
    from === undefined
      ? `is identified by its ${mac} ${to}${formerly} instead of its ${ip} ${before.ip}: the ${mac} names its files`
      : to === undefined
        ? `is identified by its ${ip} ${after.ip} instead of its ${mac} ${from}: the ${ip} names its files`
        : `boots from another MAC address: ${from} → ${to}${formerly}${left}`;
  return [nodeChange('mac', 'boot', text, { before: from, after: to })];
}

/** Reports a new, changed or removed UUID or serial number of a node. Returns up to two changes. */
export function firmwareIdChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  return (['uuid', 'serial'] as const).flatMap((what): NodeChange[] => {
    const [from, to] = [before[what], after[what]];
    if (from === to) return [];
    const words = `its firmware's ${what === 'uuid' ? 'UUID' : 'serial number'}`;
    const text =
      from === undefined
        ? `is also identified by ${words}: ${to}`
        : to === undefined
          ? `no longer identified by ${words}: ${from}`
          : `is identified by ${words} ${to} instead of ${from}`;
    return [nodeChange(what, 'boot', text, { before: from, after: to })];
  });
}

/** Reports a new IP address of a node, and its effect on an installed system. Returns one change or none. */
export function addressChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const sides = stepOf(before, after, 'ip');
  if (!sides) return [];
  const { before: from, after: to } = sides;
  // Without a MAC address, the IP address names the node's files.
  const isKey = before.mac === undefined && after.mac === undefined && after.bootNic !== undefined;
  if (isKey && after.leases !== false)
    return [nodeChange('ip', 'boot', machineChange(from, to, before, after, owners), sides)];
  const text = `IP address ${from} → ${to}${isKey ? ', which names its files' : ''}`;
  const isInstalled = after.os === 'harvester' && !isAlwaysInstalled(after);
  // Without DHCP, the configuration contains the IP address.
  if (isInstalled && after.leases === false) return [nodeChange('ip', 'installation', text, sides)];
  const when = after.leases ? ' from its next lease on' : '';
  const keeps = `${when}: an installed Harvester node must keep its IP address`;
  return [nodeChange('ip', 'boot', `${text}${isInstalled ? keeps : ''}`, sides)];
}

/** Describes a new IP address of a node without a MAC address: leases do not change, so the node is now another machine. */
function machineChange(from: string, to: string, before: NodeFacts, after: NodeFacts, owners: Owners) {
  const [was, is] = [owners.was(`ip ${to}`), owners.is(`ip ${from}`)];
  const found = `is identified by its IP address ${to} instead of ${from}`;
  const isOther = was !== undefined && was !== before.name;
  if (isOther && was === is)
    return `${found}: unless their leases are swapped too, its machine and the machine of ${is} swap scripts`;
  const old = is === undefined ? 'becomes unknown' : `becomes ${is}`;
  const isInstalled = installs(after) && !isAlwaysInstalled(after);
  const now = `${isOther ? `, formerly ${was},` : ''} becomes this node${isInstalled ? ` and installs ${ifEmpty(after)}` : ''}`;
  return `${found}: unless its lease changes too, the machine at ${from} ${old}, and the machine at ${to}${now}`;
}

type Pair = readonly [old: NicFacts | undefined, now: NicFacts | undefined];

/** Returns the changes of a node's NICs, except the MAC address that it boots from and its own IP address. */
export function nicChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const [olds, news] = [before.nics, after.nics];
  if (!olds || !news) return [];
  return pairItems(olds, news, nicRules([before.bootNic, after.bootNic])).flatMap(([old, now]) => {
    const index = now ? news.indexOf(now) : olds.indexOf(old as NicFacts);
    // The configuration of Harvester contains only the NICs of the network that it boots from.
    const isInstalled =
      after.os !== 'harvester' ||
      (old ?? now)?.network === before.bootNic?.network ||
      (now ?? old)?.network === after.bootNic?.network;
    return compareNics(old, now, index, now === after.bootNic, isInstalled ? 'installation' : 'inventory');
  });
}

/** How NICs match: by MAC address; the boot NICs; by name if one has no MAC address; those with neither. */
const nicRules = (boot: Pair): ((old: NicFacts, now: NicFacts) => boolean)[] => [
  (old, now) => old.mac !== undefined && old.mac === now.mac,
  (old, now) => old === boot[0] && now === boot[1],
  (old, now) =>
    (old.mac === undefined || now.mac === undefined) && old.name !== undefined && old.name === now.name,
  (old, now) => [old, now].every(({ mac, name }) => mac === undefined && name === undefined),
];

const OF_NIC = { mac: 'MAC address', name: 'name', network: 'network', ip: 'IP address' } as const;

function compareNics(
  old: Pair[0],
  now: Pair[1],
  index: number,
  isBoot: boolean,
  later: 'installation' | 'inventory',
): NodeChange[] {
  const { mac, name } = now ?? old ?? {};
  const change = { what: 'nic', key: mac ?? name, effect: later } as const;
  const nic = `NIC ${name === undefined || mac === undefined ? (mac ?? name ?? index + 1) : `${name} (${mac})`}`;
  if (!old) return [{ ...change, after: now, text: `${nic} is new, on network ${valueText(now?.network)}` }];
  if (!now) return [{ ...change, before: old, text: `${nic} is gone` }];
  return (['mac', 'name', 'network', 'ip'] as const).flatMap((key): NodeChange[] => {
    const [from, to] = [old[key], now[key]];
    if (from === to || (isBoot && (key === 'ip' || key === 'mac'))) return [];
    const effect = key === 'ip' ? 'boot' : later;
    return [
      {
        ...change,
        effect,
        before: old,
        after: now,
        text: `${nic}: ${OF_NIC[key]} ${describeChange(from, to)}`,
      },
    ];
  });
}
