import type { Node } from '../site/model.ts';
import { unlikeOthers } from '../site/unlike-others.ts';
import { hasPlace, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const membersInDifferentNetworks: Rule = {
  code: 'members-in-different-networks',
  severity: 'error',
  what: 'All nodes of a cluster boot from one network, which is their management network.',
  why: 'The VIP is announced by ARP, which does not leave a network: nodes on another one would lose it as soon as it moves (harvester/harvester#7093).',
  check(site, report) {
    for (const { cluster, node, value, at, usual } of unlikeOthers(site, networkOf)) {
      report({
        node,
        message: `${node.name} boots from the network ${value.name}, and ${usual.node.name} of the cluster ${cluster.name} from ${usual.value.name}: the VIP cannot be in both.`,
        at,
        related: [{ message: `${usual.node.name} boots from its network by`, at: usual.at }],
        help: `let ${node.name} boot from a NIC on ${usual.value.name}, or give it to a cluster of its own`,
      });
    }
  },
};

function networkOf({ bootNic }: Draft<Node>) {
  const network = bootNic?.network;
  return network && bootNic ? { value: network, at: () => placeOfNetwork(bootNic) } : undefined;
}

/** A NIC that does not name its network is on it by its address. */
function placeOfNetwork(nic: NonNullable<Draft<Node>['bootNic']>): Place {
  return placeOf(nic, hasPlace(nic, 'network') ? 'network' : 'ip');
}
