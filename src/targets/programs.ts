import { DHCP_ARCHITECTURES, type DhcpArchitecture } from '../knowledge/tables/dhcp-architectures.ts';
import { GRUB_LOADERS, GRUB_PROGRAMS } from '../knowledge/tables/grub-programs.ts';
import { IPXE_PROGRAMS } from '../knowledge/tables/ipxe-programs.ts';
import { IPXE_KERNEL, PXELINUX } from '../knowledge/tables/pxelinux-programs.ts';
import { installedReleases } from '../site/installed-releases.ts';
import { linuxImages } from '../site/linux-images.ts';
import type { Node, Site } from '../site/model.ts';
import { loaderUrl } from '../tree/paths.ts';
import { onceFor } from '../values/once-for.ts';

/** A program of iPXE that is to be built: what make calls it, and what DHCP does. */
export interface Build {
  /** In iPXE's source folder. */
  readonly program: string;
  readonly loader: string;
}

/** What every iPXE of a site has to know, beyond what the one has that distributions package. */
export interface BuiltIn {
  /** Whether it verifies what it runs, and begins with the site's embedded script to do so. */
  readonly signs: boolean;
  /** Whether it fetches by https. */
  readonly https: boolean;
}

/**
 * What a node's firmware is to load: iPXE, GRUB, GRUB by way of shim, which firmware with Secure Boot runs, or PXELINUX, which
 * loads iPXE.
 */
export type LoaderKind = 'ipxe' | 'grub' | 'shim' | 'pxelinux';

/** What a DHCP server hands to firmware of one architecture. */
export interface Loader {
  /** Of the architecture, as in `DHCP_ARCHITECTURES`. */
  readonly name: string;
  /** The values of option 93 by which firmware says that it is of that. */
  readonly codes: readonly number[];
  readonly transport: DhcpArchitecture['transport'];
  readonly program: string;
  /** The boot file: the program by TFTP, or its URL. With a URL goes option 60, `HTTPClient`. */
  readonly file: string;
}

/** Gives what a node's firmware is to load. */
export function loaderKindOf({
  firmware,
  loader,
  facts,
}: Pick<Node, 'firmware' | 'loader' | 'facts'>): LoaderKind {
  if (firmware === 'bios') return loader === 'pxelinux' ? loader : 'ipxe';
  if (loader !== 'grub') return 'ipxe';
  return facts.vm?.secure_boot ? 'shim' : 'grub';
}

/** Gives what a DHCP server hands to the firmware of a node, for each architecture that it may say that it is. */
export function loadersFor(site: Site, node: Node): Loader[] {
  return loadersOfKind(site, loaderKindOf(node));
}

/** Gives the same for all nodes of a kind; what is not known to be a node gets `ipxe`. */
export function loadersOfKind(site: Site, kind: LoaderKind): Loader[] {
  const names = [...new Set(DHCP_ARCHITECTURES.map(({ name }) => name))];
  return names.flatMap((name) => {
    const all = DHCP_ARCHITECTURES.filter((architecture) => architecture.name === name);
    const [first] = all;
    if (!first) return [];
    const { transport } = first;
    const program = programOf(first, kind);
    const file = transport === 'http' ? loaderUrl(site, program) : program;
    return [{ name, codes: all.map(({ code }) => code), transport, program, file }];
  });
}

/** Gives the name of the program that firmware of an architecture loads; iPXE's where there is no GRUB or PXELINUX for it. */
function programOf({ name, loader }: DhcpArchitecture, kind: LoaderKind): string {
  if (kind === 'pxelinux') return name === 'bios' ? PXELINUX : loader;
  return kind === 'ipxe' ? loader : (GRUB_LOADERS[name]?.[kind] ?? loader);
}

/** Gives the name of the program that a node's firmware loads. */
export function loaderOf(node: Node): string {
  const uefi = node.arch === 'arm64' ? 'efi-arm64' : 'efi-x86_64';
  const name = node.firmware === 'bios' ? 'bios' : uefi;
  const found = DHCP_ARCHITECTURES.find((architecture) => architecture.name === name);
  return found ? programOf(found, loaderKindOf(node)) : '';
}

