import { isAlwaysInstalled } from './boot-change.ts';
import type { NodeChange } from './change.ts';
import { newDiskChange } from './domain-changes.ts';
import type { NodeFacts } from './facts.ts';
import { stepOf } from './step.ts';

/**
 * Says the name of the node whose machine was known by something, and of the one whose is now: by `mac …`, or by `ip …`
 * where it has no MAC address.
 */
export interface Owners {
  was(id: string): string | undefined;
  is(id: string): string | undefined;
}

/** Says that a node has another name: one change or none. */
export function nameChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.name === after.name) return [];
  const change = { what: 'name', before: before.name, after: after.name } as const;
  const renamed = `renamed, was ${before.name}`;
  if (newDiskChange(before, after))
    return [{ ...change, effect: 'installation', text: `${renamed}${madeAnew(before, after)}` }];
  // Its system stays on the disk that it has no more, which is called by the old name.
  if (before.iscsi?.disk !== undefined && before.iscsi.disk !== after.iscsi?.disk)
    return [{ ...change, effect: 'boot', text: renamed }];
  // Linux learns its name from cloud-init, at each boot.
  if (after.os === 'linux') return [{ ...change, effect: 'boot', text: renamed }];
  return [{ ...change, effect: 'installation', text: `${renamed}: an installed system keeps that name` }];
}

/** What a domain goes through that has another name or UUID: to libvirt it is another one. */
function madeAnew(before: NodeFacts, after: NodeFacts): string {
  return before.domain && after.domain ? ': its domain is powered off and made anew' : '';
}

/** Says that a node is another machine, or boots from another NIC of it, or is found by another thing: one change or none. */
export function macChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const step = stepOf(before, after, 'mac');
  if (!step) return keyChange(before, after, owners);
  const { from, to } = step;
  const owner = owners.was(`mac ${to}`);
  const text = [
    `boots from another MAC address: ${from} → ${to}`,
    owner !== undefined && owner !== before.name ? `, that of what was ${owner}` : '',
    // Of a domain there is no machine left that has the old one.
    madeAnew(before, after) ||
      (owners.is(`mac ${from}`) !== undefined ? '' : '; a machine with the old one is a stranger now'),
  ].join('');
  return [{ what: 'mac', before: from, after: to, effect: 'boot', text }];
}

/** A node that has a MAC address only now, or none any more: what names its files, and so what it is found by. */
function keyChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const [from, to] = [before.mac, after.mac];
  if (from === to || !before.bootNic || !after.bootNic) return [];
  const change = { what: 'mac', before: from, after: to, effect: 'boot' } as const;
  if (to === undefined) {
    const text = `is found by its address ${after.ip}, and not by its MAC address ${from} any more: its files are named by that`;
    return [{ ...change, text }];
  }
  const owner = owners.was(`mac ${to}`);
  const whose = owner !== undefined && owner !== before.name ? `, that of what was ${owner}` : '';
  const text = `is found by its MAC address ${to}${whose}, and not by its address ${before.ip} any more: its files are named by that`;
  return [{ ...change, text }];
}

/** What firmware says of a machine, as one would say it. */
const OF_FIRMWARE = { uuid: "its firmware's UUID", serial: "its firmware's serial number" } as const;

/** Says that a node is found by another UUID or serial number, or not any more: no change, one or two. */
export function firmwareIdChanges(before: NodeFacts, after: NodeFacts): NodeChange[] {
  return (['uuid', 'serial'] as const).flatMap((what): NodeChange[] => {
    const [from, to, words] = [before[what], after[what], OF_FIRMWARE[what]];
    if (from === to) return [];
    const change = { what, before: from, after: to, effect: 'boot' } as const;
    if (from === undefined) return [{ ...change, text: `is found by ${words} too: ${to}` }];
    if (to === undefined) return [{ ...change, text: `is not found by ${words} any more: ${from}` }];
    return [{ ...change, text: `is found by ${words} ${to} instead of ${from}` }];
  });
}

/** Says that a node has another address, and what that means to an installed system: one change or none. */
export function addressChange(before: NodeFacts, after: NodeFacts, owners: Owners): NodeChange[] {
  const step = stepOf(before, after, 'ip');
  if (!step) return [];
  const { from, to } = step;
  const change = { what: 'ip', before: from, after: to } as const;
  // Without a MAC address it is what the node's files are named by.
  const isKey = before.mac === undefined && after.mac === undefined && after.bootNic !== undefined;
  if (isKey && after.leases !== false)
    return [{ ...change, effect: 'boot', text: foundElsewhere(from, to, before, after, owners) }];
  const text = `address ${from} → ${to}${isKey ? ', by which its files are named' : ''}`;
  const isKept = after.os === 'harvester' && !isAlwaysInstalled(after);
  if (!isKept) return [{ ...change, effect: 'boot', text }];
  // Without DHCP it is the configuration that says the address.
  if (after.leases === false) return [{ ...change, effect: 'installation', text }];
  const when = after.leases ? ' from its next lease on' : '';
  const why = ': an installed Harvester node must keep the one that it has';
  return [{ ...change, effect: 'boot', text: `${text}${when}${why}` }];
}

/**
 * What comes of another address of a node without a MAC address: its leases are somebody else's, and stay as they are, so
 * that it is another machine that is this node now.
 */
function foundElsewhere(
  from: string,
  to: string,
  before: NodeFacts,
  after: NodeFacts,
  owners: Owners,
): string {
  const [was, is] = [owners.was(`ip ${to}`), owners.is(`ip ${from}`)];
  const found = `is found by its address ${to} instead of ${from}`;
  const isOther = was !== undefined && was !== before.name;
  if (isOther && was === is)
    return `${found}: unless their leases are swapped too, its machine and that of ${is} swap their scripts`;
  const old = is === undefined ? 'is a stranger now' : `is ${is} now`;
  const installs = after.os === 'harvester' && after.install !== 'never' && !isAlwaysInstalled(after);
  const now = `${isOther ? `, which was ${was},` : ''} is this node${installs ? ', and installs if its disk has no system' : ''}`;
  return `${found}: unless its lease is changed too, the machine at ${from} ${old}, and whatever is at ${to}${now}`;
}
