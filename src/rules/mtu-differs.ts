import { effective } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { type Read, unlikeOthers } from '../site/unlike-others.ts';
import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

const DEFAULT_MTU = 1500;

export const mtuDiffers: Rule = {
  code: 'mtu-differs',
  severity: 'warning',
  what: 'The management interfaces of a cluster have one MTU.',
  why: 'Large packets to a node with a smaller MTU are lost without a word: it answers pings, and joining, images and replicas hang.',
  check(site, report) {
    for (const { node, value, at, usual } of unlikeOthers(site, mtuOf)) {
      report({
        node,
        message: `The management interface has an MTU of ${value} here, and that of ${usual.node.name} of the same cluster ${usual.value}: large packets between them would be lost.`,
        at,
        related: [{ message: `${usual.node.name} has its own from`, at: usual.at }],
        help: 'set mtu at the network, so that it holds for all its nodes, and remove mtu from config',
      });
    }
  },
};

/** A node's MTU. Where the network states it, a node that says another one contradicts that. */
function mtuOf(node: Draft<Node>): Read<number> | undefined {
  const network = node.bootNic?.network;
  if (!network || network.mtu !== undefined || isBroken(network, 'mtu')) return undefined;
  const found = effective(node, 'install.management_interface.mtu');
  return found && { value: Number(found.value ?? 0) || DEFAULT_MTU, at: () => found.at };
}
