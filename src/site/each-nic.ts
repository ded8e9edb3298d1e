import type { Draft } from './draft.ts';
import type { Nic, Node, Site } from './model.ts';

/** Gives every NIC of a site with its node, in the order of the inventory. */
export function* eachNic({
  nodes = [],
}: Pick<Draft<Site>, 'nodes'>): Iterable<{ node: Draft<Node>; nic: Draft<Nic> }> {
  for (const node of nodes) {
    for (const nic of node?.nics ?? []) if (node && nic) yield { node, nic };
  }
}
