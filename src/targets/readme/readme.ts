import { DHCP_ARCHITECTURES } from '../../knowledge/tables/dhcp-architectures.ts';
import { GRUB_PROGRAMS } from '../../knowledge/tables/grub-programs.ts';
import { PXELINUX } from '../../knowledge/tables/pxelinux-programs.ts';
import { secretsOf } from '../../secrets/marks-of.ts';
import { installedReleases } from '../../site/installed-releases.ts';
import { servedImages } from '../../site/linux-images.ts';
import type { Node, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/oci-nodes.ts';
import { BESIDE_IN_WWW, loaderUrl, PUT_GRUB, PUT_PXELINUX } from '../../tree/paths.ts';
import { shownUrl } from '../../values/shown-url.ts';
import { needsDnsmasq, needsTftp } from '../dnsmasq/dnsmasq.ts';
import {
  buildsOf,
  fetchesByHttps,
  grubProgramsOf,
  hasEmbedded,
  hasPxelinux,
  loaderKindOf,
  loadersFor,
  needsCa,
  needsImage,
  needsOwnIpxe,
} from '../programs.ts';
import type { Target } from '../target.ts';
import { TFTPD_HPA, tftpUnit, XINETD_TFTP } from '../tftp/tftp.ts';
import { byIscsi } from './by-iscsi.ts';
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
      byIscsi,
      secrets: site.server.secrets === undefined ? [] : secretsOf(site),
      // One dnsmasq serves TFTP, and DHCP where it is not somebody else's.
      dnsmasq: needsDnsmasq(site),
      tftp: needsTftp(site) ? tftpFacts(site) : undefined,
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
      grubBootFiles: otherBootFiles(site, (program) => program in GRUB_PROGRAMS),
      pxelinux: hasPxelinux(site) ? PUT_PXELINUX : undefined,
      pxelinuxBootFiles: otherBootFiles(site, (program) => program === PXELINUX),
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

/** What serves TFTP: its name, the folder of the tree with what it reads, where Debian has it, and how it is put there, where that is no dnsmasq. */
function tftpFacts(site: Site) {
  const { root, tftpServer } = site.server;
  const unit = tftpUnit(site);
  // Debian's package of in.tftpd has it started by itself, and the port is one.
  const alone = 'systemctl disable --now tftpd-hpa || true';
  switch (tftpServer) {
    case 'dnsmasq':
      return { server: tftpServer, folder: undefined, packages: [], commands: [] };
    case 'tftpd-hpa':
      return {
        server: tftpServer,
        folder: 'tftpd',
        packages: ['tftpd-hpa'],
        commands: [
          `install -m 0644 ${root}/${TFTPD_HPA} /etc/default/tftpd-hpa`,
          'systemctl restart tftpd-hpa',
        ],
      };
    case 'xinetd':
      return {
        server: tftpServer,
        folder: 'xinetd',
        packages: ['tftpd-hpa', 'xinetd'],
        commands: [
          alone,
          `install -m 0644 ${root}/${XINETD_TFTP} /etc/xinetd.d/tftp`,
          'systemctl restart xinetd',
        ],
      };
    case 'systemd':
      return {
        server: tftpServer,
        folder: 'systemd',
        packages: ['tftpd-hpa'],
        commands: [
          alone,
          `install -m 0644 ${root}/systemd/${unit}.socket ${root}/systemd/${unit}.service /etc/systemd/system/`,
          'systemctl daemon-reload',
          `systemctl enable ${unit}.socket && systemctl stop ${unit}.service && systemctl restart ${unit}.socket`,
        ],
      };
  }
}

/** What somebody else's DHCP server gives the firmware of nodes that boot by another program than iPXE, by what firmware says of itself. */
function otherBootFiles(site: Site, isMeant: (program: string) => boolean) {
  const nodes = site.nodes.filter(
    (node) => node.bootNic.network.dhcp?.server === 'external' && loaderKindOf(node) !== 'ipxe',
  );
  return nodes.flatMap((node) => {
    const loaders = loadersFor(site, node).filter(({ program }) => isMeant(program));
    return loaders.map(({ codes, file }) => ({ node: node.name, codes: codes.join(', '), file }));
  });
}

/** A kernel as the inventory has it: below `server.images`, or by its URL. */
function shownKernel({ server: { images } }: Site, url: string): string {
  return url.startsWith(`${images.url}/`) ? url.slice(images.url.length + 1) : shownUrl(url);
}
