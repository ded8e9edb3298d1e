import { OWN_DHCP_SERVERS } from '../knowledge/tables/dhcp-servers.ts';
import { placeOf } from '../source/origin.ts';
import { ipv4Number } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const dhcpNeedsAddress: Rule = {
  code: 'dhcp-needs-address',
  severity: 'error',
  what: "With ISC's dhcpd, Kea or coredhcp the boot server is known by its address, and is itself what machines fetch from.",
  why: 'Both dhcpd and Kea tell firmware from where it gets its program by TFTP, and coredhcp calls itself, by an address; that of pods is none that has TFTP. dnsmasq tells its own by itself.',
  essential: true,
  check({ networks = [], server }, report) {
    const { host, kubernetes } = server ?? {};
    if (!server || host === undefined || (!kubernetes && ipv4Number(host) !== undefined)) return;
    for (const { dhcp, name } of networks.flatMap((network) => network ?? [])) {
      const which = dhcp?.server;
      if (!dhcp || (which !== 'isc' && which !== 'kea' && which !== 'coredhcp')) continue;
      report({
        message: `${OWN_DHCP_SERVERS[which].name}, which serves ${name}, is to say an address, and ${host} is ${kubernetes ? 'that of pods, which have no TFTP' : 'a name'}.`,
        at: placeOf(dhcp, 'server'),
        related: [{ message: 'the boot server is named at', at: placeOf(server, 'url') }],
        help: kubernetes
          ? 'have dnsmasq for it, on a machine of the network'
          : 'write the address in server.url; or have dnsmasq for the network',
      });
    }
  },
};
