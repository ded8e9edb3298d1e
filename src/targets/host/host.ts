import { createHash } from 'node:crypto';
import { type Arch, BOOTED } from '../../knowledge/harvester.ts';
import { HOST_FAMILIES } from '../../knowledge/hosts.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Host, Site } from '../../site/model.ts';
import { servedImages } from '../../site/nodes.ts';
import {
  BUILD_IPXE,
  domainPath,
  FETCH_MEDIA,
  HOST_SETUP,
  leasesFile,
  libvirtNetworks,
  networkPath,
  PUT_GRUB,
  PUT_PXELINUX,
  stateFolder,
} from '../../tree/paths.ts';
import { dnsmasqPath, hasHostsFiles, hostsPath, needsDnsmasq, optionsPath } from '../dnsmasq/dnsmasq.ts';
import { fillStamp, nginxFills, nginxId } from '../nginx/nginx.ts';
import { listenersOf } from '../nginx/served.ts';
import { buildOf, buildsIpxe, grubProgramsOf, hasPxelinux, loadersOf, needsOwnIpxe } from '../programs.ts';
import {
  CHRONY,
  dnsmasqUnit,
  FIREWALL,
  firewallUnit,
  needsChrony,
  needsFirewall,
  nftTable,
  timedNetworks,
  watchdogUnit,
} from '../systemd/systemd.ts';
import type { Target } from '../target.ts';

/** How long a virtual machine may take to shut down. A Harvester node drains what runs on it first. */
const SHUTDOWN_SECONDS = 300;

/** What `uname -m` says of a host on which KVM runs machines of an architecture. */
const MACHINES: Readonly<Record<Arch, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** What each kind of file takes at most, in bytes, where the inventory does not say it. Source: the releases up to v1.8. */
const AT_MOST = { kernel: 20e6, initrd: 200e6, rootfs: 1.5e9, iso: 7.5e9 } as const;

/** The scripts that make a machine the libvirt host of a site, and that take down what they have put up. */
export const host: Target = {
  name: 'host',
  *emit(site, render) {
    if (!site.host) return;
    const data: Readonly<Record<string, object>> = dataOf(site, site.host);
    // One file each, that can be read from its beginning; bash has all of it before it begins.
    const script = (...parts: readonly string[]) =>
      `${parts.map((part) => render(`host/${part}.sh`, data[part] ?? {})).join('')}\nmain "$@"\n`;
    const steps = ['check', 'packages', 'data-disks', 'disks', 'media', 'network', 'access', 'services'];
    yield {
      path: HOST_SETUP,
      content: script('setup', 'setup-steps', 'common', 'remove', ...steps),
      executable: true,
    };
    yield {
      path: 'scripts/down.sh',
      content: script('down', 'down-steps', 'common', 'remove'),
      executable: true,
    };
  },
};

