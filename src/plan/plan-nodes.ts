import { newNode } from './boot-change.ts';
import type { NodePlan } from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import type { NodeFacts, SiteFacts } from './facts.ts';
import type { Macs } from './identity-changes.ts';

/**
 * Says which nodes are not what they were: in the order of the inventory, those that are gone after them. Nodes are
 * matched by name; one whose name is new, and whose MAC address was that of one whose name is gone, is renamed.
 */
export function planNodes(before: SiteFacts, after: SiteFacts): NodePlan[] {
  const owners = byMac(before);
  const now = byMac(after);
  const macs: Macs = { wasOf: (mac) => owners.get(mac)?.name, isKnown: (mac) => now.has(mac) };
  const matched = new Set<string>();
  const plans: NodePlan[] = [];
  for (const node of after.nodes.values()) {
    const old = before.nodes.get(node.name) ?? formerSelf(node);
    if (!old) {
      const { change, consequence } = newNode(node);
      plans.push({ node: node.name, change: 'new', consequence, changes: [change] });
      continue;
    }
    matched.add(old.name);
    const compared = compareNodes(old, node, macs);
    const change = old.name === node.name ? 'changed' : 'renamed';
    if (compared.changes.length > 0) plans.push({ node: node.name, change, ...compared });
  }
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  return [...plans, ...gone.map((node) => goneNode(node, macs))];

  /** What a node was under another name, if that is free. */
  function formerSelf({ mac }: NodeFacts): NodeFacts | undefined {
    const owner = mac === undefined ? undefined : owners.get(mac);
    return owner && !after.nodes.has(owner.name) && !matched.has(owner.name) ? owner : undefined;
  }
}

function goneNode({ name, mac }: NodeFacts, macs: Macs): NodePlan {
  const text =
    mac !== undefined && macs.isKnown(mac)
      ? 'gone: its machine is another node now'
      : 'gone: a machine with its MAC address is a stranger now';
  const change = { what: 'gone', before: mac, effect: 'boot', text } as const;
  return { node: name, change: 'gone', consequence: 'stranger', changes: [change] };
}

/** The nodes by the MAC addresses of all their NICs. */
function byMac({ nodes }: SiteFacts): Map<string, NodeFacts> {
  return new Map(
    [...nodes.values()].flatMap((node) => (node.nics ?? []).map(({ mac }) => [mac, node] as const)),
  );
}