/** Says whether iPXE itself fetches anything by https: scripts, and kernels and initrds of Harvester and of Linux. */
export function fetchesByHttps({ server, clusters, nodes }: Site): boolean {
  const installs = installedReleases({ clusters }).length > 0;
  const images = linuxImages({ server, nodes }).flatMap(({ url, kind }) => (kind === 'rootfs' ? [] : url));
  return [server.url, ...(installs ? [server.media.url] : []), ...images].some((url) =>
    url.startsWith('https:'),
  );
}

/**
 * Says whether a site's iPXE must be told of a CA. Its own root vouches for the public CAs, but over the internet, which a boot
 * server is there to do without; and what verifies signatures trusts the one that signs alone (iPXE: `TRUST=`).
 */
export function needsCa(site: Site): boolean {
  const { signs, https } = builtInOf(site);
  return https && (signs || site.server.url.startsWith('https:'));
}

/** Gives what every iPXE of a site has to know. */
export function builtInOf(site: Site): BuiltIn {
  return { signs: site.server.sign !== undefined, https: fetchesByHttps(site) };
}

/** Says whether the iPXE that distributions package will not do: it speaks no https, and verifies no signature. */
export function needsOwnIpxe(site: Site): boolean {
  const { signs, https } = builtInOf(site);
  return signs || https;
}

/** Gives the names of iPXE's programs that the firmware of a site's machines, or PXELINUX, loads, each once, in the order of the table. */
export function loadersOf(site: Site): string[] {
  const loaders = loadedIn(site);
  if (loaders.has(PXELINUX)) loaders.add(IPXE_KERNEL);
  return Object.keys(IPXE_PROGRAMS).filter((loader) => loaders.has(loader));
}

/** Gives the names of GRUB's, with those that shim loads from beside itself. */
export function grubProgramsOf(site: Site): string[] {
  const loaders = loadedIn(site);
  for (const { shim, second } of Object.values(GRUB_LOADERS)) if (loaders.has(shim)) loaders.add(second);
  return Object.keys(GRUB_PROGRAMS).filter((program) => loaders.has(program));
}

/** Says whether the firmware of any machine loads PXELINUX. */
export function hasPxelinux(site: Site): boolean {
  return loadedIn(site).has(PXELINUX);
}

/** What the firmware of nodes loads, which never change: several targets ask. */
const loadedBy = onceFor((nodes: Site['nodes']): ReadonlySet<string> => {
  const firsts = new Map<string, Node>();
  for (const node of nodes) {
    if (!node.bootNic.network.dhcp || node.oci) continue;
    const alike = `${node.arch} ${node.firmware} ${loaderKindOf(node)}`;
    if (!firsts.has(alike)) firsts.set(alike, node);
  }
  return new Set([...firsts.values()].map(loaderOf));
});

function loadedIn({ nodes }: Site): Set<string> {
  return new Set(loadedBy(nodes));
}

/** Gives how one of iPXE's programs is built. */
export function buildOf(loader: string): Build {
  return { program: IPXE_PROGRAMS[loader]?.build ?? loader, loader };
}

/** Gives the programs that a site's firmware loads and that are to be built, each once. */
export function buildsOf(site: Site): Build[] {
  return loadersOf(site)
    .filter((loader) => needsOwnIpxe(site) || IPXE_PROGRAMS[loader]?.package === undefined)
    .map(buildOf);
}

/**
 * Says whether a tree has a script to build into iPXE: for machines that may start from a medium, which neither libvirt's nor
 * those of a cloud do, and for signed boots.
 */
export function hasEmbedded(site: Site): boolean {
  return site.server.sign !== undefined || site.nodes.some(({ domain, oci }) => !domain && !oci);
}

/** Says whether a tree has the script that builds iPXE: where something is to be built in, or distributions' will not do. */
export function buildsIpxe(site: Site): boolean {
  return hasEmbedded(site) || buildsOf(site).length > 0;
}

/** Says whether there are machines that boot from an image alone: those on networks without DHCP. */
export function needsImage({ nodes }: Site): boolean {
  return nodes.some(({ bootNic }) => !bootNic.network.dhcp);
}

/** Gives what make calls the programs that images for the site's machines hold: for BIOS and UEFI, as the machine is. */
export function imageProgramsOf({ nodes }: Site): string[] {
  const archs = new Set(nodes.map(({ arch }) => arch));
  return [
    ...(archs.has('amd64') ? ['bin/ipxe.lkrn', 'bin-x86_64-efi/ipxe.efi'] : []),
    ...(archs.has('arm64') ? ['bin-arm64-efi/ipxe.efi'] : []),
  ];
}
