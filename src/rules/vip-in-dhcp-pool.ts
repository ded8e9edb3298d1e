import { placeOf } from '../source/origin.ts';
import { contains, ipv4Number, ipv4Text } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const vipInDhcpPool: Rule = {
  code: 'vip-in-dhcp-pool',
  severity: 'error',
  what: 'The VIP lies outside every DHCP pool.',
  why: 'DHCP can give the VIP to a stranger; the cluster then loses its address (harvester/harvester#6941).',
  check({ clusters = [], networks = [] }, report) {
    for (const cluster of clusters) {
      for (const { dhcp } of networks.flatMap((network) => network ?? [])) {
        if (!cluster?.vip || !dhcp?.pool || !contains(dhcp.pool, cluster.vip)) continue;
        const before = ipv4Text((ipv4Number(cluster.vip) ?? 0) - 1);
        report({
          message: `The VIP ${cluster.vip} is inside the DHCP pool ${dhcp.pool.text}: another machine can be given it.`,
          at: placeOf(cluster, 'vip'),
          related: [{ message: 'the pool is set at', at: placeOf(dhcp, 'pool') }],
          help: contains(dhcp.pool, before)
            ? `end the pool at ${before}, or move the VIP`
            : 'move the pool, or the VIP',
        });
      }
    }
  },
};
