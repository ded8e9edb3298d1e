import type { Exposed, Network, Site } from '../site/model.ts';

/** The networks that libvirt makes on the host, in the inventory's order. */
export function libvirtNetworks(site: Site): Network[] {
  return site.networks.filter(({ libvirt }) => libvirt);
}

/** The path, in the tree, of a network that libvirt makes: the first has the plain name. */
export function networkPath(site: Site, network: Network): string {
  return network === libvirtNetworks(site)[0]
    ? 'libvirt/network.xml'
    : `libvirt/networks/${network.name}.xml`;
}

/** The path, in the tree, of a node's libvirt domain. */
export function domainPath({ name }: { readonly name: string }): string {
  return `libvirt/domains/${name}.xml`;
}

/**
 * Where libvirt logs the serial console of a domain: beside QEMU's own log, `<domain>.log`. The name has an underscore, so
 * that it is no other node's log: no host name has one.
 */
export function consoleLog({ name }: { readonly name: string }): string {
  return `/var/log/libvirt/qemu/${name}_console.log`;
}

/** The name of one of the site's systemd units, without its ending. They lie in `systemd/` of the tree. */
export function unitName(site: Site, what: string): string {
  return `harvgen-${site.name}-${what}`;
}

/** The name of the systemd unit of an exposed port, without its ending. */
export function exposeUnit(site: Site, exposed: Exposed): string {
  return unitName(site, exposeName(exposed));
}

/** What names an exposed port among those of its host: one port may lead elsewhere from each of the host's addresses. */
export function exposeName({ port, address }: Pick<Exposed, 'port' | 'address'>): string {
  return address === undefined ? `expose-${port}` : `expose-${address}-${port}`;
}

/** The folder on the host where it keeps what its scripts have put up for a site. */
export function stateFolder({ name }: Site): string {
  return `/var/lib/harvgen/${name}`;
}

/** Where the site's own dnsmasq on the host keeps who has which address. */
export function leasesFile(site: Site): string {
  return `${stateFolder(site)}/dnsmasq.leases`;
}
