import { newNode } from './boot-change.ts';
import type { NodePlan } from './change.ts';
import { compareNodes } from './compare-nodes.ts';
import type { NodeFacts, SiteFacts } from './facts.ts';
import type { Owners } from './identity-changes.ts';
import { machineIdsHere } from './machine-ids.ts';

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
 * matched by name; one whose name is new, and whose machine was one whose name is gone, is renamed.
 */
export function planNodes(before: SiteFacts, after: SiteFacts): PlannedNodes {
  const owners = byId(before);
  const now = byId(after);
  const who: Owners = {
    was: (id) => owners.get(id)?.name,
    is: (id) => now.get(id)?.name,
  };
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
    const compared = compareNodes(old, node, who);
    const change = old.name === node.name ? 'changed' : 'renamed';
    if (compared.changes.length > 0) plans.push({ node: node.name, change, ...compared });
  }
  const gone = [...before.nodes.values()].filter(({ name }) => !matched.has(name));
  const isHere = (node: NodeFacts) => machineIdsHere(node).some((id) => now.has(id));
  const went = gone.filter((node) => !isHere(node));
  return { nodes: [...plans, ...gone.map((node) => goneNode(node, who, isHere(node)))], came, went };

  /** What a node was under another name, if that is free. */
  function formerSelf(node: NodeFacts): NodeFacts | undefined {
    // By the NIC that it boots from; another one may have been put into it.
    const ids = machineIdsHere({ ...node, nics: node.bootNic ? [node.bootNic] : [] });
    return ids
      .map((id) => owners.get(id))
      .find((owner) => owner && !after.nodes.has(owner.name) && !matched.has(owner.name));
  }
}

function goneNode(node: NodeFacts, who: Owners, isHere: boolean): NodePlan {
  const { name, mac, ip, domain } = node;
  const isOther = mac === undefined ? isHere : who.is(`mac ${mac}`) !== undefined;
  const where = isOther
    ? 'its machine is another node now'
    : `a machine with its ${mac === undefined ? '' : 'MAC '}address is a stranger now`;
  const text = `gone: ${domain ? 'its domain is powered off and removed from the host, its images stay; ' : ''}${ofStore(node)}${where}`;
  const change = { what: 'gone', before: mac ?? ip, effect: 'boot', text } as const;
  return { node: name, change: 'gone', consequence: 'stranger', changes: [change] };
}

/** What goes with a node that boots a disk of the store, and what does not. */
function ofStore({ iscsi, loader }: NodeFacts): string {
  const hasMenu = loader === 'pxelinux';
  if (iscsi?.disk === undefined && !hasMenu) return '';
  const script = `its script ${hasMenu ? 'and its menu entry go' : 'goes'} with this build`;
  if (iscsi?.disk === undefined) return `${script}; `;
  return `${script}, and its target once put-targets.sh runs while it is off; its disk ${iscsi.disk} stays in the store until images.sh prune; `;
}

/** The nodes by all that their machines are known by. */
function byId({ nodes }: SiteFacts): Map<string, NodeFacts> {
  return new Map(
    [...nodes.values()].flatMap((node) => machineIdsHere(node).map((id) => [id, node] as const)),
  );
}