/** What each part of the scripts gets; a part that is not here is a script as it is. */
function dataOf(site: Site, host: Host) {
  const nodes = site.nodes.filter(({ domain }) => domain);
  const domains = nodes.map(({ name, domain }) => ({
    name,
    uuid: domain?.uuid ?? '',
    autostart: domain?.autostart ?? true,
    images: domain?.disks ?? [],
  }));
  const images = domains.flatMap((domain) => domain.images);
  const networks = libvirtNetworks(site).map((network) => ({ ...network, path: networkPath(site, network) }));
  const bridges = nodes
    .flatMap(({ nics }) => nics)
    .flatMap(({ network }) => (network.libvirt ? [] : (network.interface ?? [])));
  const archs = [...new Set(nodes.map(({ arch }) => arch))].sort();
  const families = familiesOf(site, host, archs);
  const media = mediaOf(site);
  const linux = servedImages(site);
  const clock = needsChrony(site);
  const firewall = needsFirewall(site) ? `${firewallUnit(site)}.service` : undefined;
  const dnsmasq = needsDnsmasq(site) ? `${dnsmasqUnit(site)}.service` : undefined;
  const ownLists = site.networks.some(
    (network) => network.dhcp?.server === 'dnsmasq' && hasHostsFiles(network),
  );
  const dnsmasqLists = dnsmasq && ownLists ? [hostsPath(site), optionsPath(site)] : [];
  const loaders = loadersOf(site).map((loader) => ({ loader, how: howBuilt(site, loader) }));
  const puts = [
    ...(grubProgramsOf(site).length > 0 ? [{ script: PUT_GRUB, what: 'GRUB' }] : []),
    ...(hasPxelinux(site) ? [{ script: PUT_PXELINUX, what: 'PXELINUX' }] : []),
  ];
  const tftp = networks.some(({ dhcp }) => dhcp?.server === 'libvirt');
  const table = nftTable(site);
  const isFilled = site.server.secrets === undefined;
  // Folders are of letters that mean only themselves to AppArmor (server-path).
  const apparmor = [
    `${site.server.tftp}/ r,`,
    `${site.server.tftp}/** r,`,
    ...(dnsmasq ? [`${site.server.root}/dnsmasq/* r,`, `${leasesFile(site)} rw,`] : []),
  ];
  const steps = [
    'check',
    'packages',
    ...(host.disks.length > 0 ? ['disks'] : []),
    ...(media || linux ? ['media'] : []),
    ...(loaders.length > 0 || tftp || puts.length > 0 ? ['programs'] : []),
    ...(clock ? ['clock'] : []),
    'libvirt',
    'leftovers',
    'access',
    ...(firewall ? ['firewall'] : []),
    ...(dnsmasq ? ['dnsmasq'] : []),
    'networks',
    'nginx',
    'domains',
    'units',
  ];
  const neededFiles = [
    ...(media || linux ? [FETCH_MEDIA] : []),
    ...puts.map(({ script }) => script),
    ...(clock ? [CHRONY] : []),
    ...(firewall ? [FIREWALL, `systemd/${firewall}`] : []),
    ...(dnsmasq ? [dnsmasqPath(site), ...dnsmasqLists, `systemd/${dnsmasq}`] : []),
    ...networks.map(({ path }) => path),
    `nginx/${site.name}.conf`,
    ...nodes.map(domainPath),
  ];
  const common = {
    site,
    state: stateFolder(site),
    watchdog: `${watchdogUnit(site)}.timer`,
    shutdownSeconds: SHUTDOWN_SECONDS,
  };
  return {
    setup: { ...common, steps, rsync: rsyncOf(site) },
    down: { ...common, firewall },
    check: {
      site,
      families,
      archs: archs.map((name) => ({ name, machine: MACHINES[name] })),
      domains,
      vcpus: nodes.reduce((total, { domain }) => total + (domain?.vcpus ?? 0), 0),
      memory: nodes.reduce((total, { domain }) => total + (domain?.memory ?? 0), 0),
      media,
      neededFiles,
      bridges: [...new Set(bridges)],
    },
    packages: { families },
    disks: { disks: host.disks.map((disk) => ({ ...disk, label: diskLabel(site.name, disk.name) })) },
    media: { site, families, media, linux, loaders, puts, tftp, clock },
    network: { site, domains, images, networks, clock, firewall, dnsmasq, dnsmasqLists, table },
    access: {
      site,
      media,
      linux,
      dnsmasq,
      openings: openingsOf(site),
      outside: outsidePorts(site),
      apparmor,
    },
    services: {
      site,
      families,
      domains,
      images,
      firewall,
      dnsmasq,
      secrets: secretsOf(site, host),
      isFilled,
    },
  };
}

/** The families of distributions that the host may have, each with what the site needs of it. */
function familiesOf(site: Site, { disks, expose }: Host, archs: readonly Arch[]) {
  const hasGrub = grubProgramsOf(site).length > 0;
  const hasXfs = disks.some(({ filesystem }) => filesystem === 'xfs');
  return HOST_FAMILIES.map((family) => {
    const { name, ids, selinuxPackage, chrony, nginxGroup } = family;
    const ofArchs = (packages: Readonly<Record<Arch, readonly string[]>>) => [
      ...new Set(archs.flatMap((arch) => packages[arch])),
    ];
    // The source is empty where the family has no program that will do.
    const loaders = loadersOf(site).map((loader) => ({
      loader,
      source: (!needsOwnIpxe(site) && family.programs[loader]) || '',
    }));
    const packages = new Set([
      ...family.packages,
      ...ofArchs(family.packagesOf),
      ...(hasXfs ? [family.xfsPackage] : []),
      ...(site.airGapped ? ['chrony'] : []),
    ]);
    if (expose.length === 0) packages.delete('socat');
    return {
      name,
      ids,
      selinuxPackage,
      chrony,
      nginxGroup,
      loaders,
      packages: [...packages].sort(),
      ipxe: loaders.some(({ source }) => source !== '') ? ofArchs(family.ipxePackages) : [],
      grub: hasGrub ? ofArchs(family.grubPackages) : [],
      pxelinux: hasPxelinux(site) ? family.pxelinuxPackages : [],
    };
  });
}

