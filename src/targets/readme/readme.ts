import { secretsOf } from '../../secrets/marks-of.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { loaderUrl } from '../paths.ts';
import type { Target } from '../target.ts';

/** The tree's own README: what it is, and the exact commands that deploy it. */
export const readme: Target = {
  name: 'readme',
  *emit(site, render) {
    const data = {
      site,
      nodes: site.nodes,
      secrets: site.server.secrets === undefined ? [] : secretsOf(site),
      // One dnsmasq serves TFTP, and DHCP where it is not somebody else's.
      dnsmasq: site.networks.some((network) => network.dhcp),
      vips: site.clusters.filter(({ vipMode }) => vipMode === 'dhcp'),
      arm64: site.clusters.some(({ arch, members }) => arch === 'arm64' && members.length > 0),
      external: site.networks.filter((network) => network.dhcp?.server === 'external'),
      embed: site.nodes.some((node) => !node.bootNic.network.dhcp),
      installs: site.clusters.some(({ members }) => members.length > 0),
      https: site.server.url.startsWith('https:'),
      architectures: DHCP_ARCHITECTURES,
      loaderUrl: loaderUrl(site, ''),
    };
    yield { path: 'README.md', content: render('readme/README.md', data) };
  },
};
