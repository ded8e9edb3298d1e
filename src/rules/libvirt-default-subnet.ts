import { placeOf } from '../source/origin.ts';
import { type Cidr, parseCidr } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

/** The network that libvirt's packages bring along, which most distributions start. Source: libvirt, src/network/default.xml.in. */
const DEFAULT = parseCidr('192.168.122.0/24') as Cidr;

export const libvirtDefaultSubnet: Rule = {
  code: 'libvirt-default-subnet',
  severity: 'warning',
  what: "No network that libvirt makes shares addresses with libvirt's own default network, 192.168.122.0/24.",
  why: 'A network whose addresses another one of the host has is not started ("Network is already in use by interface virbr0"), and a host that is a virtual machine of libvirt itself has its own address there.',
  check({ networks = [] }, report) {
    for (const network of networks) {
      const { subnet } = network ?? {};
      if (!network?.libvirt || !subnet) continue;
      if (subnet.first > DEFAULT.last || subnet.last < DEFAULT.first) continue;
      report({
        message: `The subnet ${subnet.text} of ${network.name} shares addresses with libvirt's own default network, ${DEFAULT.text}: libvirt starts but one of them.`,
        at: placeOf(network, 'subnet'),
        help: 'choose another subnet; where the host has no default network, say so with `silence: {libvirt-default-subnet: the reason}`',
      });
    }
  },
};
