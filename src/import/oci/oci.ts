import { FIRST_RELEASE_WITHOUT_BIOS, NEWEST_RELEASE } from '../../knowledge/harvester.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { flow, headed, noted, OPEN, sourceComment, writeSite } from '../joined/write-site.ts';
import type { ImportFormat } from '../model/import-format.ts';
import { hostStemOf } from '../model/names.ts';
import { Findings } from '../model/notes.ts';
import { COMMANDS } from '../model/secrets.ts';
import { readLaunch } from './launch.ts';
import { networkOf, type OciNetwork } from './machines.ts';
import { filled, ociHarvester, readRows } from './table.ts';

/** The default name of a site, because the file has none. */
const NAME = 'oci';

/** The octets of an IP address must fit in a host name after it. */
const LONGEST_STEM = 50;

/** The table of moe0277/oci-harvester, optionally with its launch.sh. */
export const oci: ImportFormat = {
  name: 'oci',
  what: 'the table nodes of moe0277/oci-harvester: rows as printed by mysql --batch, or as CSV',
  takes: ['harvesterVersion', 'server', 'subnet', 'launch'],
  read(source, options, report) {
    const findings = new Findings(report);
    const { notes } = findings;
    const rows = readRows(source, report);
    const launch = options.launch && readLaunch(options.launch, findings);
    const network = rows && networkOf(rows, options, source, findings);
    if (report.failed || !network) return undefined;
    const { server, harvesterVersion, site: name = NAME } = options;
    const release = harvesterVersion ?? (parseVersion(NEWEST_RELEASE) as Version);
    const stem = hostStemOf(name.slice(0, LONGEST_STEM).replaceAll('_', '-'), release) ?? NAME;
    const nodes = network.nodes.map(({ ip, cells, reinstalled, isMixed }, index) => {
      const install = isMixed ? '; install was 0 and 1' : reinstalled[0] ? '; install was 1' : '';
      const from = sourceComment(cells.map(({ at }) => at));
      const node = { ip: noted(ip, `${from}${install}`), mode: index === 0 ? 'create' : undefined };
      return [nameOf(stem, ip, network), node] as const;
    });
    const isKnown: Readonly<Record<string, unknown>> = {
      'harvester.version': harvesterVersion,
      'server.url': server,
      'defaults.oci': launch,
      firmware: !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS),
    };
    const values = { release: release.text, first: nodes[0]?.[0] ?? '', ...Object.fromEntries(COMMANDS) };
    const { changed, open } = ociHarvester();
    for (const [key, text] of Object.entries(changed)) notes.changed(key, text);
    for (const [key, text] of Object.entries(open)) if (!isKnown[key]) notes.open(key, filled(text, values));
    const title =
      `A site imported from the table of oci-harvester: ${nodes.length === 1 ? 'one node' : `${nodes.length} nodes`} ` +
      `of Harvester ${release.text}. Fill in each value that is ….`;
    const { subnet, gateway, isGuessed } = network;
    const ofUrl =
      'It serves /harvester/boot.php like the old server, so machines that use it need no new script. For a web server\n' +
      'other than nginx, add compat: [oci].';
    const ofNodes =
      'Identified only by IP address: launch them with these. You can add a MAC address or serial number.\n' +
      'Names are host names: for a running cluster, use the host name of each node.';
    const device = 'the disk to install to, such as /dev/disk/by-path/pci-0000:03:00.0-nvme-1';
    const model = {
      site: name,
      harvester: { version: release.text },
      server: { url: headed(ofUrl, server ?? noted(OPEN, 'http:// and the IP address of the boot server')) },
      networks: {
        mgmt: {
          subnet: isGuessed ? noted(subnet.text, 'guess: see above') : subnet.text,
          gateway: noted(gateway, "OCI's router has the first IP address of a subnet"),
          // Source: OCI, "Configuring the Oracle Cloud Infrastructure NTP Service for an Instance".
          ntp: flow(['169.254.169.254'], 'the time server of OCI'),
          dhcp: flow({ server: 'external' }, 'the DHCP server of OCI'),
        },
      },
      cluster: {
        vip: noted(OPEN, 'a free IP address of the subnet, assigned in OCI: see docs/how-to/oci.md'),
        token: '${secret:cluster_token}',
      },
      defaults: {
        oci: launch,
        config: { os: { password: '${secret:node_password}' }, install: { device: noted(OPEN, device) } },
      },
      nodes: headed(ofNodes, Object.fromEntries(nodes)),
    };
    return [writeSite(name, model, title, notes, { values: new Map(), at: new Map(), toMake: COMMANDS })];
  },
};

/** Returns the name of a node, from the octets of its IP address that differ within its subnet: oci-7, oci-10-7. */
function nameOf(stem: string, ip: string, { subnet }: OciNetwork): string {
  const octets = ip.split('.').slice(Math.floor(Math.min(subnet.prefix, 24) / 8));
  return [stem, ...octets].join('-');
}
