import { placeOf } from '../source/origin.ts';
import { isHostAddress } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const iscsiOutsideSubnet: Rule = {
  code: 'iscsi-outside-subnet',
  severity: 'error',
  what: "The iSCSI server's address on a network is an address of its subnet that a host can have.",
  why: 'Nodes of the network would ask a machine that is not there for their disks.',
  check({ networks = [] }, report) {
    for (const network of networks) {
      if (!network?.iscsi || !network.subnet) continue;
      const { iscsi, subnet, name } = network;
      if (isHostAddress(subnet, iscsi)) continue;
      report({
        message: `The iSCSI server cannot have the address ${iscsi} on ${name}: it is none of a host of ${subnet.text}.`,
        at: placeOf(network, 'iscsi'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `give its address in ${subnet.text}; where it has none there, take this out, and nodes reach server.iscsi.address by the gateway`,
      });
    }
  },
};
