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

/** Says that a node is another machine, or boots from another NIC of it: one change or none. */
export function macChange(before: NodeFacts, after: NodeFacts, macs: Macs): NodeChange[] {
  const step = stepOf(before, after, 'mac');
  if (!step) return [];
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

/** Says that a node has another address, and what that means to an installed system: one change or none. */
export function addressChange(before: NodeFacts, after: NodeFacts): NodeChange[] {
  const step = stepOf(before, after, 'ip');
  if (!step) return [];
  const change = { what: 'ip', before: step.from, after: step.to } as const;
  const text = `address ${step.from} → ${step.to}`;
  const isKept = after.os === 'harvester' && !isAlwaysInstalled(after);
  if (!isKept) return [{ ...change, effect: 'boot', text }];
  // Without DHCP it is the configuration that says the address.
  if (after.leases === false) return [{ ...change, effect: 'installation', text }];
  const when = after.leases ? ' from its next lease on' : '';
  const why = ': an installed Harvester node must keep the one that it has';
  return [{ ...change, effect: 'boot', text: `${text}${when}${why}` }];
}
