import { secretsOf } from '../../secrets/marks-of.ts';
import { installedReleases } from '../../site/installed-releases.ts';
import { isOciNetwork } from '../../site/oci-nodes.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { needsDnsmasq } from '../dnsmasq/dnsmasq.ts';
import { BESIDE_IN_WWW, loaderUrl } from '../paths.ts';
import { buildsOf, fetchesByHttps, hasEmbedded, needsCa, needsImage, needsOwnIpxe } from '../programs.ts';
import { dnsmasqUnit } from '../systemd/units.ts';
import type { Target } from '../target.ts';
import { hostFacts } from './host-facts.ts';
import { knownBy } from './known-by.ts';
import { kubernetesFacts } from './kubernetes-facts.ts';
import { ociFacts } from './oci-facts.ts';
import { opsFacts } from './ops-facts.ts';

/** The tree's own README: what it is, and the exact commands that deploy it. */
export const readme: Target = {
  name: 'readme',
  *emit(site, render) {
    const data = {
      site,
      nodes: site.nodes,
      knownBy,
      secrets: site.server.secrets === undefined ? [] : secretsOf(site),
      // One dnsmasq serves TFTP, and DHCP where it is not somebody else's.
      dnsmasq: needsDnsmasq(site),
      dhcpUnit: site.networks.some(({ dhcp }) => dhcp?.server === 'dnsmasq')
        ? site.host
          ? dnsmasqUnit(site)
          : 'dnsmasq'
        : undefined,
      vips: site.clusters.filter(({ vipMode }) => vipMode === 'dhcp'),
      external: site.networks.filter(
        (network) => network.dhcp?.server === 'external' && !isOciNetwork(site, network),
      ),
      oci: ociFacts(site),
      ops: opsFacts(site),
      installs: installedReleases(site).length > 0,
      https: fetchesByHttps(site),
      needsCa: needsCa(site),
      ownIpxe: needsOwnIpxe(site),
      builds: buildsOf(site),
      image: hasEmbedded(site) && needsImage(site),
      mayImage: hasEmbedded(site),
      architectures: DHCP_ARCHITECTURES,
      loaderUrl: loaderUrl(site, ''),
      // Older URLs as files are for web servers that know nothing but files, and those need a tree with its secrets in it.
      plainServer: site.server.secrets === undefined && site.server.compat.length > 0,
      kept: BESIDE_IN_WWW.map((path) => `--filter='protect /${path}'`).join(' '),
      kubernetes: kubernetesFacts(site),
      ...hostFacts(site),
    };
    yield { path: 'README.md', content: render('readme/README.md', data) };
  },
};
