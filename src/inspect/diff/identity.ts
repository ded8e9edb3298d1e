import { inRelease, installedKey } from '../../knowledge/installed-keys.ts';
import { isSharedSerial, isSharedUuid } from '../../knowledge/known-values.ts';
import { parseVersion } from '../../values/version.ts';
import { ifEmpty } from './boots.ts';
import { type Found, nodeChange, type Pair } from './change.ts';
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

/** Returns what happens to a domain with another name or UUID: libvirt treats it as another domain. */
function recreated({ before, after }: Pair): string {
  return before.domain && after.domain ? ': its domain is powered off and re-created' : '';
}

/** Reports a new name of a node. Returns one change or none. */
export function nameChange(pair: Pair): Found[] {
  const { before, after } = pair;
  const [from, to] = [before.name, after.name];
  if (from === to) return [];
  // Its system stays on the old disk, which is named after the old node.
  const isLeft = before.iscsi?.disk !== undefined && before.iscsi.disk !== after.iscsi?.disk;
  const isNew = newDiskChange(pair).length > 0;
  // Linux gets its name from cloud-init at each boot.
  const isAtBoot = !isNew && (isLeft || after.os === 'linux');
  const domain = isAtBoot ? '' : recreated(pair);
  const keeps = isNew || isAtBoot ? '' : `${domain ? ', ' : ': '}an installed system keeps its old name`;
  const effect = isAtBoot ? 'boot' : 'installation';
  return [nodeChange('name', effect, `renamed, was ${from}${domain}${keeps}`, { before: from, after: to })];
}

/** Reports that a node is another machine, boots from another NIC, or gains or loses its MAC address. */
export function macChange(pair: Pair): Found[] {
  const { before, after, machine } = pair;
  const [from, to] = [before.mac, after.mac];
  if (from === to || !before.bootNic || !after.bootNic) return [];
  const owner = machine.was(`mac ${to}`);
  const formerly = owner !== undefined && owner !== before.name ? `, formerly of ${owner}` : '';
  const changed = (text: string) => [nodeChange('mac', 'boot', text, { before: from, after: to })];
  if (from === undefined || to === undefined) {
    const [old, now] = [before, after].map(({ mac, ip }) =>
      mac === undefined ? ['IP address', ip] : ['MAC address', mac],
    ) as [string[], string[]];
    return changed(
      `is identified by its ${now.join(' ')}${formerly} instead of its ${old.join(' ')}: the ${now[0]} names its files`,
    );
  }
  // A domain leaves no machine with the old MAC address behind.
  const isUnknown = machine.is(`mac ${from}`) === undefined;
  const left = recreated(pair) || (isUnknown ? '; a machine with the old MAC address is now unknown' : '');
  return changed(
    `boots from another MAC address: ${from} → ${to}${formerly}${left}${owner ? '' : keptMac(pair, from)}`,
  );
}

/** Returns what an installed system makes of a new NIC: its profiles name NICs (harvester-installer v1.8.1 pkg/config/templates/nm-bond-slave.nmconnection). */
function keptMac({ after }: Pair, mac: string): string {
  const version = parseVersion(after.release ?? '');
  const row = installedKey('install.management_interface.interfaces');
  if (!version || !row || after.os !== 'harvester' || isAlwaysInstalled(after) || after.domain) return '';
  return `; an installed system keeps ${mac} in its files, but finds the NIC by name: if that changes too, ${inRelease(row)(version).how}`;
}

/** Reports a new IP address of a node, and its effect on an installed system. Returns one change or none. */
export function addressChange(pair: Pair): Found[] {
  const { before, after } = pair;
  const sides = stepOf(pair, 'ip');
  if (!sides) return [];
  const { before: from, after: to } = sides;
  // Without a MAC address, the IP address names the node's files.
  const isKey = before.mac === undefined && after.mac === undefined && after.bootNic?.ip === to;
  if (isKey && after.leases !== false)
    return [nodeChange('ip', 'boot', machineChange(from, to, pair), sides)];
  const text = `IP address ${from} → ${to}${isKey ? ', which names its files' : ''}`;
  const isInstalled = after.os === 'harvester' && !isAlwaysInstalled(after);
  // Without DHCP, the configuration contains the IP address.
  if (isInstalled && after.isLeased === false) return [nodeChange('ip', 'installation', text, sides)];
  const when = after.isLeased ? ' from its next lease on' : '';
  const keeps = `${when}: an installed Harvester node must keep its IP address`;
  return [nodeChange('ip', 'boot', `${text}${isInstalled ? keeps : ''}`, sides)];
}

