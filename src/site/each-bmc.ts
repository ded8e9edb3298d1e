import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import type { Facts, Node, Site } from './model.ts';

/** A management controller and the node that declares it. */
export interface BmcOfNode {
  readonly node: Draft<Node>;
  readonly bmc: NonNullable<Draft<Facts>['bmc']>;
}

/** Many ask of the same nodes, and of large sites most declare none. */
const bmcsOf = onceFor((nodes: readonly (Draft<Node> | undefined)[]): readonly BmcOfNode[] => {
  const found: BmcOfNode[] = [];
  for (const node of nodes) if (node?.facts?.bmc) found.push({ node, bmc: node.facts.bmc });
  return found;
});

/** Gives the management controller of every node of a site that declares one, in the order of the inventory. */
export function eachBmc({ nodes = [] }: Pick<Draft<Site>, 'nodes'>): readonly BmcOfNode[] {
  return bmcsOf(nodes);
}
