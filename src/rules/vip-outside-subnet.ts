import type { Network } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isHostAddress, specialAddress } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const vipOutsideSubnet: Rule = {
  code: 'vip-outside-subnet',
  severity: 'error',
  what: 'The VIP lies in the management subnet of every member.',
  why: "The VIP is announced by ARP: outside of the nodes' own subnet nobody hears it (harvester/harvester#7093).",
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster?.vip) continue;
      const { vip, members = [] } = cluster;
      const networks = new Set<Draft<Network>>(members.flatMap((node) => node?.bootNic?.network ?? []));
      // Members of several networks are a fault of their own.
      for (const network of networks.size === 1 ? networks : []) {
        const { subnet } = network;
        if (!subnet || isHostAddress(subnet, vip)) continue;
        const special = specialAddress(subnet, vip);
        report({
          message: special
            ? `The VIP ${vip} is the ${special} address of ${subnet.text}: no host can have it.`
            : `The VIP ${vip} is outside ${subnet.text}, the subnet of the nodes of ${cluster.name}: nobody would hear it announced.`,
          at: placeOf(cluster, 'vip'),
          related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
          help: `choose a free address of ${subnet.text}`,
        });
      }
    }
  },
};
