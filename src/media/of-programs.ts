import type { Site } from '../site/model.ts';
import { DHCP_ARCHITECTURES } from '../tables/dhcp-architectures.ts';
import { IPXE_PROGRAMS } from '../tables/ipxe-programs.ts';
import { loaderUrl } from '../targets/paths.ts';
import { loaderOf, needsOwnIpxe } from '../targets/programs.ts';
import type { Medium, Source } from './medium.ts';

/** Gives iPXE's programs: what DHCP tells firmware to load, whatever the machine. None where there is no DHCP. */
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
}

/** One of the site's own, which trusts its CA or its authority, is in no package. */
function sourceOf(loader: string, isOwn: boolean): Source {
  const { build, package: name } = IPXE_PROGRAMS[loader] ?? { build: loader };
  return name === undefined || isOwn ? { build } : { package: name };
}
