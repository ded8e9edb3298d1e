import type { Draft } from './draft.ts';
import type { Facts, Node, Site } from './model.ts';

type Bmc = NonNullable<Draft<Facts>['bmc']>;

/** Gives the management controller of every node of a site that declares one, in the order of the inventory. */
export function* eachBmc({ nodes = [] }: Draft<Site>): Iterable<{ node: Draft<Node>; bmc: Bmc }> {
  for (const node of nodes) if (node?.facts?.bmc) yield { node, bmc: node.facts.bmc };
}
