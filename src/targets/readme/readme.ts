import { secretsOf } from '../../site/secrets-of.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { scriptPath } from '../paths.ts';
import type { Target } from '../target.ts';

/** The tree's own README: what it is, and the exact commands that deploy it. */
export const readme: Target = {
  name: 'readme',
  *emit(site, render) {
    const data = {
      site,
      nodes: site.nodes.map((node) => ({ ...node, script: scriptPath(node) })),
      secrets: secretsOf(site),
      dnsmasq: site.networks.some((network) => network.dhcp?.server === 'dnsmasq'),
      external: site.networks.filter((network) => network.dhcp?.server === 'external'),
      embed: site.nodes.some((node) => !node.bootNic.network.dhcp),
      installs: site.clusters.some(({ members }) => members.length > 0),
      architectures: DHCP_ARCHITECTURES,
    };
    yield { path: 'README.md', content: render('readme/README.md', data) };
  },
};
