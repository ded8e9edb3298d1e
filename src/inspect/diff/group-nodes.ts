import type { NodeAspect, NodeChange, NodePlan } from './change.ts';
import { valueText } from './words.ts';

/** Nodes of which the same is to be said. */
export interface NodeGroup {
  readonly names: readonly string[];
  readonly plan: NodePlan;
}

/** What each node has of its own anyway. */
const OWN: readonly NodeAspect[] = ['name', 'xname', 'nid', 'bmc'];

/** So many nodes are still told of by themselves, if it is of values of their own. */
const FEW = 3;

/**
 * Puts nodes together of which the same is to be said, each group in the place of its first. Of many, what is the same but
 * for values that each has of its own is said once, with those of the first.
 */
export function groupNodes(plans: readonly NodePlan[]): NodeGroup[] {
  return grouped(plans, shapeOf)
    .flatMap((group) => (group.length > FEW ? [group] : grouped(group, ({ text }) => text)))
    .map((group) => ({ names: group.map(({ node }) => node), plan: onceFor(group) }));
}

function grouped(plans: readonly NodePlan[], write: (change: NodeChange) => string): NodePlan[][] {
  const groups = new Map<string, NodePlan[]>();
  for (const plan of plans) {
    const key = JSON.stringify([plan.change, plan.changes.map((one) => [one.effect, write(one)])]);
    const group = groups.get(key);
    if (group) group.push(plan);
    else groups.set(key, [plan]);
  }
  return [...groups.values()];
}

/** The text of a change, without the values that are the node's own. */
function shapeOf({ what, before, after, text }: NodeChange): string {
  if (!OWN.includes(what)) return text;
  const values = [before, after].filter((value) => value !== undefined).map(valueText);
  return values.reduce((shape, value) => shape.replace(value, '…'), text);
}

/** What is said of a group: where others have other values, whose these are. */
function onceFor(group: readonly NodePlan[]): NodePlan {
  const [first] = group as [NodePlan];
  const changes = first.changes.map((change, index) => {
    const isSame = group.every(({ changes }) => changes[index]?.text === change.text);
    return isSame ? change : { ...change, text: `${change.text} (${first.node}; the others likewise)` };
  });
  return { ...first, changes };
}
