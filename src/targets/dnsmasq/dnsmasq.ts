import { ipv4Text } from '../../site/ipv4.ts';
import type { Mac } from '../../site/mac.ts';
import type { Network, Site } from '../../site/model.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { BOOT_SCRIPT, loaderUrl, urlOf } from '../paths.ts';
import type { Target } from '../target.ts';

/**
 * DHCP by dnsmasq for the networks that name it as their server, and TFTP for these and for those whose DHCP server is
 * somebody else's.
 */
export const dnsmasq: Target = {
  name: 'dnsmasq',
  *emit(site, render) {
    const networks = site.networks.filter((network) => network.dhcp?.server === 'dnsmasq');
    if (!site.networks.some((network) => network.dhcp)) return;
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

/** A reservation: all MACs that may ask for the address, the address, and the host name where it is the node's own. */
interface Reservation {
  readonly macs: readonly Mac[];
  readonly ip: string;
  readonly hostname?: string;
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

function reservationsOf(site: Site, network: Network): Reservation[] {
  const reservations: Reservation[] = site.nodes.flatMap((node) =>
    node.nics.flatMap((nic) => {
      if (nic.network !== network || nic.ip === undefined) return [];
      // Any NIC of the management bond may be the one that asks: the firmware's choice, or the bond's.
      if (nic === node.bootNic)
        return [{ macs: node.bond.map(({ mac }) => mac), ip: nic.ip, hostname: node.name }];
      return [{ macs: [nic.mac], ip: nic.ip }];
    }),
  );
  for (const { members, vip, vipMode, vipHwAddr } of site.clusters) {
    const here = members.some((node) => node.bootNic.network === network);
    if (here && vipMode === 'dhcp' && vipHwAddr) reservations.push({ macs: [vipHwAddr], ip: vip });
  }
  return reservations;
}

/** For each architecture's name once: what it loads, as a TFTP file or a URL. */
function uniqueLoaders(site: Site) {
  const byName = new Map(DHCP_ARCHITECTURES.map((architecture) => [architecture.name, architecture]));
  return [...byName.values()].map(({ name, transport, loader }) => ({
    name,
    file: transport === 'http' ? loaderUrl(site, loader) : loader,
  }));
}
