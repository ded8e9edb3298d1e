import type { Node, Site } from '../site/model.ts';
import { DHCP_ARCHITECTURES } from '../tables/dhcp-architectures.ts';
import { IPXE_PROGRAMS } from '../tables/ipxe-programs.ts';
import { loaderUrl } from '../targets/paths.ts';
import type { Medium, Source } from './medium.ts';

/** Gives iPXE's programs: what DHCP tells firmware to load, whatever the machine. None where there is no DHCP. */
export function* programMedia(site: Site): Iterable<Medium> {
  if (!site.networks.some(({ dhcp }) => dhcp)) return;
  const nodes = site.nodes.filter(({ bootNic }) => bootNic.network.dhcp);
  for (const { name, transport, loader } of DHCP_ARCHITECTURES) {
    yield {
      url: transport === 'http' ? loaderUrl(site, loader) : `tftp://${site.server.host}/${loader}`,
      kind: 'program',
      from: sourceOf(loader, site.server.sign !== undefined),
      served: true,
      nodes: nodes.filter((node) => loads(node, name)).map((node) => node.name),
    };
  }
}

/** What verifies signatures has the authority's certificate built in, and so is nobody else's. */
function sourceOf(loader: string, isOwn: boolean): Source {
  const { build, package: name } = IPXE_PROGRAMS[loader] ?? { build: loader };
  return name === undefined || isOwn ? { build } : { package: name };
}

/** Whether a node's firmware calls itself by an architecture's name. A machine that boots its disk alone may be any. */
function loads({ firmware, cluster }: Node, architecture: string): boolean {
  if (firmware === 'bios') return architecture === 'bios';
  return architecture.endsWith(cluster?.arch === 'arm64' ? '-arm64' : '-x86_64');
}