/** Harvester's files on the host, where machines fetch them from it, and how much room each takes. */
function mediaOf(site: Site) {
  const { path: folder } = site.server.media;
  if (folder === undefined) return undefined;
  const files = installedReleases(site).flatMap(({ version, files }) =>
    BOOTED.map((kind) => ({
      path: `${folder}/${version}/${files[kind]}`,
      size: site.size[files[kind]] ?? AT_MOST[kind],
    })),
  );
  return files.length > 0 ? { folder, files } : undefined;
}

/** How one of iPXE's programs is built, in words. */
function howBuilt(site: Site, loader: string): string {
  if (buildsIpxe(site)) return `the tree's ${BUILD_IPXE} loaders`;
  return `make ${buildOf(loader).program} in the folder src of iPXE's sources`;
}

/** What nginx is to fill in, and how a person brings it. */
function secretsOf(site: Site, { address }: Host) {
  const fills = nginxFills(site);
  if (fills.length === 0) return undefined;
  return {
    include: site.server.secrets ?? '',
    id: nginxId(site),
    stamp: fillStamp(fills),
    names: [...new Set(fills.map(({ name }) => name))].sort(),
    folder: `sites/${site.name}`,
    host: address ?? site.server.host,
  };
}

/** The rsync that brings the tree to where it belongs; one with secrets in it is for root and nginx alone. */
function rsyncOf({ server }: Site): string {
  const modes = server.secrets === undefined ? '--chmod=D750,Fu=rwX,Fg=rX,Fo=' : '--chmod=D755,Fu=rwX,Fgo=rX';
  return `rsync --archive --chown=root:root ${modes} --delete-before --mkpath --exclude=/.harvgen`;
}

/**
 * Gives the label of the file system that host-setup.sh makes on a data disk: by it a later run knows its own. It follows
 * from the site and the disk's name. xfs takes 12 characters, ext4 16. Source: mkfs.xfs(8), e2label(8).
 */
export function diskLabel(site: string, disk: string): string {
  return `hv-${createHash('sha256').update(`${site}/${disk}`).digest('hex').slice(0, 9)}`;
}

/** Gives what is to be let in on each of the host's bridges and NICs that the site's machines are on: what is asked for there, and no more. */
export function openingsOf(site: Site) {
  const used = new Set(site.nodes.flatMap(({ nics }) => nics.map(({ network }) => network)));
  const booted = new Set(site.nodes.map(({ bootNic }) => bootNic.network));
  const timed = timedNetworks(site);
  const web = new Set(listenersOf(site.server).map(({ port }) => `${port}/tcp`));
  const others = [...used].filter(({ libvirt }) => !libvirt);
  return [...libvirtNetworks(site), ...others].flatMap((network) => {
    const { libvirt, dns, dhcp } = network;
    const bridge = libvirt ? libvirt.address && libvirt.bridge : network.interface;
    if (!bridge) return [];
    const ports = [...(booted.has(network) ? web : []), ...(timed.includes(network) ? ['123/udp'] : [])];
    // Names where the host has that address. Where somebody else gives the addresses, the host has iPXE all the same.
    const dnsmasq = [
      ...(libvirt?.address && dns.includes(libvirt.address) ? ['53/tcp', '53/udp'] : []),
      ...(dhcp && dhcp.server !== 'external' ? ['67/udp'] : []),
      ...(dhcp ? ['69/udp'] : []),
    ];
    if (ports.length + dnsmasq.length === 0) return [];
    return { bridge, ...(libvirt && { forward: libvirt.forward }), ports, dnsmasq };
  });
}

/** Gives the exposed ports that people elsewhere ask for: not those that are for the host itself. */
export function outsidePorts({ host }: Site): string[] {
  const ports = (host?.expose ?? []).filter(({ address }) => !address?.startsWith('127.'));
  return [...new Set(ports.map(({ port }) => `${port}/tcp`))];
}
