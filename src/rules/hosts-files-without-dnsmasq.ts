import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const hostsFilesWithoutDnsmasq: Rule = {
  code: 'hosts-files-without-dnsmasq',
  severity: 'warning',
  what: 'Lists of reservations are asked for where a dnsmasq reads them: of `dnsmasq` and `external`.',
  why: 'No other server reads them, so that none are written: the reservations are in its own configuration.',
  check({ networks = [] }, report) {
    for (const { dhcp, name } of networks.flatMap((network) => network ?? [])) {
      const { server, hostsFiles } = dhcp ?? {};
      if (!dhcp || !hostsFiles || !server || server === 'dnsmasq' || server === 'external') continue;
      report({
        message: `${name} asks for hosts_files, and its DHCP server is ${server}, which reads none.`,
        at: placeOf(dhcp, 'hostsFiles'),
        related: [{ message: 'the server is named at', at: placeOf(dhcp, 'server') }],
        help: 'remove hosts_files, or have dnsmasq serve the network',
      });
    }
  },
};
