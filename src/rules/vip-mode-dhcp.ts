import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const vipModeDhcp: Rule = {
  code: 'vip-mode-dhcp',
  severity: 'warning',
  what: 'The VIP of a cluster is static.',
  why: 'The VIP must never change: where a DHCP server loses the reservation or does not answer, the cluster loses its address, and nodes their way to it (harvester/harvester#6941, #4290).',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (cluster?.vipMode !== 'dhcp') continue;
      report({
        message: `The VIP of ${cluster.name} is had by DHCP: if the server ever gives another address, or none, the cluster cannot be reached.`,
        at: placeOf(cluster, 'vipMode'),
        help: 'remove vip_mode and vip_hw_addr: the VIP is static then, and needs no DHCP server',
      });
    }
  },
};
