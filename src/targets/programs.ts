import {
  DHCP_ARCHITECTURES,
  type DhcpArchitecture,
  GRUB_LOADERS,
  GRUB_PROGRAMS,
  IPXE_KERNEL,
  IPXE_PROGRAMS,
  PXELINUX,
} from '../knowledge/boot-programs.ts';
import { installedReleases } from '../site/clusters.ts';
import type { Node, Site } from '../site/model.ts';
import { linuxImages } from '../site/nodes.ts';
import { loaderUrl } from '../tree/paths.ts';
import { onceFor } from '../values/once-for.ts';

/** What a node's firmware is to load; shim loads GRUB under Secure Boot, and PXELINUX loads iPXE. */
export type LoaderKind = 'ipxe' | 'grub' | 'shim' | 'pxelinux';

/** Gives what a node's firmware is to load. */
export function loaderKindOf(node: Pick<Node, 'firmware' | 'loader' | 'facts'>): LoaderKind {
  const { firmware, loader, facts } = node;
  if (firmware === 'bios') return loader === 'pxelinux' ? loader : 'ipxe';
  if (loader !== 'grub') return 'ipxe';
  return facts.vm?.secure_boot ? 'shim' : 'grub';
}

/** Gives what a DHCP server hands to firmware of a kind, for each architecture: the program by TFTP, or its URL with option 60. */
export function loadersOfKind(site: Site, kind: LoaderKind) {
  return [...new Set(DHCP_ARCHITECTURES.map(({ name }) => name))].map((name) => {
    const all = DHCP_ARCHITECTURES.filter((architecture) => architecture.name === name);
    const first = all[0] as DhcpArchitecture;
    const { transport } = first;
    const codes = all.map(({ code }) => code);
    const program = programOf(first, kind);
    const isHttp = transport === 'http';
    const file = isHttp ? loaderUrl(site, program) : program;
    // What firmware that boots by HTTP calls itself in option 60. Source: UEFI specification 2.10, section 24.7.2.3.
    const classOf = (code: number) => `HTTPClient:Arch:${String(code).padStart(5, '0')}`;
    return { name, codes, transport, vendorClasses: isHttp ? codes.map(classOf) : [], program, file };
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
 * Says whether a site's iPXE must be told of a CA. Its own root vouches for public ones over the internet alone; and what
 * verifies signatures trusts the one that signs alone (iPXE: `TRUST=`).
 */
export function needsCa(site: Site): boolean {
  const { signs, https } = builtInOf(site);
  return https && (signs || site.server.url.startsWith('https:'));
}

/** Gives what every iPXE of a site has to know: whether it verifies what it runs, and whether it fetches by https. */
export function builtInOf(site: Site): { readonly signs: boolean; readonly https: boolean } {
  return { signs: site.server.sign !== undefined, https: fetchesByHttps(site) };
}

/** Says whether the iPXE that distributions package will not do: it speaks no https, and verifies no signature. */
export function needsOwnIpxe(site: Site): boolean {
  const { signs, https } = builtInOf(site);
  return signs || https;
}

/** Gives the names of iPXE's programs that the firmware of a site's machines, or PXELINUX, loads, each once, in the order of the table. */
export function loadersOf(site: Site): string[] {
  const loaded = loadedBy(site.nodes);
  const loads = (loader: string) => loaded.has(loader) || (loader === IPXE_KERNEL && hasPxelinux(site));
  return Object.keys(IPXE_PROGRAMS).filter(loads);
}

/** Gives the names of GRUB's, with those that shim loads from beside itself. */
export function grubProgramsOf(site: Site): string[] {
  const loaded = loadedBy(site.nodes);
  const seconds = Object.values(GRUB_LOADERS).flatMap(({ shim, second }) => (loaded.has(shim) ? second : []));
  return Object.keys(GRUB_PROGRAMS).filter((program) => loaded.has(program) || seconds.includes(program));
}

/** Says whether the firmware of any machine loads PXELINUX. */
export function hasPxelinux(site: Site): boolean {
  return loadedBy(site.nodes).has(PXELINUX);
}

/** What the firmware of nodes loads, which never change: several targets ask. */
const loadedBy = onceFor(
  (nodes: Site['nodes']): ReadonlySet<string> =>
    new Set(nodes.filter(({ bootNic, oci }) => bootNic.network.dhcp && !oci).map(loaderOf)),
);

/** Gives how one of iPXE's programs is built: what make calls it in iPXE's source folder, and what DHCP does. */
export function buildOf(loader: string): { readonly program: string; readonly loader: string } {
  return { program: IPXE_PROGRAMS[loader]?.build ?? loader, loader };
}

/** Gives the programs that a site's firmware loads and that are to be built, each once. */
export function buildsOf(site: Site) {
  return loadersOf(site)
    .filter((loader) => needsOwnIpxe(site) || IPXE_PROGRAMS[loader]?.package === undefined)
    .map(buildOf);
}

/** Says whether a tree has a script to build into iPXE: for machines that may start from a medium, and signed boots. */
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
