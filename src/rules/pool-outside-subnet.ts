import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const poolOutsideSubnet: Rule = {
  code: 'pool-outside-subnet',
  severity: 'error',
  what: "A DHCP pool lies in its network's subnet, without network and broadcast address.",
  why: 'A DHCP server does not start with a pool that is not of its network, or gives out addresses that lead nowhere.',
  essential: true,
  check({ networks = [] }, report) {
    for (const network of networks) {
      const { subnet, dhcp } = network ?? {};
      const pool = dhcp?.pool;
      if (!network || !subnet || !dhcp || !pool) continue;
      if (pool.first > subnet.first && pool.last < subnet.last) continue;
      report({
        message: `The DHCP pool ${pool.text} does not lie among the host addresses of ${subnet.text}: what it gives out would lead nowhere.`,
        at: placeOf(dhcp, 'pool'),
        related: [{ message: 'the subnet is set at', at: placeOf(network, 'subnet') }],
        help: `choose a part of ${subnet.text}, without its first and last address`,
      });
    }
  },
};
