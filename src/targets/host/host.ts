import { createHash } from 'node:crypto';
import { type Arch, BOOTED } from '../../knowledge/harvester.ts';
import { HOST_FAMILIES } from '../../knowledge/hosts.ts';
import { needsDnsmasq } from '../../plan/dhcp.ts';
import { lunClients } from '../../plan/iscsi.ts';
import { servedImages } from '../../plan/linux-images.ts';
import * as programs from '../../plan/programs.ts';
import { listenersOf } from '../../plan/served.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Host, Network, Site } from '../../site/model.ts';
import * as paths from '../../tree/paths.ts';
import { namesPath } from '../dns/dns.ts';
import { dnsmasqPath, hasHostsFiles } from '../dnsmasq/dnsmasq.ts';
import { fillStamp, nginxFills, nginxId } from '../nginx/nginx.ts';
import * as units from '../systemd/systemd.ts';
import type { Target } from '../target.ts';

/** The default time limit for shutting down a virtual machine. A Harvester node drains its workloads first. */
const SHUTDOWN_SECONDS = 300;

/** The time limits for a data disk. AWS and Azure attach the disks of a VM, one after another, only when it runs already. */
const [DISK_SECONDS, CLOUD_DISK_SECONDS] = [60, 600];

/** The output of `uname -m` on a host whose KVM runs machines of each architecture. */
const MACHINES: Readonly<Record<Arch, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** The largest size of each media file in bytes, for files without a size in the inventory. Source: the releases up to v1.8. */
const AT_MOST = { kernel: 20e6, initrd: 200e6, rootfs: 1.5e9, iso: 7.5e9 } as const;

/** The site files that host-setup.sh runs. */
const HOOK = /^scripts\/host\.d\/[^/]+$/;

/** The scripts that set up a machine as the libvirt host of a site, and that remove what they installed. */
export const host: Target = {
  name: 'host',
  *emit(site, render) {
    if (!site.host) return;
    const data = dataOf(site, site.host);
    // Each script is one file, readable from top to bottom; bash parses the whole file before main runs.
    const partOf = (part: string) => render(`host/${part}.sh`, data[part as keyof typeof data] ?? {});
    const script = (parts: string) => `${parts.split(' ').map(partOf).join('')}\nmain "$@"\n`;
    const setup = script(
      'setup setup-steps common remove check packages data-disks disks images media network access services',
    );
    yield { path: paths.HOST_SETUP, content: setup, executable: true };
    const down = script('down down-steps common remove');
    yield { path: 'scripts/down.sh', content: down, executable: true };
  },
};

