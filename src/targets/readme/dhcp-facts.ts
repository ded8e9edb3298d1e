import { OWN_DHCP_SERVERS } from '../../knowledge/tables/dhcp-servers.ts';
import type { Network, Site } from '../../site/model.ts';
import { COREDHCP } from '../coredhcp/coredhcp.ts';
import { hasHostsFiles } from '../dnsmasq/dnsmasq.ts';
import { DHCPD } from '../isc/isc.ts';
import { KEA } from '../kea/kea.ts';
import { dnsmasqUnit } from '../systemd/units.ts';

/** Where Debian's packages have each server look for its configuration, and how they try it. */
const PLACES = {
  isc: { path: DHCPD, to: '/etc/dhcp/dhcpd.conf', test: 'dhcpd -t -cf' },
  kea: { path: KEA, to: '/etc/kea/kea-dhcp4.conf', test: 'kea-dhcp4 -t' },
  coredhcp: { path: COREDHCP.config, to: '/etc/coredhcp/config.yml', test: undefined },
} as const;

/** What the README of a tree says of DHCP. */
export function dhcpFacts(site: Site) {
  const servedBy = (server: string) => site.networks.filter(({ dhcp }) => dhcp?.server === server);
  const servers = (['isc', 'kea', 'coredhcp'] as const).flatMap((key) => {
    const networks = servedBy(key);
    if (networks.length === 0) return [];
    return { key, ...OWN_DHCP_SERVERS[key], ...PLACES[key], networks, interfaces: interfacesOf(networks) };
  });
  const ownDnsmasq = site.host ? dnsmasqUnit(site) : 'dnsmasq';
  const dhcpUnit = servedBy('dnsmasq').length > 0 ? ownDnsmasq : undefined;
  return {
    dhcpServers: servers,
    dhcpUnit,
    dhcpUnits: [...(dhcpUnit === undefined ? [] : [dhcpUnit]), ...servers.map(({ unit }) => unit)],
    coresmd:
      servers.some(({ key }) => key === 'coredhcp') && site.server.compat.includes('ochami')
        ? COREDHCP.coresmd
        : undefined,
    // Of dnsmasq's own networks, and of somebody else's.
    hostsFiles: servedBy('dnsmasq').some(hasHostsFiles),
    listed: servedBy('external').filter(hasHostsFiles),
  };
}

/** The NICs that a server is to listen on, where every network of its says one. */
function interfacesOf(networks: readonly Network[]): string[] {
  const names = networks.flatMap((network) => network.interface ?? []);
  return names.length === networks.length ? [...new Set(names)] : [];
}