/** Describes a new IP address of a node without a MAC address: leases do not change, so the node is now another machine. */
function machineChange(from: string, to: string, { before, after, machine }: Pair): string {
  const [was, is] = [machine.was(`ip ${to}`), machine.is(`ip ${from}`)];
  const text = `is identified by its IP address ${to} instead of ${from}`;
  const isOther = was !== undefined && was !== before.name;
  if (isOther && was === is)
    return `${text}: unless their leases are swapped too, its machine and the machine of ${is} swap scripts`;
  const old = is === undefined ? 'becomes unknown' : `becomes ${is}`;
  const isInstalled = installs(after) && !isAlwaysInstalled(after);
  const now = `${isOther ? `, formerly ${was},` : ''} becomes this node${isInstalled ? ` and installs ${ifEmpty(after)}` : ''}`;
  return `${text}: unless its lease changes too, the machine at ${from} ${old}, and the machine at ${to}${now}`;
}

/** The keys of a NIC, by which it is called. */
const NIC_WORDS = { mac: 'MAC address', name: 'name', network: 'network', ip: 'IP address' } as const;

/** Whether the IP address of a NIC is that of its node, whose change is reported. */
const isOwn = ({ ip, network }: NicFacts, node: NodeFacts) => ip === node.ip && network === node.managed;

/** Returns the changes of a node's NICs, except the MAC address that it boots from and its own IP address. */
export function nicChanges({ before, after }: Pair): Found[] {
  const [olds, news] = [before.nics, after.nics];
  if (!olds || !news) return [];
  // By MAC address, that of a port with two networks on each; the boot NICs; by name if one has no MAC address; those with neither.
  const rules: readonly ((old: NicFacts, now: NicFacts) => boolean)[] = [
    (old, now) => old.mac !== undefined && old.mac === now.mac && old.network === now.network,
    (old, now) => old.mac !== undefined && old.mac === now.mac,
    (old, now) => old === before.bootNic && now === after.bootNic,
    (old, now) =>
      (old.mac === undefined || now.mac === undefined) && old.name !== undefined && old.name === now.name,
    (old, now) => [old, now].every(({ mac, name }) => mac === undefined && name === undefined),
  ];
  return pairItems(olds, news, rules).flatMap(([old, now]): Found[] => {
    const { mac, name } = now ?? old ?? {};
    const index = now ? news.indexOf(now) : olds.indexOf(old as NicFacts);
    // The configuration of Harvester contains only the NICs of its management network.
    const isInstalled =
      after.os !== 'harvester' ||
      (old ?? now)?.network === before.managed ||
      (now ?? old)?.network === after.managed;
    const later = isInstalled ? 'installation' : 'inventory';
    const nic = `NIC ${name === undefined || mac === undefined ? (mac ?? name ?? index + 1) : `${name} (${mac})`}`;
    const sides = { key: mac ?? name, ...(old && { before: old }), ...(now && { after: now }) };
    if (!old)
      return [nodeChange('nic', later, `${nic} is new, on network ${valueText(now?.network)}`, sides)];
    if (!now) return [nodeChange('nic', later, `${nic} is gone`, sides)];
    return (['mac', 'name', 'network', 'ip'] as const).flatMap((key): Found[] => {
      const [from, to] = [old[key], now[key]];
      if (
        from === to ||
        (now === after.bootNic && key === 'mac') ||
        (key === 'ip' && isOwn(old, before) && isOwn(now, after))
      )
        return [];
      const text = `${nic}: ${NIC_WORDS[key]} ${describeChange(from, to)}`;
      return [nodeChange('nic', key === 'ip' ? 'boot' : later, text, sides)];
    });
  });
}
