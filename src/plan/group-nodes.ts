import type { NodePlan } from './change.ts';

/** Nodes of which the very same is to be said. */
export interface NodeGroup {
  readonly names: readonly string[];
  readonly plan: NodePlan;
}

/** Puts nodes together of which the same is to be said, each group in the place of its first. */
export function groupNodes(plans: readonly NodePlan[]): NodeGroup[] {
  const groups = new Map<string, { names: string[]; plan: NodePlan }>();
  for (const plan of plans) {
    const key = JSON.stringify([plan.change, plan.changes.map(({ effect, text }) => [effect, text])]);
    const group = groups.get(key);
    if (group) group.names.push(plan.node);
    else groups.set(key, { names: [plan.node], plan });
  }
  return [...groups.values()];
}
