import { placeOf } from '../source/origin.ts';
import { isHostAddress, specialAddress } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const libvirtAddressOutside: Rule = {
  code: 'libvirt-address-outside',
  severity: 'error',
  what: "The host's address on a network that libvirt makes is one of its subnet that a host can have.",
  why: 'Of the address and the mask libvirt makes whatever network they are: the machines would be on another one than the host, and its DHCP server refuses the pool.',
  check({ networks = [] }, report) {
    for (const network of networks) {
      const { subnet, libvirt, gateway } = network ?? {};
      const address = libvirt?.address;
      // What is wrong with the gateway is said of the gateway.
      if (!network || !subnet || !libvirt || !address || address === gateway) continue;
      if (isHostAddress(subnet, address)) continue;
      const special = specialAddress(subnet, address);
      report({
        message: special
          ? `The host's address ${address} on ${network.name} is the ${special} address of ${subnet.text}: no host can have it.`
          : `The host's address ${address} on ${network.name} is outside its subnet, ${subnet.text}: no machine on it could reach the host.`,
        at: placeOf(libvirt, 'address'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `give an address in ${subnet.text} that nobody else has`,
      });
    }
  },
};
