import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const coredhcpOneNetwork: Rule = {
  code: 'coredhcp-one-network',
  severity: 'error',
  what: 'The server coredhcp serves one network.',
  why: 'It has one mask, one router and one set of name servers for whoever asks: machines of a second network would get those of the first.',
  essential: true,
  check({ networks = [] }, report) {
    const [first, ...others] = networks.filter((network) => network?.dhcp?.server === 'coredhcp');
    for (const network of others) {
      if (!first?.dhcp || !network?.dhcp) continue;
      report({
        message: `${network.name} is the second network of coredhcp, which has one: its machines would get the mask and the router of ${first.name}.`,
        at: placeOf(network.dhcp, 'server'),
        related: [{ message: 'the first one is at', at: placeOf(first.dhcp, 'server') }],
        help: 'have another server for it: isc, kea or dnsmasq serve any number of networks',
      });
    }
  },
};
