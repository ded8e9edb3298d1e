import { lacks } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Network, Node, Site } from './model.ts';

/**
 * Gives the machines that are no virtual ones and yet have a NIC on a network that libvirt makes, by network: none of
 * them is ever on it, since it exists on the host alone.
 */
export function offHost({
  host,
  nodes = [],
}: Pick<Draft<Site>, 'host' | 'nodes'>): ReadonlyMap<Draft<Network>, readonly Draft<Node>[]> {
  const found = new Map<Draft<Network>, Draft<Node>[]>();
  if (!host) return found;
  for (const node of nodes) {
    if (!node?.facts || !lacks(node.facts, 'vm')) continue;
    const made = (node.nics ?? []).flatMap((nic) => (nic?.network?.libvirt ? nic.network : []));
    for (const network of new Set(made)) {
      const those = found.get(network);
      if (those) those.push(node);
      else found.set(network, [node]);
    }
  }
  return found;
}
