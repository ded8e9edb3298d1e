import { clusterShapes, workersBy } from '../site/cluster-shape.ts';
import { selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const noFailover: Rule = {
  code: 'no-failover',
  severity: 'warning',
  what: 'In a cluster of three and more nodes others than the create node can hold etcd.',
  why: 'Harvester never promotes a worker (harvester/harvester#4786): with the create node the API, the VIP and every change of a virtual machine are gone.',
  check(site, report) {
    for (const { cluster, members, create, etcd } of clusterShapes(site)) {
      if (members.length < 3 || etcd.length > 1) continue;
      report({
        message: `Only ${create.name} of the ${members.length} nodes of ${cluster.name} can hold etcd, all others are workers: without it the cluster stops.`,
        at: selfPlace(cluster),
        related: workersBy(members),
        help: 'give two other nodes the role default or management',
      });
    }
  },
};