/** Returns the template data of each part of the scripts. A part without data is a plain script. */
function dataOf(site: Site, host: Host) {
  const nodes = site.nodes.filter(({ domain }) => domain);
  const sumOf = (key: 'vcpus' | 'memory') => nodes.reduce((sum, { domain }) => sum + (domain?.[key] ?? 0), 0);
  const domains = nodes.map(({ name, domain, install }) => ({
    name,
    uuid: domain?.uuid ?? '',
    autostart: domain?.autostart ?? true,
    images: domain?.disks ?? [],
    // The installer needs the WWN of the tree, and a machine that is reinstalled at each boot keeps no disk.
    keepsWwn: install !== 'always',
  }));
  const images = domains.flatMap(({ images, name, uuid, keepsWwn }) =>
    images.map((image) => ({ ...image, domain: name, uuid, kept: (keepsWwn && image.wwn) || '-' })),
  );
  const networks = paths
    .libvirtNetworks(site)
    .map((network) => ({ ...network, path: paths.networkPath(site, network) }));
  const bridges = nodes
    .flatMap(({ nics }) => nics)
    .flatMap(({ network }) => (network.libvirt ? [] : (network.interface ?? [])));
  const families = familiesOf(site, host);
  const [media, linux] = [mediaOf(site), servedImages(site)];
  const clock = units.needsChrony(site);
  const firewall = units.needsFirewall(site) ? `${paths.unitName(site, 'firewall')}.service` : undefined;
  const dnsmasq = needsDnsmasq(site) ? `${paths.unitName(site, 'dnsmasq')}.service` : undefined;
  const hasLists = site.networks.some(
    (network) => network.dhcp?.server === 'dnsmasq' && hasHostsFiles(network),
  );
  const dnsmasqLists = [
    ...(dnsmasq && hasLists ? [dnsmasqPath(site, 'hosts'), dnsmasqPath(site, 'options')] : []),
    ...(site.server.dns === 'dnsmasq' ? [namesPath(site)] : []),
  ];
  const loaders = programs.loadersOf(site).map((loader) => ({ loader, how: howBuilt(site, loader) }));
  const puts = [
    ...(programs.grubProgramsOf(site).length > 0 ? [{ script: paths.PUT_GRUB, what: 'GRUB' }] : []),
    ...(programs.hasPxelinux(site) ? [{ script: paths.PUT_PXELINUX, what: 'PXELINUX' }] : []),
  ];
  const tftp = networks.some(({ dhcp }) => dhcp?.server === 'libvirt');
  const isFilled = site.server.secrets === undefined;
  // The rule server-path keeps AppArmor's special characters out of these paths.
  const apparmor = [
    `${site.server.tftp}/ r,`,
    `${site.server.tftp}/** r,`,
    ...(dnsmasq ? [`${site.server.root}/dnsmasq/* r,`, `${paths.leasesFile(site)} rw,`] : []),
  ];
  const hooks = site.files.flatMap((file) => (file.executable && HOOK.test(file.path) ? file.path : []));
  /** The steps of the setup, whether the site needs them, and the files of the tree that they read. */
  const allSteps: readonly (readonly [step: string, isNeeded: unknown, files?: readonly string[]])[] = [
    ['check', true],
    ['packages', true],
    ['disks', host.disks.length > 0],
    ['media', media || linux, [paths.FETCH_MEDIA]],
    ['programs', loaders.length > 0 || tftp || puts.length > 0, puts.map(({ script }) => script)],
    ['clock', clock, [units.CHRONY]],
    ['libvirt', true],
    ['leftovers', true],
    ['access', true],
    ['firewall', firewall, [units.FIREWALL, `systemd/${firewall}`]],
    ['dnsmasq', dnsmasq, [dnsmasqPath(site), ...dnsmasqLists, `systemd/${dnsmasq}`]],
    ['networks', true, networks.map(({ path }) => path)],
    ['unused', true],
    ['nginx', true, [`nginx/${site.name}.conf`]],
    ['domains', true, nodes.map(paths.domainPath)],
    ['units', true],
    ['hooks', hooks.length > 0, hooks],
  ];
  const steps = allSteps.filter(([, isNeeded]) => isNeeded);
  const gates = { firewall, dnsmasq };
  const totals = { vcpus: sumOf('vcpus'), memory: sumOf('memory') };
  const exposure = { forwarded: forwardedBy(site), openings: openingsOf(site), outside: outsidePorts(site) };
  const archs = archsOf(site).map((name) => ({ name, machine: MACHINES[name] }));
  const neededFiles = steps.flatMap(([, , files = []]) => files);
  const [mounts, consoles, table] = [
    host.disks.map(({ mount }) => mount),
    hasConsoles(site),
    units.nftTable(site),
  ];
  const disks = host.disks.map((disk) => ({ ...disk, label: diskLabel(site.name, disk.name) }));
  const [state, watchdog] = [paths.stateFolder(site), `${paths.unitName(site, 'watchdog')}.timer`];
  const common = { site, state, watchdog, shutdownSeconds: SHUTDOWN_SECONDS };
  return {
    setup: { ...common, steps: steps.map(([step]) => step), rsync: rsyncOf(site) },
    down: { ...common, firewall, isFilled },
    check: { site, families, archs, domains, ...totals, media, neededFiles, bridges: [...new Set(bridges)] },
    packages: { families },
    disks: { disks, seconds: host.cloud ? CLOUD_DISK_SECONDS : DISK_SECONDS },
    media: { site, families, media, linux, loaders, puts, tftp, clock },
    images: { images },
    network: { site, domains, images, networks, clock, ...gates, dnsmasqLists, table },
    access: { site, mounts, clock, media, linux, dnsmasq, ...exposure, consoles, apparmor },
    services: { site, families, domains, images, ...gates, secrets: secretsOf(site, host), isFilled, hooks },
  };
}

/** Whether nginx shows screens of machines in a browser. */
const hasConsoles = ({ nodes }: Site) => nodes.some(({ domain }) => domain?.vnc.websocket);

/** Returns the architectures of the virtual machines, each once and sorted. */
export function archsOf({ nodes }: Site): Arch[] {
  return [...new Set(nodes.flatMap(({ arch, domain }) => (domain ? arch : [])))].sort();
}

