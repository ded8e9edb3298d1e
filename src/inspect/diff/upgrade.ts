import type { NodeChange, NodePlan, Plan } from './change.ts';
import type { Cause } from './files.ts';

/**
 * Returns a plan with the cause of each change; the consequence for a node is that of the inventory's changes. Takes the plans of two steps: from the earlier tree to what this version of harvgen
 * builds from the earlier inventory, and from there to the later tree.
 */
export function withCauses(plan: Plan, byHarvgen: Plan, byInventory: Plan): Plan {
  const causeIn = <T>(idsOf: (one: Plan) => T[]) => {
    const [harvgen, inventory] = [new Set(idsOf(byHarvgen)), new Set(idsOf(byInventory))];
    // Two different changes of one value are one change here, which neither step has.
    return (id: T): Cause => (!harvgen.has(id) ? 'inventory' : inventory.has(id) ? 'both' : 'harvgen');
  };
  const ofNode = causeIn(({ nodes }) =>
    nodes.flatMap(({ node, changes }) => changes.map((one) => idOf(node, one))),
  );
  const ofSite = causeIn(({ changes }) => changes.map((one) => idOf('', one)));
  const ofFile = causeIn(({ files }) => files.map(({ path }) => path));
  const consequences = new Map(byInventory.nodes.map(({ node, consequence }) => [node, consequence]));
  return {
    ...plan,
    nodes: plan.nodes.map((node) => ({
      ...node,
      consequence: node.change === 'changed' ? (consequences.get(node.node) ?? 'none') : node.consequence,
      changes: node.changes.map((one) => ({ ...one, by: ofNode(idOf(node.node, one)) })),
    })),
    changes: plan.changes.map((one) => ({ ...one, by: ofSite(idOf('', one)) })),
    files: plan.files.map((one) => ({ ...one, by: ofFile(one.path) })),
  };
}

function idOf(node: string, change: object): string {
  return JSON.stringify([node, change]);
}

/** Returns the part of a plan that another version of harvgen causes, or the rest. */
export function partBy(plan: Plan, isHarvgen: boolean): Plan {
  const isPart = ({ by }: { readonly by?: Cause }) => (by === 'harvgen') === isHarvgen;
  const nodes = plan.nodes.flatMap((node): NodePlan[] => {
    const changes = node.changes.filter(isPart);
    const isNews = changes.some((one) => !(isHarvgen && isReinstalledAnyway(one)));
    return isNews ? [{ ...node, changes }] : [];
  });
  return { ...plan, nodes, changes: plan.changes.filter(isPart), files: plan.files.filter(isPart) };
}

/** Whether a change only shows that the node is reinstalled at every boot, with any version of harvgen. */
function isReinstalledAnyway({ what, before, after }: NodeChange): boolean {
  return what === 'install' && before === 'always' && after === 'always';
}
