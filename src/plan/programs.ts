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
import { grubScriptPaths, loaderUrl, pxelinuxMenus } from '../tree/paths.ts';
import { onceFor } from '../values/once-for.ts';
import { linuxImages } from './linux-images.ts';

/** The boot loader of a node's firmware. Under Secure Boot shim loads GRUB; PXELINUX loads iPXE. */
export type LoaderKind = 'ipxe' | 'grub' | 'shim' | 'pxelinux';

/** Returns the kind of boot loader of a node's firmware. */
export function loaderKindOf(node: Pick<Node, 'firmware' | 'loader' | 'facts'>): LoaderKind {
  const { firmware, loader, facts } = node;
  if (firmware === 'bios') return loader === 'pxelinux' ? loader : 'ipxe';
  if (loader !== 'grub') return 'ipxe';
  return facts.vm?.secure_boot ? 'shim' : 'grub';
}

/** Returns, for a kind of boot loader, the boot file of each architecture: a TFTP path, or a URL with option 60. */
export function loadersOfKind(site: Site, kind: LoaderKind) {
  return [...new Set(DHCP_ARCHITECTURES.map(({ name }) => name))].map((name) => {
    const all = DHCP_ARCHITECTURES.filter((architecture) => architecture.name === name);
    const first = all[0] as DhcpArchitecture;
    const { transport } = first;
    const codes = all.map(({ code }) => code);
    const program = programOf(first, kind);
    const isHttp = transport === 'http';
    const file = isHttp ? loaderUrl(site, program) : program;
    // The value of option 60 in requests of UEFI HTTP boot. Source: UEFI specification 2.10, section 24.7.2.3.
    const classOf = (code: number) => `HTTPClient:Arch:${String(code).padStart(5, '0')}`;
    return { name, codes, transport, vendorClasses: isHttp ? codes.map(classOf) : [], program, file };
  });
}

/** Returns the boot loader's file name for an architecture; that of iPXE if the architecture has no GRUB or PXELINUX. */
function programOf({ name, loader }: DhcpArchitecture, kind: LoaderKind): string {
  if (kind === 'pxelinux') return name === 'bios' ? PXELINUX : loader;
  return kind === 'ipxe' ? loader : (GRUB_LOADERS[name]?.[kind] ?? loader);
}

/** Returns the file name of a node's boot loader. */
export function loaderOf(node: Node): string {
  const uefi = node.arch === 'arm64' ? 'efi-arm64' : 'efi-x86_64';
  const name = node.firmware === 'bios' ? 'bios' : uefi;
  const found = DHCP_ARCHITECTURES.find((architecture) => architecture.name === name);
  return found ? programOf(found, loaderKindOf(node)) : '';
}

/** Whether iPXE itself downloads anything by https: scripts, or kernels and initrds of Harvester or Linux. */
export function fetchesByHttps(site: Site): boolean {
  const { server } = site;
  const installs = installedReleases(site).length > 0;
  const images = linuxImages(site).flatMap(({ url, kind }) => (kind === 'rootfs' ? [] : url));
  return [server.url, ...(installs ? [server.media.url] : []), ...images].some((url) =>
    url.startsWith('https:'),
  );
}

/**
 * Whether a site's iPXE binaries need a built-in CA. The default root of iPXE covers public CAs, and only with internet access;
 * an iPXE that verifies signatures trusts only the signing CA (iPXE: `TRUST=`).
 */
export function needsCa(site: Site): boolean {
  const { signs, https } = builtInOf(site);
  return https && (signs || site.server.url.startsWith('https:'));
}

/** Returns the features of every iPXE binary of a site: whether it verifies signatures, and whether it downloads by https. */
export function builtInOf(site: Site): { readonly signs: boolean; readonly https: boolean } {
  return { signs: site.server.sign !== undefined, https: fetchesByHttps(site) };
}

/** Whether the iPXE packages of distributions are insufficient: they support neither https nor signatures. */
export function needsOwnIpxe(site: Site): boolean {
  const { signs, https } = builtInOf(site);
  return signs || https;
}

