import { ipv4Text } from '../../site/ipv4.ts';
import type { Network, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/oci-nodes.ts';
import { reservationsOf } from '../reservations.ts';
import type { Target } from '../target.ts';
import { ntpAddresses, stagesOf } from './stages.ts';

/**
 * DHCP by dnsmasq for the networks that name it as their server, and TFTP for these and for those whose DHCP server is
 * somebody else's. libvirt runs a dnsmasq of its own for the networks that it makes.
 */
export const dnsmasq: Target = {
  name: 'dnsmasq',
  *emit(site, render) {
    const networks = site.networks.filter((network) => network.dhcp?.server === 'dnsmasq');
    if (!needsDnsmasq(site)) return;
    const interfaces = interfacesOf(networks);
    const data = {
      site,
      networks: networks.map((network) => networkData(site, network)),
      interfaces,
      excepted: interfaces.length > 0 ? [] : libvirtBridges(site),
      ...stagesOf(site, networks),
    };
    yield { path: dnsmasqPath(site), content: render('dnsmasq/site.dnsmasq', data) };
  },
};

/** The path, in the tree, of dnsmasq's configuration. */
export function dnsmasqPath({ name }: Site): string {
  return `dnsmasq/${name}.conf`;
}

/** Says whether the boot server needs dnsmasq for a site: not where somebody else gives addresses to machines of a cloud alone. */
export function needsDnsmasq(site: Site): boolean {
  return site.networks.some(
    (network) =>
      network.dhcp?.server === 'dnsmasq' ||
      (network.dhcp?.server === 'external' && !isOciNetwork(site, network)),
  );
}

/** The NICs to listen on: those of the networks, if each names its own; else dnsmasq must listen on all. */
function interfacesOf(networks: readonly Network[]): string[] {
  const names = networks.flatMap((network) => network.interface ?? []);
  return names.length === networks.length ? [...new Set(names)] : [];
}

/**
 * The bridges to leave to libvirt's own dnsmasq, which listens on each for itself: only one that listens on all may have
 * the ports, and it would not start where the other has them.
 */
function libvirtBridges(site: Site): string[] {
  return site.networks.flatMap(({ libvirt, dhcp }) =>
    libvirt && dhcp?.server !== 'dnsmasq' ? libvirt.bridge : [],
  );
}

function networkData(site: Site, network: Network) {
  const { pool } = network.dhcp ?? {};
  return {
    ...network,
    pool: pool && { from: ipv4Text(pool.first), to: ipv4Text(pool.last) },
    tag: `${site.name}-${network.name}`,
    ntpAddresses: ntpAddresses(network),
    reservations: reservationsOf(site, network),
  };
}
