import type { Node, Site } from '../../site/model.ts';
import { rackOf } from '../../site/racks.ts';
import { groupedBy } from '../../values/grouped.ts';

/** The usual height of a rack. */
const UNITS = 42;

/** Returns the racks of a site, if its machines name any; else its machines by group, by cluster, or all together. */
export function racksOf({ name: site, nodes }: Site) {
  const hasRacks = nodes.some((node) => rackOf(node) !== undefined);
  const keyOf = (node: Node) =>
    hasRacks ? (rackOf(node) ?? 'no rack') : (node.groups[0]?.name ?? node.cluster?.name ?? site);
  return [...groupedBy(nodes, keyOf)].map(rack);
}

/** Returns the front of a rack: the machines with their distance from its top, and others without a position. */
function rack([name, nodes]: readonly [string, readonly Node[]]) {
  const placed = nodes.flatMap((node) =>
    node.position === undefined ? [] : [{ node, end: node.position + (node.height ?? 1) - 1 }],
  );
  const units = placed.length > 0 ? Math.max(UNITS, ...placed.map(({ end }) => end)) : 0;
  const machines = placed.map(({ node, end }) => ({ node, height: node.height ?? 1, top: units - end }));
  return { name, units, machines, others: nodes.filter(({ position }) => position === undefined) };
}
