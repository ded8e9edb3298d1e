import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const ociDhcp: Rule = {
  code: 'oci-dhcp',
  severity: 'error',
  what: "The network of an instance of Oracle Cloud Infrastructure has the cloud's own DHCP server: `dhcp: {server: external}`.",
  why: 'A VCN answers DHCP itself, and carries no broadcasts: no other server would ever hear an instance, which could not know its address without.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      // What is a virtual machine of the host, too, is at fault for that.
      if (!node?.oci || node.domain || !network || isBroken(network, 'dhcp')) continue;
      const { dhcp } = network;
      if (dhcp?.server === 'external' || (dhcp && isBroken(dhcp, 'server'))) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is an instance of OCI, and its network ${network.name} has ${dhcp ? `the DHCP server ${dhcp.server}` : 'no DHCP server'}: OCI itself answers there, and nobody else can.`,
        at: dhcp ? placeOf(dhcp, 'server') : placeOf(network, 'name'),
        help: 'say `dhcp: {server: external}` of the network',
      });
    }
  },
};
