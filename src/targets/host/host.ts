import type { Arch } from '../../knowledge/harvester.ts';
import type { Node, Site } from '../../site/model.ts';
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
import { CHRONY, needsChrony } from '../chrony/chrony.ts';
import { dnsmasqPath, hasHostsFiles, hostsPath, needsDnsmasq, optionsPath } from '../dnsmasq/dnsmasq.ts';
import { FIREWALL, needsFirewall, nftTable } from '../firewall/firewall.ts';
import { fillStamp, nginxFills, nginxId } from '../nginx/fills.ts';
import { buildOf, buildsIpxe, grubProgramsOf, hasPxelinux, loadersOf } from '../programs.ts';
import { dnsmasqUnit, firewallUnit, watchdogUnit } from '../systemd/systemd.ts';
import { pick, type Target } from '../target.ts';
import { diskLabel } from './disk-label.ts';
import { familiesOf } from './families.ts';
import { mediaSizes } from './media-sizes.ts';
import { openingsOf, outsidePorts } from './openings.ts';

const DOWN = 'scripts/down.sh';

/** How long a virtual machine may take to shut down. A Harvester node drains what runs on it first. */
const SHUTDOWN_SECONDS = 300;

/** What `uname -m` says of a host on which KVM runs machines of an architecture. */
const MACHINES: Readonly<Record<Arch, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** What each part of the scripts gets of the data. */
const PARTS = {
  access: ['site', 'media', 'linux', 'dnsmasq', 'openings', 'outside', 'apparmor'],
  check: ['site', 'families', 'archs', 'domains', 'vcpus', 'memory', 'media', 'neededFiles', 'bridges'],
  common: ['site'],
  disks: ['disks'],
  down: ['site', 'state', 'firewall', 'watchdog', 'shutdownSeconds'],
  media: ['site', 'families', 'media', 'linux', 'loaders', 'puts', 'tftp', 'clock'],
  network: [
    'site',
    'domains',
    'images',
    'networks',
    'clock',
    'firewall',
    'dnsmasq',
    'dnsmasqLists',
    'table',
    'watchdog',
  ],
  packages: ['families'],
  remove: ['site', 'watchdog', 'shutdownSeconds'],
  services: [
    'site',
    'families',
    'secrets',
    'isFilled',
    'domains',
    'images',
    'firewall',
    'dnsmasq',
    'watchdog',
  ],
  setup: ['site', 'state', 'steps', 'rsync', 'shutdownSeconds'],
} as const satisfies Record<string, readonly (keyof HostData)[]>;

type Part = keyof typeof PARTS;
type HostData = ReturnType<typeof dataOf>;

/** The scripts that make a machine the libvirt host of a site, and that take down what they have put up. */
export const host: Target = {
  name: 'host',
  *emit(site, render) {
    if (!site.host) return;
    const data = dataOf(site);
    // One file each, that can be read from its beginning; bash has all of it before it begins.
    const script = (...parts: readonly Part[]) =>
      `${parts.map((part) => render(`host/${part}.sh`, pick(data, PARTS[part]))).join('')}\nmain "$@"\n`;
    yield {
      path: HOST_SETUP,
      content: script(
        'setup',
        'common',
        'remove',
        'check',
        'packages',
        'disks',
        'media',
        'network',
        'access',
        'services',
      ),
      executable: true,
    };
    yield { path: DOWN, content: script('down', 'common', 'remove'), executable: true };
  },
};

/** How one of iPXE's programs is built, in words. */
function howBuilt(site: Site, loader: string): string {
  if (buildsIpxe(site)) return `the tree's ${BUILD_IPXE} loaders`;
  return `make ${buildOf(loader).program} in the folder src of iPXE's sources`;
}

