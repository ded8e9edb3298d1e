import { clusterCidrs } from '../site/cluster-cidrs.ts';
import { isPrivate } from '../site/private.ts';
import type { Rule } from './rule.ts';

export const clusterCidrNotPrivate: Rule = {
  code: 'cluster-cidr-not-private',
  severity: 'error',
  what: 'The pod CIDR and the service CIDR of a cluster lie in the private address space of RFC 1918.',
  why: "Harvester's documentation (Harvester Configuration) demands it: hosts of the internet that have these addresses could not be reached from the cluster.",
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster) continue;
      for (const { of, cidr, at } of clusterCidrs(cluster)) {
        if (!at || isPrivate(cidr)) continue;
        report({
          message: `The ${of} CIDR ${cidr.text} is not private: whoever has these addresses could not be reached from the cluster.`,
          at,
          help: `choose one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, such as ${of === 'pod' ? '10.152.0.0/16' : '10.153.0.0/16'}`,
        });
      }
    }
  },
};
