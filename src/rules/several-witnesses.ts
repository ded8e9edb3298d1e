import { roleNameOf, roleOf } from '../site/cluster-shape.ts';
import { membersOf } from '../site/members.ts';
import type { Rule } from './rule.ts';

export const severalWitnesses: Rule = {
  code: 'several-witnesses',
  severity: 'error',
  what: 'A cluster has at most one witness.',
  why: 'Harvester lets one witness vote: another one holds no etcd, no volumes and no virtual machines, and does not count towards the three nodes that it takes for failover (harvester/harvester#5070).',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      const witnesses = (cluster ? membersOf(cluster) : []).flatMap((node) => {
        // That the create node is none is said by create-node-role.
        const found = node.mode === 'create' || roleNameOf(node) !== 'witness' ? undefined : roleOf(node);
        return found ? [{ node, at: found.at }] : [];
      });
      const [first, ...others] = witnesses;
      for (const { node, at } of others) {
        if (!first) continue;
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} is a witness of the cluster ${cluster?.name}, and so is ${first.node.name}: only one would vote, and the other do nothing at all.`,
          at,
          related: [{ message: `${first.node.name} is a witness by`, at: first.at }],
          help: `give ${node.name} another role`,
        });
      }
    }
  },
};
