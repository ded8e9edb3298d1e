import type { Network, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/oci-nodes.ts';
import { networkFacts } from '../dhcp/network-facts.ts';
import { stagesOf } from '../dhcp/stages.ts';
import { tftpAddress } from '../dhcp/tftp-address.ts';
import { BOOT_SCRIPT, urlOf } from '../paths.ts';
import { loadersOfKind } from '../programs.ts';
import type { Render } from '../render.ts';
import type { Emitted, Target } from '../target.ts';

/**
 * DHCP by dnsmasq for the networks that name it as their server, and TFTP for these and for those whose DHCP server is
 * somebody else's. libvirt runs a dnsmasq of its own for the networks that it makes.
 */
export const dnsmasq: Target = {
  name: 'dnsmasq',
  *emit(site, render) {
    const networks = site.networks.filter((network) => network.dhcp?.server === 'dnsmasq');
    yield* hostsFiles(site, render);
    if (!needsDnsmasq(site)) return;
    const interfaces = interfacesOf(networks);
    const data = {
      site,
      networks: networks.map((network) => networkData(site, network)),
      interfaces,
      ...(networks.some(({ dhcp }) => dhcp?.hostsFiles) && {
        hostsFile: `${site.server.root}/${hostsPath(site)}`,
        optionsFile: `${site.server.root}/${optionsPath(site)}`,
      }),
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

/** The path, in the tree, of who has which address: `dhcp-hostsfile`. */
export function hostsPath({ name }: Pick<Site, 'name'>): string {
  return `dnsmasq/${name}.hosts`;
}

/** The path, in the tree, of what is said to whom: `dhcp-optsfile`. */
export function optionsPath({ name }: Pick<Site, 'name'>): string {
  return `dnsmasq/${name}.options`;
}

/**
 * Says whether the boot server needs dnsmasq for a site: for DHCP, or for TFTP, which no other DHCP server does. Not where somebody
 * else gives addresses to machines of a cloud alone.
 */
export function needsDnsmasq(site: Site): boolean {
  return site.networks.some(
    (network) =>
      network.dhcp &&
      network.dhcp.server !== 'libvirt' &&
      (network.dhcp.server !== 'external' || !isOciNetwork(site, network)),
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

/** The lists that dnsmasq reads again on SIGHUP; for a network of somebody else's dnsmasq they say what is booted, too. */
function* hostsFiles(site: Site, render: Render): Iterable<Emitted> {
  const networks = site.networks.filter(hasHostsFiles);
  if (networks.length === 0) return;
  const data = {
    site,
    networks: networks.map((network) => ({
      ...networkData(site, network),
      lease: network.dhcp?.lease,
      boots: network.dhcp?.server === 'external' ? bootsOf(site, network) : undefined,
    })),
    bootUrl: urlOf(site, BOOT_SCRIPT),
  };
  yield { path: hostsPath(site), content: render('dnsmasq/hosts.dnsmasq', data) };
  yield { path: optionsPath(site), content: render('dnsmasq/options.dnsmasq', data) };
}

/** Says whether the reservations of a network are in lists that dnsmasq reads again. */
export function hasHostsFiles({ dhcp }: Network): boolean {
  return Boolean(dhcp?.hostsFiles) && (dhcp?.server === 'dnsmasq' || dhcp?.server === 'external');
}

/** What firmware loads, with the tags of who gets it, and where by TFTP. */
function bootsOf(site: Site, network: Network) {
  const kinds = new Set(networkFacts(site, network).reservations.flatMap(({ loads }) => loads ?? []));
  const others = [...kinds].filter((kind) => kind !== 'ipxe');
  const common = loadersOfKind(site, 'ipxe').map(({ name, file }) => ({
    tags: [name, ...others.map((kind) => `!${kind}`)],
    file,
  }));
  const special = others.flatMap((kind) =>
    loadersOfKind(site, kind).map(({ name, file }) => ({ tags: [name, kind], file })),
  );
  return { loaders: [...common, ...special], tftp: tftpAddress(site) };
}

function networkData(site: Site, network: Network) {
  return { ...network, tag: `${site.name}-${network.name}`, ...networkFacts(site, network) };
}