function dataOf(site: Site) {
  const nodes = site.nodes.filter(({ domain }) => domain);
  const domains = nodes.map(domainData);
  const networks = libvirtNetworks(site).map((network) => ({ ...network, path: networkPath(site, network) }));
  const archs = [...new Set(nodes.map(({ arch }) => arch))].sort();
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
  const disks = (site.host?.disks ?? []).map((disk) => ({ ...disk, label: diskLabel(site.name, disk.name) }));
  return {
    site,
    state: stateFolder(site),
    rsync: rsyncOf(site),
    steps: [
      'check',
      'packages',
      ...(disks.length > 0 ? ['disks'] : []),
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
    ],
    families: familiesOf(site, archs),
    archs: archs.map((name) => ({ name, machine: MACHINES[name] })),
    vcpus: sum(nodes.map(({ domain }) => domain?.vcpus ?? 0)),
    memory: sum(nodes.map(({ domain }) => domain?.memory ?? 0)),
    disks,
    media,
    linux,
    loaders,
    puts,
    tftp,
    clock,
    networks,
    bridges: bridgesOf(nodes),
    openings: openingsOf(site),
    outside: outsidePorts(site),
    apparmor: apparmorRules(site),
    dnsmasq,
    dnsmasqLists,
    secrets: secretsOf(site),
    isFilled: site.server.secrets === undefined,
    domains,
    images: domains.flatMap(({ images }) => images),
    firewall,
    table: nftTable(site),
    shutdownSeconds: SHUTDOWN_SECONDS,
    watchdog: `${watchdogUnit(site)}.timer`,
    neededFiles: [
      ...(media || linux ? [FETCH_MEDIA] : []),
      ...puts.map(({ script }) => script),
      ...(clock ? [CHRONY] : []),
      ...(firewall ? [FIREWALL, `systemd/${firewall}`] : []),
      ...(dnsmasq ? [dnsmasqPath(site), ...dnsmasqLists, `systemd/${dnsmasq}`] : []),
      ...networks.map(({ path }) => path),
      `nginx/${site.name}.conf`,
      ...nodes.map(domainPath),
    ],
  };
}

function domainData({ name, domain }: Node) {
  return {
    name,
    uuid: domain?.uuid ?? '',
    autostart: domain?.autostart ?? true,
    images: domain?.disks ?? [],
  };
}

/** Harvester's files on the host, where machines fetch them from it. */
function mediaOf(site: Site) {
  const { path: folder } = site.server.media;
  if (folder === undefined) return undefined;
  const files = mediaSizes(site, folder);
  return files.length > 0 ? { folder, files } : undefined;
}

/** What AppArmor is to let dnsmasq do. Folders are of letters that mean only themselves to it (server-path). */
function apparmorRules(site: Site): string[] {
  const { tftp, root } = site.server;
  return [
    `${tftp}/ r,`,
    `${tftp}/** r,`,
    ...(needsDnsmasq(site) ? [`${root}/dnsmasq/* r,`, `${leasesFile(site)} rw,`] : []),
  ];
}

/** Bridges of virtual machines that are not libvirt's. */
function bridgesOf(nodes: readonly Node[]): string[] {
  const networks = nodes.flatMap(({ nics }) => nics.map(({ network }) => network));
  return [...new Set(networks.flatMap(({ libvirt, interface: bridge }) => (libvirt ? [] : (bridge ?? []))))];
}

/** What nginx is to fill in, and how a person brings it. */
function secretsOf(site: Site) {
  const fills = nginxFills(site);
  if (fills.length === 0) return undefined;
  return {
    include: site.server.secrets ?? '',
    id: nginxId(site),
    stamp: fillStamp(fills),
    names: [...new Set(fills.map(({ name }) => name))].sort(),
    folder: `sites/${site.name}`,
    host: site.host?.address ?? site.server.host,
  };
}

/** The rsync that brings the tree to where it belongs; one with secrets in it is for root and nginx alone. */
function rsyncOf({ server }: Site): string {
  const modes = server.secrets === undefined ? '--chmod=D750,Fu=rwX,Fg=rX,Fo=' : '--chmod=D755,Fu=rwX,Fgo=rX';
  return `rsync --archive --chown=root:root ${modes} --delete-before --mkpath --exclude=/.harvgen`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
