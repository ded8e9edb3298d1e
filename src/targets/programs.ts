import { installedReleases } from '../site/installed-releases.ts';
import type { Node, Site } from '../site/model.ts';
import { DHCP_ARCHITECTURES } from '../tables/dhcp-architectures.ts';
import { IPXE_PROGRAMS } from '../tables/ipxe-programs.ts';

/** A program of iPXE that is to be built: what make is told, and what DHCP calls the program. */
export interface Build {
  /** The program in iPXE's source folder, and how it is made. */
  readonly words: readonly string[];
  readonly program: string;
  readonly loader: string;
}

/** Gives the name of iPXE's program that a node's firmware loads. */
export function loaderOf({ firmware, arch }: Node): string {
  const uefi = arch === 'arm64' ? 'efi-arm64' : 'efi-x86_64';
  const name = firmware === 'bios' ? 'bios' : uefi;
  return DHCP_ARCHITECTURES.find((architecture) => architecture.name === name)?.loader ?? '';
}

/** Says whether iPXE itself fetches anything by https: scripts, or Harvester's kernels. */
export function fetchesByHttps({ server, clusters }: Site): boolean {
  const installs = installedReleases({ clusters }).length > 0;
  return [server.url, ...(installs ? [server.media.url] : [])].some((url) => url.startsWith('https:'));
}

/** Says whether the iPXE that distributions package will not do: it speaks no https, and verifies no signature. */
export function needsOwnIpxe(site: Site): boolean {
  return site.server.sign !== undefined || fetchesByHttps(site);
}

/** Gives the names of the programs that the firmware of a site's machines loads, each once, in the order of the table. */
export function loadersOf(site: Site): string[] {
  const nodes = site.nodes.filter(({ bootNic }) => bootNic.network.dhcp);
  const loaders = new Set(nodes.map(loaderOf));
  return Object.keys(IPXE_PROGRAMS).filter((loader) => loaders.has(loader));
}

/** Gives how one of iPXE's programs is built for a site. */
export function buildOf(site: Site, loader: string): Build {
  const program = IPXE_PROGRAMS[loader]?.build ?? loader;
  return { words: [program, ...makeArguments(site)], program, loader };
}

/** Gives the programs that a site's firmware loads and that are to be built, each once. */
export function buildsOf(site: Site): Build[] {
  return loadersOf(site)
    .filter((loader) => needsOwnIpxe(site) || IPXE_PROGRAMS[loader]?.package === undefined)
    .map((loader) => buildOf(site, loader));
}

/** Gives what make is told to build the image for machines without DHCP; nothing where there are none. */
export function imageBuildOf(site: Site): string[] {
  const nodes = site.nodes.filter(({ bootNic }) => !bootNic.network.dhcp);
  if (nodes.length === 0) return [];
  const arch = nodes.some((node) => node.arch === 'arm64') ? 'arm64' : 'x86_64';
  return [...new Set([`bin-${arch}-efi/ipxe.usb`, ...makeArguments(site), embedArgument(site)])];
}

/** What every iPXE of a site has built in: whom it trusts, and, where boots are signed, the step that begins to verify. */
function makeArguments(site: Site): string[] {
  const { sign } = site.server;
  const trusted = [...(sign ? ['authority.crt'] : []), ...(fetchesByHttps(site) ? ['ca.pem'] : [])];
  return [
    ...(trusted.length > 0 ? [`TRUST=${trusted.join(',')}`] : []),
    ...(sign ? [embedArgument(site)] : []),
  ];
}

function embedArgument({ name }: Site): string {
  return `EMBED=${name}.ipxe`;
}
