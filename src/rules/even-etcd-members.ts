import { clusterShapes, workersBy } from '../site/cluster-shape.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const evenEtcdMembers: Rule = {
  code: 'even-etcd-members',
  severity: 'warning',
  what: 'In a cluster of three and more nodes not just two can hold etcd.',
  why: 'Two members of etcd have no majority without each other, so Harvester promotes no node before three can hold etcd (harvester/harvester#7901): the cluster stops with its create node.',
  check(site, report) {
    for (const { cluster, members, create, etcd, witness } of clusterShapes(site)) {
      // Of a witness without partners its own rule speaks.
      if (members.length < 3 || etcd.length !== 2 || witness) continue;
      report({
        message: `Only ${namesOf(etcd)} of the ${members.length} nodes of ${cluster.name} can hold etcd: Harvester promotes none before three can, and without ${create.name} the cluster stops.`,
        at: selfPlace(cluster),
        related: workersBy(members),
        help: 'give a third node the role default, management or witness',
      });
    }
  },
};
