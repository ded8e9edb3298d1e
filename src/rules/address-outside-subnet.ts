import { networkOf } from '../site/bmc-nic.ts';
import { eachBmc } from '../site/each-bmc.ts';
import { eachNic } from '../site/each-nic.ts';
import { placeOf } from '../source/origin.ts';
import { isHostAddress, specialAddress } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const addressOutsideSubnet: Rule = {
  code: 'address-outside-subnet',
  severity: 'error',
  what: "A NIC's address belongs to its network, and is one that a host can have; so is a management controller's.",
  why: 'A node with an address of another subnet reaches neither its gateway nor the other nodes.',
  check(site, report) {
    for (const { node, nic } of eachNic(site)) {
      const { ip, network } = nic;
      const subnet = network?.subnet;
      if (!ip || !network || !subnet || isHostAddress(subnet, ip)) continue;
      const special = specialAddress(subnet, ip);
      report({
        node,
        message: special
          ? `The address ${ip} of ${node.name} is the ${special} address of ${subnet.text}: no host can have it.`
          : `The address ${ip} of ${node.name} is outside ${subnet.text}, the subnet of ${network.name}: it would reach no gateway and no other node.`,
        at: placeOf(nic, 'ip'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `choose a free address of ${subnet.text}`,
      });
    }
    for (const { node, bmc } of eachBmc(site)) {
      const network = bmc.address === undefined ? undefined : networkOf(bmc.address, site.networks ?? []);
      const { subnet } = network ?? {};
      const special = subnet && bmc.address && specialAddress(subnet, bmc.address);
      if (!network || !subnet || !special) continue;
      report({
        node,
        message: `The address ${bmc.address} of the management controller of ${node.name} is the ${special} address of ${subnet.text}: no host can have it.`,
        at: placeOf(bmc, 'address'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `choose a free address of ${subnet.text}`,
      });
    }
  },
};
