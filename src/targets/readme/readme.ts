import { shownUrl } from '../../media/shown-url.ts';
import { secretsOf } from '../../secrets/marks-of.ts';
import { installedReleases } from '../../site/installed-releases.ts';
import { servedImages } from '../../site/linux-images.ts';
import type { Node, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/oci-nodes.ts';
import { DHCP_ARCHITECTURES } from '../../tables/dhcp-architectures.ts';
import { GRUB_PROGRAMS } from '../../tables/grub-programs.ts';
import { needsDnsmasq } from '../dnsmasq/dnsmasq.ts';
import { BESIDE_IN_WWW, loaderUrl, PUT_GRUB } from '../paths.ts';
import {
  buildsOf,
  fetchesByHttps,
  grubProgramsOf,
  hasEmbedded,
  loaderKindOf,
  loadersFor,
  needsCa,
  needsImage,
  needsOwnIpxe,
} from '../programs.ts';
import type { Target } from '../target.ts';
import { dhcpFacts } from './dhcp-facts.ts';
import { hostFacts } from './host-facts.ts';
import { iscsiFacts } from './iscsi-facts.ts';
import { knownBy } from './known-by.ts';
import { kubernetesFacts } from './kubernetes-facts.ts';
import { ociFacts } from './oci-facts.ts';
import { openPaths } from './open-paths.ts';
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
      ...dhcpFacts(site),
      vips: site.clusters.filter(({ vipMode }) => vipMode === 'dhcp'),
      external: site.networks.filter(
        (network) => network.dhcp?.server === 'external' && !isOciNetwork(site, network),
      ),
      oci: ociFacts(site),
      ops: opsFacts(site),
      iscsi: iscsiFacts(site),
      openPaths: openPaths(site),
      installs: installedReleases(site).length > 0,
      linux: servedImages(site),
      kernelOf: ({ linux }: Node) => shownKernel(site, linux?.kernel ?? ''),
      https: fetchesByHttps(site),
      needsCa: needsCa(site),
      ownIpxe: needsOwnIpxe(site),
      builds: buildsOf(site),
      grub: grubProgramsOf(site).length > 0 ? PUT_GRUB : undefined,
      grubBootFiles: grubBootFiles(site),
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

/** What somebody else's DHCP server gives the firmware of nodes that boot by GRUB, by what firmware says of itself. */
function grubBootFiles(site: Site) {
  const nodes = site.nodes.filter(
    (node) => node.bootNic.network.dhcp?.server === 'external' && loaderKindOf(node) !== 'ipxe',
  );
  return nodes.flatMap((node) => {
    const loaders = loadersFor(site, node).filter(({ program }) => program in GRUB_PROGRAMS);
    return loaders.map(({ codes, file }) => ({ node: node.name, codes: codes.join(', '), file }));
  });
}

/** A kernel as the inventory has it: below `server.images`, or by its URL. */
function shownKernel({ server: { images } }: Site, url: string): string {
  return url.startsWith(`${images.url}/`) ? url.slice(images.url.length + 1) : shownUrl(url);
}
