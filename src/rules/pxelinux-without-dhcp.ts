import type { Network } from '../site/model.ts';
import { lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const pxelinuxWithoutDhcp: Rule = {
  code: 'pxelinux-without-dhcp',
  severity: 'warning',
  what: 'A node that boots by pxelinux is on a network with DHCP.',
  why: 'DHCP tells firmware which program to load, and from where: without it the machine starts iPXE from a stick or an image, which goes on to its script, and pxelinux is never asked.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      if (node?.loader !== 'pxelinux' || !network || !lacks(network, 'dhcp')) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is to boot by pxelinux, and nothing leads its firmware to it: ${network.name} has no DHCP.`,
        at: placeOf(node, 'loader'),
        related: [{ message: `${network.name} is defined at`, at: selfPlace(network as Network) }],
        help: 'take boot.loader out, and start the embedded script; or give the network DHCP, `dhcp: {}`, or `dhcp: {server: external}`',
      });
    }
  },
};
