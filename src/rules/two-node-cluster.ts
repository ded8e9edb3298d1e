import { clusterShapes } from '../site/cluster-shape.ts';
import { selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const twoNodeCluster: Rule = {
  code: 'two-node-cluster',
  severity: 'warning',
  what: 'A cluster has one node, or three and more.',
  why: 'Two members of etcd have no majority without each other, so Harvester leaves the second node a worker until there is a third (harvester/harvester#3266): the cluster stops with its create node.',
  check(site, report) {
    for (const { cluster, members, create, witness } of clusterShapes(site)) {
      // Of a witness without partners its own rule speaks.
      if (members.length !== 2 || witness) continue;
      report({
        message: `The cluster ${cluster.name} has two nodes: Harvester promotes none before there are three, and without ${create.name} the cluster stops.`,
        at: selfPlace(cluster),
        help: 'add a third node, for which from v1.3.0 on a small witness is enough; or make it a cluster of one',
      });
    }
  },
};
