import { placeOf } from '../source/origin.ts';
import { isHostAddress, specialAddress } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const gatewayOutsideSubnet: Rule = {
  code: 'gateway-outside-subnet',
  severity: 'error',
  what: "A network's gateway is an address of its subnet that a host can have.",
  why: 'A gateway that is not on the network cannot be reached: the installer finds no default route and stops.',
  check({ networks = [] }, report) {
    for (const network of networks) {
      if (!network?.gateway || !network.subnet) continue;
      const { gateway, subnet } = network;
      if (isHostAddress(subnet, gateway)) continue;
      const special = specialAddress(subnet, gateway);
      report({
        message: special
          ? `The gateway ${gateway} of ${network.name} is the ${special} address of ${subnet.text}: no router can have it.`
          : `The gateway ${gateway} of ${network.name} is outside its subnet, ${subnet.text}: no machine on it could reach the gateway.`,
        at: placeOf(network, 'gateway'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `give the router's address in ${subnet.text}`,
      });
    }
  },
};