/** Returns the supported distribution families, each with the packages and boot loaders that the site needs. */
export function familiesOf(site: Site, { disks, expose, cloud }: Host) {
  const ofArchs = (packages: Readonly<Record<Arch, readonly string[]>>) => [
    ...new Set(archsOf(site).flatMap((arch) => packages[arch])),
  ];
  return HOST_FAMILIES.map((family) => {
    const { name, ids, selinuxPackage, chrony, nginxGroup } = family;
    // The source is empty if the family has no suitable iPXE binary.
    const loaders = programs.loadersOf(site).map((loader) => ({
      loader,
      source: (!programs.needsOwnIpxe(site) && family.programs[loader]) || '',
    }));
    const packages = new Set([
      ...family.packages,
      ...ofArchs(family.packagesOf),
      ...(disks.some(({ filesystem }) => filesystem === 'xfs') ? [family.xfsPackage] : []),
      ...(site.airGapped ? ['chrony'] : []),
      // The operator of another host installs it to copy the tree; to a cloud VM, cloud-init brings the tree.
      ...(cloud ? ['rsync'] : []),
    ]);
    if (expose.length === 0) packages.delete('socat');
    /** Boot loaders, which can be built instead, and noVNC. */
    const optional = [
      ...(loaders.some(({ source }) => source !== '') ? ofArchs(family.ipxePackages) : []),
      ...(programs.grubProgramsOf(site).length > 0 ? ofArchs(family.grubPackages) : []),
      ...(programs.hasPxelinux(site) ? family.pxelinuxPackages : []),
      ...(hasConsoles(site) ? ['novnc'] : []),
    ];
    return {
      name,
      ids,
      selinuxPackage,
      chrony,
      nginxGroup,
      loaders,
      packages: [...packages].sort(),
      optional,
    };
  });
}

/** Returns the installation media that the host serves, each with its size; undefined if the host serves none. */
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

/** Returns a short description of how to build one of the iPXE binaries. */
function howBuilt(site: Site, loader: string): string {
  if (programs.buildsIpxe(site)) return `the tree's ${paths.BUILD_IPXE} loaders`;
  return `make ${programs.buildOf(loader).program} in the src directory of the iPXE sources`;
}

/** Returns the secrets that nginx substitutes and the data for the command that installs them; undefined if there are none. */
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

/** Returns the rsync command that copies the tree to server.root. Only root and nginx may read a tree that contains secrets. */
function rsyncOf({ server, host }: Site): string {
  const modes = server.secrets === undefined ? '--chmod=D750,Fu=rwX,Fg=rX,Fo=' : '--chmod=D755,Fu=rwX,Fgo=rX';
  return `rsync --archive --chown=root:root ${modes} --delete-before --mkpath --exclude=/.harvgen${host?.cloud ? ' --exclude=/cloud' : ''}`;
}

/**
 * Returns the label of the file system that host-setup.sh creates on a data disk, so that a later run recognizes it. The label is
 * derived from the names of the site and the disk. xfs allows 12 characters, ext4 16. Source: mkfs.xfs(8), e2label(8).
 */
export function diskLabel(site: string, disk: string): string {
  return `hv-${createHash('sha256').update(`${site}/${disk}`).digest('hex').slice(0, 9)}`;
}

/** Returns the ports to open on each bridge and NIC of the host that the site's machines use: only ports that they request. */
export function openingsOf(site: Site) {
  const used = new Set(site.nodes.flatMap(({ nics }) => nics.map(({ network }) => network)));
  const booted = new Set(site.nodes.map(({ bootNic }) => bootNic.network));
  const timed = units.timedNetworks(site);
  const web = new Set(listenersOf(site.server).map(({ port }) => `${port}/tcp`));
  const clients = (site.host?.luns ?? []).flatMap((lun) => lunClients(lun, site));
  const ofLuns = new Set(clients.flatMap(({ ips }) => ips.map(({ network }) => network as Network)));
  const others = [...used].filter(({ libvirt }) => !libvirt);
  return [...paths.libvirtNetworks(site), ...others].flatMap((network) => {
    const { libvirt, dns, dhcp } = network;
    const bridge = libvirt ? libvirt.address && libvirt.bridge : network.interface;
    if (!bridge) return [];
    const ports = [
      ...(booted.has(network) ? web : []),
      ...(timed.includes(network) ? ['123/udp'] : []),
      ...(ofLuns.has(network) ? [`${site.server.iscsi.port}/tcp`] : []),
    ];
    // DNS only if the host has that IP address. With an external DHCP server, the host still serves iPXE by TFTP.
    const dnsmasq = [
      ...(libvirt?.address && dns.includes(libvirt.address) ? ['53/tcp', '53/udp'] : []),
      ...(dhcp && dhcp.server !== 'external' ? ['67/udp'] : []),
      ...(dhcp ? ['69/udp'] : []),
    ];
    if (ports.length + dnsmasq.length === 0) return [];
    return { bridge, ...(libvirt && { forward: libvirt.forward }), ports, dnsmasq };
  });
}

/** Returns the bridges from which the host forwards traffic; `routed` ones keep their IP addresses, so that others can connect to them. */
export function forwardedBy(site: Site) {
  if (site.airGapped) return [];
  return paths.libvirtNetworks(site).flatMap(({ libvirt }) => {
    if (!libvirt || libvirt.forward === 'isolated') return [];
    return { bridge: libvirt.bridge, routed: libvirt.forward !== 'nat' };
  });
}

/** Returns the exposed ports that other hosts can reach. */
export function outsidePorts(site: Site): string[] {
  return [...new Set(units.reachablePorts(site).map(({ port }) => `${port}/tcp`))];
}
