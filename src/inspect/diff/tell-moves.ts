import { movedNode } from './boot-change.ts';
import type { NodePlan } from './change.ts';
import type { NodeFacts } from './facts.ts';
import { machineIds } from './machine-ids.ts';
import type { PlacedPlan } from './placed-plan.ts';

/** A node, and the plan of the site that it is gone from or new in. */
interface Placed {
  readonly node: NodeFacts;
  readonly placed: PlacedPlan;
}

/** Gives plans with the machines that are gone from one site and new in another told of as moved. */
export function tellMoves(plans: readonly PlacedPlan[]): PlacedPlan[] {
  const went = new Map<string, Placed>();
  for (const placed of plans) {
    for (const node of placed.plan.went) for (const id of machineIds(node)) went.set(id, { node, placed });
  }
  const told = new Map(plans.map((placed) => [placed, new Map<string, NodePlan>()]));
  for (const placed of plans) {
    for (const node of placed.plan.came) {
      const from = machineIds(node)
        .map((id) => went.get(id))
        .find((one) => one && one.placed !== placed);
      if (!from) continue;
      told.get(placed)?.set(key('new', node.name), movedHere(from, { node, placed }));
      told.get(from.placed)?.set(key('gone', from.node.name), movedAway(from, { node, placed }));
    }
  }
  return plans.map((placed) => {
    const moved = told.get(placed);
    const nodes = placed.plan.nodes.map((node) => moved?.get(key(node.change, node.node)) ?? node);
    return { ...placed, plan: { ...placed.plan, nodes } };
  });
}

/** A name that is gone may be another machine's now. */
function key(change: NodePlan['change'], name: string): string {
  return `${change} ${name}`;
}

function movedHere(from: Placed, to: Placed): NodePlan {
  const { change, consequence } = movedNode(from.node, to.node, from.placed.site, to.placed.site);
  return { node: to.node.name, change: 'moved', consequence, changes: [change] };
}

function movedAway(from: Placed, to: Placed): NodePlan {
  const [before, after] = [from.placed.site, to.placed.site];
  const alias = from.node.name === to.node.name ? '' : `, as ${to.node.name}`;
  const change = {
    what: 'moved-to',
    before,
    after,
    effect: 'boot',
    text: `moved to ${after}${alias}`,
  } as const;
  return { node: from.node.name, change: 'moved', consequence: 'boots-otherwise', changes: [change] };
}
