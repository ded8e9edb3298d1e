import type { Network } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Text } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const ociGateway: Rule = {
  code: 'oci-gateway',
  severity: 'error',
  what: 'The gateway of a network of Oracle Cloud Infrastructure is the first address of its subnet.',
  why: 'There is the virtual router of the VCN, and there is no other: what is sent to another address goes nowhere.',
  check({ nodes = [] }, report) {
    const networks = new Set<Draft<Network>>();
    for (const node of nodes) if (node?.oci && node.bootNic?.network) networks.add(node.bootNic.network);
    for (const network of networks) {
      const { gateway, subnet } = network;
      if (!gateway || subnet?.first === undefined) continue;
      const router = ipv4Text(subnet.first + 1);
      if (gateway === router) continue;
      report({
        message: `The gateway of ${network.name} is ${gateway}, and OCI's virtual router is the first address of the subnet: ${router}.`,
        at: placeOf(network, 'gateway'),
        help: `say gateway: ${router}; where traffic goes from there, the route table of the subnet says`,
      });
    }
  },
};
