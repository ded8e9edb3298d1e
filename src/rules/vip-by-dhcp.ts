import { isBroken, lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const vipByDhcp: Rule = {
  code: 'vip-by-dhcp',
  severity: 'error',
  what: 'A VIP by DHCP has a MAC address that it is reserved for; a static one has none.',
  why: 'With only one of VIP and MAC the installer replaces both by what DHCP gives to a random MAC.',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster?.vipMode || isBroken(cluster, 'vipMode')) continue;
      if (cluster.vipMode === 'dhcp' && lacks(cluster, 'vipHwAddr')) {
        report({
          message: `The VIP of ${cluster.name} is had by DHCP, and no MAC address says for whom it is reserved.`,
          at: placeOf(cluster, 'vipMode'),
          help: 'add vip_hw_addr: a MAC address that no NIC has, such as 02:00:00:03:3d:61; or use vip_mode: static',
        });
      }
      const networks = (cluster.members ?? []).flatMap((node) => node?.bootNic?.network ?? []);
      if (cluster.vipMode === 'dhcp' && networks.some((network) => lacks(network, 'dhcp'))) {
        report({
          message: `The VIP of ${cluster.name} is had by DHCP, and the network of its nodes has no DHCP server.`,
          at: placeOf(cluster, 'vipMode'),
          help: 'use vip_mode: static',
        });
      }
      if (cluster.vipMode === 'static' && cluster.vipHwAddr !== undefined) {
        report({
          message: `The VIP of ${cluster.name} is static, so vip_hw_addr has no effect.`,
          at: placeOf(cluster, 'vipHwAddr'),
          help: 'remove vip_hw_addr, or say vip_mode: dhcp',
        });
      }
    }
  },
};
