import { DHCP_ARCHITECTURES } from '../../knowledge/tables/dhcp-architectures.ts';
import { GRUB_LOADERS, GRUB_PROGRAMS } from '../../knowledge/tables/grub-programs.ts';
import { IPXE_PROGRAMS } from '../../knowledge/tables/ipxe-programs.ts';
import { PXELINUX_PROGRAMS } from '../../knowledge/tables/pxelinux-programs.ts';
import type { Node, Site } from '../../site/model.ts';
import { grubProgramsOf, loaderOf, needsOwnIpxe } from '../../targets/programs.ts';
import { pxelinuxNodes } from '../../targets/pxelinux/pxelinux.ts';
import { loaderUrl } from '../../tree/paths.ts';
import type { Medium, Source } from './medium.ts';

/** Gives what DHCP tells firmware to load: iPXE's programs, whatever the machine, and GRUB's and PXELINUX' for nodes that boot by them. None without DHCP. */
export function* programMedia(site: Site): Iterable<Medium> {
  if (!site.networks.some(({ dhcp }) => dhcp)) return;
  const nodes = site.nodes.filter(({ bootNic }) => bootNic.network.dhcp);
  const isOwn = needsOwnIpxe(site);
  for (const { transport, loader } of DHCP_ARCHITECTURES) {
    yield {
      url: transport === 'http' ? loaderUrl(site, loader) : `tftp://${site.server.host}/${loader}`,
      kind: 'program',
      from: sourceOf(loader, isOwn),
      served: true,
      nodes: nodes.filter((node) => loaderOf(node) === loader).map((node) => node.name),
    };
  }
  yield* grubMedia(site, nodes);
  yield* pxelinuxMedia(site);
}

/** By TFTP: what PXELINUX loads itself comes from beside it. */
function* pxelinuxMedia(site: Site): Iterable<Medium> {
  const nodes = pxelinuxNodes(site).map(({ name }) => name);
  if (nodes.length === 0) return;
  for (const { name, package: from } of PXELINUX_PROGRAMS) {
    const source = name in IPXE_PROGRAMS ? sourceOf(name, needsOwnIpxe(site)) : { package: from };
    yield { url: `tftp://${site.server.host}/${name}`, kind: 'program', from: source, served: true, nodes };
  }
}

/** By TFTP and by HTTP; what shim loads comes the same way as shim. */
function* grubMedia(site: Site, nodes: readonly Node[]): Iterable<Medium> {
  const seconds = new Map(Object.values(GRUB_LOADERS).map(({ shim, second }) => [second, shim]));
  for (const program of grubProgramsOf(site)) {
    const first = seconds.get(program) ?? program;
    const loaded = nodes.filter((node) => loaderOf(node) === first).map((node) => node.name);
    for (const url of [`tftp://${site.server.host}/${program}`, loaderUrl(site, program)]) {
      yield { url, kind: 'program', from: grubSource(program), served: true, nodes: loaded };
    }
  }
}

/** The package that has it, or the modules that it is built of. */
function grubSource(program: string): Source {
  return { package: GRUB_PROGRAMS[program]?.package ?? program };
}

/** One of the site's own, which trusts its CA or its authority, is in no package. */
function sourceOf(loader: string, isOwn: boolean): Source {
  const { build, package: name } = IPXE_PROGRAMS[loader] ?? { build: loader };
  return name === undefined || isOwn ? { build } : { package: name };
}
