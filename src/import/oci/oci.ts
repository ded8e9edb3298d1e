import { FIRST_RELEASE_WITHOUT_BIOS, NEWEST_RELEASE } from '../../knowledge/harvester.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import {
  type ContentMap,
  flow,
  headed,
  noted,
  OPEN,
  type SiteModel,
  sourceComment,
  writeSite,
} from '../joined/write-site.ts';
import type { ImportFormat } from '../model/import-format.ts';
import { hostStemOf } from '../model/names.ts';
import { Findings, type Notes } from '../model/notes.ts';
import { COMMANDS } from '../model/secrets.ts';
import { readLaunch } from './launch.ts';
import {
  hasMixedFlags,
  machinesOf,
  networkOf,
  type OciMachine,
  type OciNetwork,
  reportNodes,
} from './machines.ts';
import { readRows } from './table.ts';

/** The default name of a site, because the file has none. */
const NAME = 'oci';

/** The time server of OCI. Source: OCI, "Configuring the Oracle Cloud Infrastructure NTP Service for an Instance". */
const OCI_NTP = '169.254.169.254';

/** The octets of an IP address must fit in a host name after it. */
const LONGEST_STEM = 50;

/** The input for the inventory of a site. */
interface OciSite {
  readonly name: string;
  readonly release: Version;
  readonly server: string | undefined;
  readonly launch: ContentMap | undefined;
  readonly network: OciNetwork;
  readonly nodes: ReadonlyMap<string, OciMachine>;
}

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
    if (!rows) return undefined;
    const machines = machinesOf(rows, source, findings);
    const { server, harvesterVersion, subnet } = options;
    const host = server === undefined ? undefined : parseServerUrl(server)?.host;
    const address = host !== undefined && ipv4Number(host) !== undefined ? host : undefined;
    const network = networkOf(machines, { subnet, server: address }, findings);
    reportNodes(network?.machines ?? [], findings);
    if (report.failed || !network) return undefined;
    const release = harvesterVersion ?? (parseVersion(NEWEST_RELEASE) as Version);
    const name = options.site ?? NAME;
    const stem = hostStemOf(name.slice(0, LONGEST_STEM).replaceAll('_', '-'), release) ?? NAME;
    const nodes = new Map(network.machines.map((machine) => [nameOf(stem, machine, network), machine]));
    const plan = { name, release, server, launch, network, nodes };
    const why = `the table does not contain the release of machines: ${release.text} is installed. Add --harvester-version for another`;
    if (harvesterVersion === undefined) notes.open('harvester.version', why);
    noteOpen(plan, notes);
    const title =
      `A site imported from the table of oci-harvester: ${nodes.size === 1 ? 'one node' : `${nodes.size} nodes`} ` +
      `of Harvester ${release.text}. Fill in each value that is ….`;
    return [
      writeSite(name, modelOf(plan), title, notes, { values: new Map(), at: new Map(), toMake: COMMANDS }),
    ];
  },
};

/** Returns the name of a node, from the octets of its IP address that differ within its subnet: oci-7, oci-10-7. */
function nameOf(stem: string, { ip }: OciMachine, { subnet }: OciNetwork): string {
  const octets = ip.split('.').slice(Math.floor(Math.min(subnet.prefix, 24) / 8));
  return [stem, ...octets].join('-');
}

function noteOpen({ release, server, launch, nodes }: OciSite, notes: Notes): void {
  const [first = ''] = nodes.keys();
  const reason =
    'the table does not contain the download server: add --server http://ADDRESS, or fill it in. A row can ' +
    'also contain the IP address of that server, from a test: remove that node';
  if (server === undefined) notes.open('server.url', reason);
  for (const [key, todo] of Object.entries({
    mode:
      `${first} creates the cluster, because its row is the first: if all machines are blank, you can choose ` +
      'another one. A running cluster is not affected until this node is reinstalled: it would then join ' +
      'nothing and create a new cluster. Before that, remove mode: create from it, and set exists: true for the cluster',
    names:
      'the table has none, so nodes are named by their IP addresses: set the host name of each node as in the running ' +
      'cluster. With another name, a reinstalled node joins as an additional one, and the old one remains in the cluster',
    'cluster.vip':
      'the table has none, because it was typed on the console: a free IP address of the subnet, or that of the running cluster',
    'config.install.device':
      'the table has none: the installation disk of Harvester, as listed by ls /dev/disk/by-path',
  }))
    notes.open(key, todo);
  for (const [name, command] of COMMANDS) {
    const other =
      name === 'cluster_token' ? '; to join a running cluster, use the token of that cluster' : '';
    notes.open(name, `generate it with \`${command}\`${other}`);
  }
  const how = 'add --launch launch.sh to import the settings of instances: see docs/how-to/oci.md';
  if (!launch) notes.open('defaults.oci', how);
  notes.changed(
    'install = 0',
    'it is install: once, the default: a disk that contains Harvester is booted, and a machine whose installation ' +
      'failed is installed, while oci-harvester always booted its empty disk',
  );
  const why = `the table does not show whether machines boot with UEFI, and Harvester ${release.text} rejects BIOS`;
  if (isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS)) notes.open('firmware', why);
}

function modelOf({ name, release, server, launch, network, nodes }: OciSite): SiteModel {
  const { subnet, gateway, isGuessed } = network;
  return {
    site: name,
    harvester: { version: release.text },
    server: {
      url: headed(
        'It serves /harvester/boot.php like the old server, so machines that use it need no new script. For a web server\n' +
          'other than nginx, add compat: [oci].',
        server ?? noted(OPEN, 'http:// and the IP address of the boot server'),
      ),
    },
    networks: {
      mgmt: {
        subnet: isGuessed ? noted(subnet.text, 'guess: see above') : subnet.text,
        gateway: noted(gateway, "OCI's router has the first IP address of a subnet"),
        ntp: flow([OCI_NTP], 'the time server of OCI'),
        dhcp: flow({ server: 'external' }, 'the DHCP server of OCI'),
      },
    },
    cluster: {
      vip: noted(OPEN, 'a free IP address of the subnet, assigned in OCI: see docs/how-to/oci.md'),
      token: '${secret:cluster_token}',
    },
    defaults: {
      oci: launch,
      config: {
        os: { password: '${secret:node_password}' },
        install: {
          device: noted(OPEN, 'the disk to install to, such as /dev/disk/by-path/pci-0000:03:00.0-nvme-1'),
        },
      },
    },
    nodes: headed(
      'Identified only by IP address: launch them with these. You can add a MAC address or serial number.\n' +
        'Names are host names: for a running cluster, use the host name of each node.',
      Object.fromEntries(
        [...nodes].map(([node, machine], index) => [
          node,
          {
            ip: noted(machine.ip, `${sourceComment(machine.at)}${installOf(machine)}`),
            mode: index === 0 ? 'create' : undefined,
          },
        ]),
      ),
    ),
  };
}

function installOf(machine: OciMachine): string {
  if (hasMixedFlags(machine)) return '; install was 0 and 1';
  return machine.reinstalled.length > 0 ? '; install was 1' : '';
}
