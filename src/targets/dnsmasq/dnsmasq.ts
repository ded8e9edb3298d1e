import type { Network, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/nodes.ts';
import { unitName } from '../../tree/paths.ts';
import { interfacesOf, networkFacts, stagesOf, tftpAddress } from '../dhcp/dhcp.ts';
import type { Emitted, Render, Target } from '../target.ts';

/** DHCP by dnsmasq for the networks that name it, and TFTP for these and for those of somebody else's DHCP server. */
export const dnsmasq: Target = {
  name: 'dnsmasq',
  *emit(site, render) {
    const networks = site.networks.filter((network) => network.dhcp?.server === 'dnsmasq');
    yield* hostsFiles(site, render);
    if (!needsDnsmasq(site)) return;
    const interfaces = interfacesOf(networks);
    // They are left to libvirt's own dnsmasq, which listens on each for itself: only one that listens on all may have the ports,
    // and it would not start where the other has them.
    const bridges = site.networks.flatMap(({ libvirt, dhcp }) =>
      libvirt && dhcp?.server !== 'dnsmasq' ? libvirt.bridge : [],
    );
    const data = {
      site,
      networks: networks.map((network) => networkData(site, network)),
      interfaces,
      ...(networks.some(({ dhcp }) => dhcp?.hostsFiles) && listFiles(site)),
      // Firmware asks who answers it, unless told otherwise.
      tftp: site.server.tftpServer === 'dnsmasq' ? undefined : tftpAddress(site),
      excepted: interfaces.length > 0 ? [] : bridges,
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

/** Says whether the boot server needs dnsmasq for a site: for DHCP, or for TFTP, where no other program serves that. */
export function needsDnsmasq(site: Site): boolean {
  return site.server.tftpServer === 'dnsmasq'
    ? needsTftp(site)
    : site.networks.some(({ dhcp }) => dhcp?.server === 'dnsmasq');
}

/** Says whether the boot server serves TFTP: not for networks in a cloud, to which somebody else gives addresses. */
export function needsTftp(site: Site): boolean {
  return site.networks.some((network) => {
    const server = network.dhcp?.server;
    if (server === 'external') return !isOciNetwork(site, network);
    // coredhcp names no boot file, and its plugin that does has TFTP of its own.
    return server === 'dnsmasq' || server === 'isc' || server === 'kea';
  });
}

/** The lists that dnsmasq reads again on SIGHUP; for a network of somebody else's dnsmasq they say what is booted, too. */
function* hostsFiles(site: Site, render: Render): Iterable<Emitted> {
  const networks = site.networks.filter(hasHostsFiles);
  if (networks.length === 0) return;
  const elsewhere = networks.filter(({ dhcp }) => dhcp?.server === 'external');
  const data = {
    site,
    networks: networks.map((network) => ({
      ...networkData(site, network),
      lease: network.dhcp?.lease,
      boots: elsewhere.includes(network),
    })),
    ...listFiles(site),
    stages: elsewhere.length > 0 ? stagesOf(site, elsewhere) : undefined,
    tftp: tftpAddress(site),
  };
  yield { path: hostsPath(site), content: render('dnsmasq/hosts.dnsmasq', data) };
  yield { path: optionsPath(site), content: render('dnsmasq/options.dnsmasq', data) };
}

function listFiles(site: Site) {
  const { root } = site.server;
  return { hostsFile: `${root}/${hostsPath(site)}`, optionsFile: `${root}/${optionsPath(site)}` };
}

/** Says whether the reservations of a network are in lists that dnsmasq reads again. */
export function hasHostsFiles({ dhcp }: Network): boolean {
  return Boolean(dhcp?.hostsFiles) && (dhcp?.server === 'dnsmasq' || dhcp?.server === 'external');
}

function networkData(site: Site, network: Network) {
  return { ...network, tag: `${site.name}-${network.name}`, ...networkFacts(site, network) };
}

/** The paths, in the tree, of what other TFTP servers than dnsmasq read: those of Debian's tftpd-hpa, and of xinetd. */
export const TFTPD_HPA = 'tftpd/tftpd-hpa';
export const XINETD_TFTP = 'xinetd/tftp';

/** What serves the folder with what firmware loads by TFTP, where that is no dnsmasq: tftpd-hpa by itself, by xinetd, or by systemd. */
export const tftp: Target = {
  name: 'tftp',
  *emit(site, render) {
    if (!needsTftp(site)) return;
    const unit = unitName(site, 'tftp');
    const data = { site, unit };
    const { tftpServer } = site.server;
    if (tftpServer === 'tftpd-hpa') yield { path: TFTPD_HPA, content: render('tftp/tftpd-hpa.sh', data) };
    if (tftpServer === 'xinetd') yield { path: XINETD_TFTP, content: render('tftp/tftp.xinetd', data) };
    if (tftpServer !== 'systemd') return;
    yield { path: `systemd/${unit}.socket`, content: render('tftp/socket.systemd', data) };
    yield { path: `systemd/${unit}.service`, content: render('tftp/service.systemd', data) };
  },
};
