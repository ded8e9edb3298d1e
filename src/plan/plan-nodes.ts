import { newNode } from './boot-change.ts';
import type { NodePlan } from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import type { NodeFacts, SiteFacts } from './facts.ts';
import type { Macs } from './identity-changes.ts';

/** What is said of nodes, and which are not matched: those may be in another site. */
export interface PlannedNodes {
  readonly nodes: readonly NodePlan[];
  /** Those that are new. */
  readonly came: readonly NodeFacts[];
  /** Those that are gone and whose machine is no other node now. */
  readonly went: readonly NodeFacts[];
}

/**
 * Says which nodes are not what they were: in the order of the inventory, those that are gone after them. Nodes are
 * matched by name; one whose name is new, and whose MAC address was that of one whose name is gone, is renamed.
 */
export function planNodes(before: SiteFacts, after: SiteFacts): PlannedNodes {
  const owners = byMac(before);
  const now = byMac(after);
  const macs: Macs = { wasOf: (mac) => owners.get(mac)?.name, isKnown: (mac) => now.has(mac) };
  const matched = new Set<string>();
  const plans: NodePlan[] = [];
  const came: NodeFacts[] = [];
  for (const node of after.nodes.values()) {
    const old = before.nodes.get(node.name) ?? formerSelf(node);
    if (!old) {
      const { change, consequence } = newNode(node);
      came.push(node);
      plans.push({ node: node.name, change: 'new', consequence, changes: [change] });
      continue;
    }
    matched.add(old.name);
    const compared = compareNodes(old, node, macs);
    const change = old.name === node.name ? 'changed' : 'renamed';
    if (compared.changes.length > 0) plans.push({ node: node.name, change, ...compared });
  }
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  const went = gone.filter(({ nics = [] }) => !nics.some(({ mac }) => macs.isKnown(mac)));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, macs))], came, went };

  /** What a node was under another name, if that is free. */
  function formerSelf({ mac }: NodeFacts): NodeFacts | undefined {
    const owner = mac === undefined ? undefined : owners.get(mac);
    return owner && !after.nodes.has(owner.name) && !matched.has(owner.name) ? owner : undefined;
  }
}

function goneNode({ name, mac, domain }: NodeFacts, macs: Macs): NodePlan {
  const where =
    mac !== undefined && macs.isKnown(mac)
      ? 'its machine is another node now'
      : 'a machine with its MAC address is a stranger now';
  const text = `gone: ${domain ? 'its domain is powered off and removed from the host, its images stay; ' : ''}${where}`;
  const change = { what: 'gone', before: mac, effect: 'boot', text } as const;
  return { node: name, change: 'gone', consequence: 'stranger', changes: [change] };
}

/** The nodes by the MAC addresses of all their NICs. */
function byMac({ nodes }: SiteFacts): Map<string, NodeFacts> {
  return new Map(
    [...nodes.values()].flatMap((node) => (node.nics ?? []).map(({ mac }) => [mac, node] as const)),
  );
}
