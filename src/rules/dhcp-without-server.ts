import { isBroken, lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const dhcpWithoutServer: Rule = {
  code: 'dhcp-without-server',
  severity: 'error',
  what: 'Where the configuration says DHCP, the network has a DHCP server.',
  why: 'The machine would ask for an address for ever.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const said = node?.said?.install?.management_interface;
      const network = node?.bootNic?.network;
      if (node?.os !== 'harvester' || said?.method !== 'dhcp' || isBroken(said, 'method')) continue;
      if (!network || !lacks(network, 'dhcp')) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is to get its address by DHCP, and its network ${network.name} has no DHCP server: it would ask for ever.`,
        at: placeOf(said, 'method'),
        related: [{ message: 'the network is at', at: placeOf(network, 'name') }],
        help: `remove method, so that the address is static; or add dhcp to the network ${network.name}`,
      });
    }
  },
};
