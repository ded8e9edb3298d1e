import { isAlwaysInstalled } from './boot-change.ts';
import type { NodeChange } from './change.ts';
import { newDiskChange } from './domain-changes.ts';
import type { NodeFacts } from './facts.ts';
import { stepOf } from './step.ts';

/** Says whose a MAC address was, and whether any machine of the site has it now. */
export interface Macs {
  wasOf(mac: string): string | undefined;
  isKnown(mac: string): boolean;
}

/** Says that a node has another name: one change or none. */
export function nameChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  if (before.name === after.name) return [];
  const kept = newDiskChange(before, after)
    ? madeAnew(before, after)
    : ': an installed system keeps that name';
  const text = `renamed, was ${before.name}${kept}`;
  return [{ what: 'name', before: before.name, after: after.name, effect: 'installation', text }];
}

/** What a domain goes through that has another name or UUID: to libvirt it is another one. */
function madeAnew(before: NodeFacts, after: NodeFacts): string {
  return before.domain && after.domain ? ': its domain is powered off and made anew' : '';
}

/** Says that a node is another machine, or boots from another NIC of it, or is found by another thing: one change or none. */
export function macChange(before: NodeFacts, after: NodeFacts, macs: Macs): NodeChange[] {
  const step = stepOf(before, after, 'mac');
  if (!step) return keyChange(before, after, macs);
  const { from, to } = step;
  const owner = macs.wasOf(to);
  const text = [
    `boots from another MAC address: ${from} → ${to}`,
    owner !== undefined && owner !== before.name ? `, that of what was ${owner}` : '',
    // Of a domain there is no machine left that has the old one.
    madeAnew(before, after) || (macs.isKnown(from) ? '' : '; a machine with the old one is a stranger now'),
  ].join('');
  return [{ what: 'mac', before: from, after: to, effect: 'boot', text }];
}

/** A node that has a MAC address only now, or none any more: what names its files, and so what it is found by. */
function keyChange(before: NodeFacts, after: NodeFacts, macs: Macs): NodeChange[] {
  const [from, to] = [before.mac, after.mac];
  if (from === to || !before.bootNic || !after.bootNic) return [];
  const change = { what: 'mac', before: from, after: to, effect: 'boot' } as const;
  if (to === undefined) {
    const text = `is found by its address ${after.ip}, and not by its MAC address ${from} any more: its files are named by that`;
    return [{ ...change, text }];
  }
  const owner = macs.wasOf(to);
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
export function addressChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const step = stepOf(before, after, 'ip');
  if (!step) return [];
  const change = { what: 'ip', before: step.from, after: step.to } as const;
  // Without a MAC address it is what the node's files are named by.
  const isKey = before.mac === undefined && after.mac === undefined && after.bootNic !== undefined;
  const text = `address ${step.from} → ${step.to}${isKey ? ', by which it is found' : ''}`;
  const isKept = after.os === 'harvester' && !isAlwaysInstalled(after);
  if (!isKept) return [{ ...change, effect: 'boot', text }];
  // Without DHCP it is the configuration that says the address.
  if (after.leases === false) return [{ ...change, effect: 'installation', text }];
  const when = after.leases ? ' from its next lease on' : '';
  const why = ': an installed Harvester node must keep the one that it has';
  return [{ ...change, effect: 'boot', text: `${text}${when}${why}` }];
}
