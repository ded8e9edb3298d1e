import type { Node, Site } from '../../site/model.ts';
import { rackOf } from '../../site/racks.ts';
import { groupedBy } from '../../values/grouped.ts';

/** The front of a rack, or a group of machines without positions. */
export interface Rack {
  readonly name: string;
  /** The height in rack units; 0 if no machine has a position. */
  readonly units: number;
  readonly machines: readonly Machine[];
  /** The machines without a position. */
  readonly others: readonly Node[];
}

/** A machine in a rack: `top` counts from the top of the rack, from 0. */
export interface Machine {
  readonly node: Node;
  readonly top: number;
  readonly height: number;
}

/** The usual height of a rack. */
const UNITS = 42;

/** Returns the racks of a site, if its machines name any; else its machines by group, by cluster, or all together. */
export function racksOf({ name: site, nodes }: Site): Rack[] {
  const hasRacks = nodes.some((node) => rackOf(node) !== undefined);
  const keyOf = (node: Node) =>
    hasRacks ? (rackOf(node) ?? 'no rack') : (node.groups[0]?.name ?? node.cluster?.name ?? site);
  return [...groupedBy(nodes, keyOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, all]) => rack(name, all));
}

function rack(name: string, nodes: readonly Node[]): Rack {
  const placed = nodes.flatMap((node) =>
    node.position === undefined ? [] : [{ node, position: node.position, height: node.height ?? 1 }],
  );
  const highest = Math.max(...placed.map(({ position, height }) => position + height - 1));
  const units = placed.length > 0 ? Math.max(UNITS, highest) : 0;
  return {
    name,
    units,
    machines: placed.map(({ node, position, height }) => ({
      node,
      height,
      top: units - position - height + 1,
    })),
    others: nodes.filter(({ position }) => position === undefined),
  };
}
