import type { Draft } from './draft.ts';
import type { Facts, Node, Site } from './model.ts';

/** A management controller and the node that declares it. */
export interface BmcOfNode {
  readonly node: Draft<Node>;
  readonly bmc: NonNullable<Draft<Facts>['bmc']>;
}

/** Many rules ask of the same nodes. */
const known = new WeakMap<object, readonly BmcOfNode[]>();

/** Gives the management controller of every node of a site that declares one, in the order of the inventory. */
export function eachBmc({ nodes = [] }: Draft<Site>): readonly BmcOfNode[] {
  let bmcs = known.get(nodes);
  if (!bmcs) {
    bmcs = bmcsOf(nodes);
    known.set(nodes, bmcs);
  }
  return bmcs;
}

function bmcsOf(nodes: readonly (Draft<Node> | undefined)[]): BmcOfNode[] {
  const found: BmcOfNode[] = [];
  for (const node of nodes) if (node?.facts?.bmc) found.push({ node, bmc: node.facts.bmc });
  return found;
}