/** Returns the names of the iPXE binaries that a site's firmware or PXELINUX loads, unique and in the order of the table. */
export function loadersOf(site: Site): string[] {
  const loaded = loadedBy(site.nodes);
  const loads = (loader: string) => loaded.has(loader) || (loader === IPXE_KERNEL && hasPxelinux(site));
  return Object.keys(IPXE_PROGRAMS).filter(loads);
}

/** Returns the names of the GRUB binaries of a site, with those that shim loads from its own directory. */
export function grubProgramsOf(site: Site): string[] {
  const loaded = loadedBy(site.nodes);
  const seconds = Object.values(GRUB_LOADERS).flatMap(({ shim, second }) => (loaded.has(shim) ? second : []));
  return Object.keys(GRUB_PROGRAMS).filter((program) => loaded.has(program) || seconds.includes(program));
}

/** Whether the firmware of any machine loads PXELINUX. */
export function hasPxelinux(site: Site): boolean {
  return loadedBy(site.nodes).has(PXELINUX);
}

/** The boot loaders of nodes. Cached, because several targets need them and nodes never change. */
const loadedBy = onceFor(
  (nodes: Site['nodes']): ReadonlySet<string> =>
    new Set(nodes.filter(({ bootNic, oci }) => bootNic.network.dhcp && !oci).map(loaderOf)),
);

/** Returns the make target of an iPXE binary in the source directory of iPXE, and its name as boot file. */
export function buildOf(loader: string): { readonly program: string; readonly loader: string } {
  return { program: IPXE_PROGRAMS[loader]?.build ?? loader, loader };
}

/** Returns the iPXE binaries of a site that must be built, without duplicates. */
export function buildsOf(site: Site) {
  return loadersOf(site)
    .filter((loader) => needsOwnIpxe(site) || IPXE_PROGRAMS[loader]?.package === undefined)
    .map(buildOf);
}

/** Whether the output tree contains a script to embed in iPXE: for signed boots, and machines that may start from a medium. */
export function hasEmbedded(site: Site): boolean {
  return site.server.sign !== undefined || site.nodes.some(({ domain, oci }) => !domain && !oci);
}

/** Whether the output tree contains the script that builds iPXE: for an embedded script, or if packages are insufficient. */
export function buildsIpxe(site: Site): boolean {
  return hasEmbedded(site) || buildsOf(site).length > 0;
}

/** Whether some machines can boot from an image only: those on networks without DHCP. */
export function needsImage({ nodes }: Site): boolean {
  return nodes.some(({ bootNic }) => !bootNic.network.dhcp);
}

/** Returns the make targets of the iPXE binaries in boot images: BIOS and UEFI, for the architectures of the machines. */
export function imageProgramsOf({ nodes }: Site): string[] {
  const archs = new Set(nodes.map(({ arch }) => arch));
  return [
    ...(archs.has('amd64') ? ['bin/ipxe.lkrn', 'bin-x86_64-efi/ipxe.efi'] : []),
    ...(archs.has('arm64') ? ['bin-arm64-efi/ipxe.efi'] : []),
  ];
}

/** Returns the nodes whose firmware loads PXELINUX and that have a menu. */
export function pxelinuxNodes({ nodes }: Pick<Site, 'nodes'>): Node[] {
  return nodes.filter(
    (node) =>
      node.bootNic.network.dhcp && loaderKindOf(node) === 'pxelinux' && pxelinuxMenus(node).length > 0,
  );
}

/** Returns the nodes whose firmware loads GRUB, with the paths of their scripts below `www/`: one for each MAC that may boot. */
export function grubNodes({ nodes }: Pick<Site, 'nodes'>) {
  return nodes.flatMap((node) => {
    const { linux, loader } = node;
    const paths = linux && loader === 'grub' ? grubScriptPaths(node) : [];
    return linux && paths.length > 0 ? [{ node, linux, paths }] : [];
  });
}

/**
 * Returns an http URL in the syntax of GRUB: `(http,10.1.0.1)/images/vmlinuz`. GRUB does not support https.
 * Source: GRUB's manual, "File name syntax".
 */
export function grubUrl(url: string): string {
  const [, host = '', path = ''] = /^http:\/\/([^/]*?)(?::80)?(\/.*)?$/.exec(url) ?? [];
  return `(http,${host})${path}`;
}
