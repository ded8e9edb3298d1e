import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import type { Nic, Node, Site } from './model.ts';

/** A NIC and the node that it is of. */
export interface NicOfNode {
  readonly node: Draft<Node>;
  readonly nic: Draft<Nic>;
}

/** Many rules ask of the same nodes. */
const nicsOf = onceFor((nodes: readonly (Draft<Node> | undefined)[]): readonly NicOfNode[] => {
  const found: NicOfNode[] = [];
  for (const node of nodes) if (node?.nics) for (const nic of node.nics) if (nic) found.push({ node, nic });
  return found;
});

/** Gives every NIC of a site with its node, in the order of the inventory. */
export function eachNic({ nodes = [] }: Pick<Draft<Site>, 'nodes'>): readonly NicOfNode[] {
  return nicsOf(nodes);
}
