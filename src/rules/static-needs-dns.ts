import { isBroken, placeOf, selfPlace } from '../origin.ts';
import { interfaceMethod } from '../site/derive-config.ts';
import type { Rule } from './rule.ts';

export const staticNeedsDns: Rule = {
  code: 'static-needs-dns',
  severity: 'error',
  what: 'A node with a static address has DNS servers.',
  why: 'The installer stops with "DNS servers are required for static IP address" (harvester/harvester#1412).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      if (node?.os !== 'harvester' || !network || interfaceMethod(node) !== 'static') continue;
      const os = node.said?.os;
      if (os?.dns_nameservers?.length || (os && isBroken(os, 'dns_nameservers'))) continue;
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || isBroken(network, 'dhcp')) continue;
      report({
        node,
        message: `${node.name} has a static address on ${network.name}, which has no DNS servers: the installer would stop.`,
        at: placeOf(node, 'name'),
        related: [{ message: 'the network is at', at: selfPlace(network) }],
        help: `add dns to the network ${network.name}`,
      });
    }
  },
};
