import { OWN_DHCP_SERVERS } from '../knowledge/tables/dhcp-servers.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const dhcpServerOnHost: Rule = {
  code: 'dhcp-server-on-host',
  severity: 'warning',
  what: 'A libvirt host serves DHCP by dnsmasq, where not by libvirt.',
  why: "The host's `host-setup.sh` sets up dnsmasq and libvirt's networks, and no other DHCP server: that one is a person's to install.",
  check({ networks = [], host }, report) {
    if (!host) return;
    for (const { dhcp, name } of networks.flatMap((network) => network ?? [])) {
      const which = dhcp?.server;
      if (!dhcp || (which !== 'isc' && which !== 'kea' && which !== 'coredhcp')) continue;
      report({
        message: `${name} has ${OWN_DHCP_SERVERS[which].name} for its DHCP server, which host-setup.sh does not set up.`,
        at: placeOf(dhcp, 'server'),
        help: 'say `server: dnsmasq`, or `server: libvirt` where libvirt makes the network; or set it up as the README.md of the tree says',
      });
    }
  },
};
