import { placeOf } from '../origin.ts';
import { eachNic } from '../site/each-nic.ts';
import type { Rule } from './rule.ts';

export const addressOfInfrastructure: Rule = {
  code: 'address-of-infrastructure',
  severity: 'error',
  what: 'No node has the address of its gateway or of the boot server.',
  why: 'A node that takes the address of the gateway or of the boot server cuts every machine of the network off.',
  check(site, report) {
    const { server } = site;
    for (const { node, nic } of eachNic(site)) {
      const { ip, network } = nic;
      if (!ip) continue;
      const gateway = network && network.gateway === ip ? placeOf(network, 'gateway') : undefined;
      const bootServer = server && server.host === ip ? placeOf(server, 'url') : undefined;
      const other = gateway ?? bootServer;
      if (!other) continue;
      const whose = gateway ? `the gateway of ${network?.name}` : 'the boot server';
      report({
        node,
        message: `The address ${ip} of ${node.name} is that of ${whose}: every machine of the network would be cut off.`,
        at: placeOf(nic, 'ip'),
        related: [{ message: `${whose} has it at`, at: other }],
        help: `give ${node.name} an address of its own`,
      });
    }
  },
};
