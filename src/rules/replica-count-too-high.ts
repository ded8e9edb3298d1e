import { clusterShapes, roleNameOf } from '../site/cluster-shape.ts';
import { placeOf, selfPlace } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const replicaCountTooHigh: Rule = {
  code: 'replica-count-too-high',
  severity: 'warning',
  what: 'Volumes have no more replicas than their cluster has nodes with storage.',
  why: 'Longhorn keeps one replica of a volume on a node: with too few nodes every volume stays degraded for ever (harvester/harvester#4159).',
  check(site, report) {
    for (const { cluster, members, create } of clusterShapes(site)) {
      if (!cluster.version || !isAtLeast(cluster.version, 'v1.2.0')) continue;
      const storageClass = create.said?.install?.harvester?.storage_class;
      const replicas = storageClass?.replica_count;
      if (!storageClass || replicas === undefined) continue;
      const nodes = members.filter((node) => roleNameOf(node) !== 'witness').length;
      if (replicas <= nodes) continue;
      report({
        node: create,
        message: `Each volume is to have ${replicas} replicas, and the cluster ${cluster.name} has ${nodes === 1 ? 'one node' : `${nodes} nodes`} with storage: volumes would stay degraded for ever.`,
        at: placeOf(storageClass, 'replica_count'),
        related: [{ message: 'the cluster is at', at: selfPlace(cluster) }],
        help: `set replica_count: ${nodes}, or remove it: as many as there are nodes with storage are derived`,
      });
    }
  },
};
