import { ipv4Text } from '../../site/ipv4.ts';
import type { Network, Site } from '../../site/model.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { BOOT_SCRIPT, loaderUrl, urlOf } from '../paths.ts';
import { reservationsOf } from '../reservations.ts';
import type { Target } from '../target.ts';

/**
 * DHCP by dnsmasq for the networks that name it as their server, and TFTP for these and for those whose DHCP server is
 * somebody else's. libvirt runs a dnsmasq of its own for the networks that it makes.
 */
export const dnsmasq: Target = {
  name: 'dnsmasq',
  *emit(site, render) {
    const networks = site.networks.filter((network) => network.dhcp?.server === 'dnsmasq');
    if (!needsDnsmasq(site)) return;
    const data = {
      site,
      networks: networks.map((network) => networkData(site, network)),
      interfaces: interfacesOf(networks),
      architectures: DHCP_ARCHITECTURES,
      loaders: uniqueLoaders(site),
      httpNames: [
        ...new Set(
          DHCP_ARCHITECTURES.filter(({ transport }) => transport === 'http').map(({ name }) => name),
        ),
      ],
      bootUrl: urlOf(site, BOOT_SCRIPT),
    };
    yield { path: `dnsmasq/${site.name}.conf`, content: render('dnsmasq/site.dnsmasq', data) };
  },
};

/** Says whether the boot server needs dnsmasq for a site. */
export function needsDnsmasq(site: Site): boolean {
  return site.networks.some(({ dhcp }) => dhcp && dhcp.server !== 'libvirt');
}

/** The NICs to listen on: those of the networks, if each names its own; else dnsmasq must listen on all. */
function interfacesOf(networks: readonly Network[]): string[] {
  const names = networks.flatMap((network) => network.interface ?? []);
  return names.length === networks.length ? [...new Set(names)] : [];
}

function networkData(site: Site, network: Network) {
  const { pool } = network.dhcp ?? {};
  return {
    ...network,
    pool: pool && { from: ipv4Text(pool.first), to: ipv4Text(pool.last) },
    tag: `${site.name}-${network.name}`,
    // dnsmasq takes addresses only; names in `ntp` reach the nodes by their configuration.
    ntpAddresses: network.ntp.filter((server) => /^[0-9.]+$/.test(server)),
    reservations: reservationsOf(site, network),
  };
}

/** For each architecture's name once: what it loads, as a TFTP file or a URL. */
function uniqueLoaders(site: Site) {
  const byName = new Map(DHCP_ARCHITECTURES.map((architecture) => [architecture.name, architecture]));
  return [...byName.values()].map(({ name, transport, loader }) => ({
    name,
    file: transport === 'http' ? loaderUrl(site, loader) : loader,
  }));
}
