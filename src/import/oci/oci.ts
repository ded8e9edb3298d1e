import { FIRST_RELEASE_WITHOUT_BIOS, NEWEST_RELEASE } from '../../knowledge/harvester.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import type { ImportFormat } from '../kind.ts';
import { hostStemOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { COMMANDS } from '../secrets.ts';
import {
  type ContentMap,
  flow,
  headed,
  noted,
  OPEN,
  type SiteModel,
  sourceComment,
  writeSite,
} from '../write-site.ts';
import { readLaunch } from './launch.ts';
import {
  doDiffer,
  machinesOf,
  networkOf,
  type OciMachine,
  type OciNetwork,
  reportNodes,
} from './machines.ts';
import { readRows } from './table.ts';

/** What a site is called that nobody names: the file does not. */
const NAME = 'oci';

/** The time server of OCI. Source: OCI, "Configuring the Oracle Cloud Infrastructure NTP Service for an Instance". */
const OCI_NTP = '169.254.169.254';

/** What octets of an address follow must fit into a host name, too. */
const LONGEST_STEM = 50;

/** What a site is made of. */
interface SitePlan {
  readonly name: string;
  readonly release: Version;
  readonly server: string | undefined;
  readonly launch: ContentMap | undefined;
  readonly network: OciNetwork;
  readonly nodes: ReadonlyMap<string, OciMachine>;
}

/** The table of moe0277/oci-harvester, with its launch.sh where that is given. */
export const oci: ImportFormat = {
  name: 'oci',
  what: 'the table nodes of moe0277/oci-harvester: its rows as mysql --batch prints them, or as CSV',
  takes: ['harvesterVersion', 'server', 'subnet', 'launch'],
  read(source, wish, report) {
    const notes = new Notes();
    const findings = { notes, report };
    const rows = readRows(source, report);
    const launch = wish.launch && readLaunch(wish.launch, findings);
    if (!rows) return undefined;
    const machines = machinesOf(rows, source, findings);
    const { server, harvesterVersion, subnet } = wish;
    const host = server === undefined ? undefined : parseServerUrl(server)?.host;
    const address = host !== undefined && ipv4Number(host) !== undefined ? host : undefined;
    const network = networkOf(machines, { subnet, server: address }, findings);
    reportNodes(network?.machines ?? [], findings);
    if (report.failed || !network) return undefined;
    const release = harvesterVersion ?? (parseVersion(NEWEST_RELEASE) as Version);
    const name = wish.site ?? NAME;
    const stem = hostStemOf(name.slice(0, LONGEST_STEM).replaceAll('_', '-'), release) ?? NAME;
    const nodes = new Map(network.machines.map((machine) => [nameOf(stem, machine, network), machine]));
    const plan = { name, release, server, launch, network, nodes };
    const why = `the table does not say which release machines have: ${release.text} is installed. --harvester-version names another`;
    if (harvesterVersion === undefined) notes.open('harvester.version', why);
    sayOpen(plan, notes);
    const title =
      `A site that was made of the table of oci-harvester: ${nodes.size === 1 ? 'one node' : `${nodes.size} nodes`} ` +
      `of Harvester ${release.text}. Where … stands, something is yours to fill in.`;
    return [
      writeSite(name, modelOf(plan), title, notes, { values: new Map(), at: new Map(), toMake: COMMANDS }),
    ];
  },
};

/** Names a node by the octets of its address in which it differs from others of its subnet: oci-7, oci-10-7. */
function nameOf(stem: string, { ip }: OciMachine, { subnet }: OciNetwork): string {
  const octets = ip.split('.').slice(Math.floor(Math.min(subnet.prefix, 24) / 8));
  return [stem, ...octets].join('-');
}

function sayOpen({ release, server, launch, nodes }: SitePlan, notes: Notes): void {
  const open = (of: string, text: string) => notes.open(of, text);
  const [first = ''] = nodes.keys();
  const reason =
    'the table does not say where machines fetch from: give --server http://ADDRESS, or fill it in. Its own ' +
    'address may be in a row, too, of whoever tried it there: take that node out';
  if (server === undefined) open('server.url', reason);
  const todo =
    `${first} creates the cluster, as its row is the first: of machines that are still blank, choose the one ` +
    'that shall begin. A cluster that runs is not touched by that, until this node is installed anew: it would join ' +
    'nothing and make a new cluster. So before that, give mode: create to another one, which is not to be installed ' +
    'anew; one node of a site has it';
  open('mode', todo);
  const why =
    'the table has none, and nodes are called by their addresses: give each node the host name that it has in the cluster ' +
    'that runs. By another name, a node that is installed anew joins as a further one, and the old one stays in the cluster';
  open('names', why);
  open(
    'cluster.vip',
    'the table has none, as people typed it on the console: a free address of the subnet, or the one of the cluster that runs',
  );
  open(
    'config.install.device',
    'the table has none: the disk that Harvester is, or shall be, installed to, as ls /dev/disk/by-path shows it',
  );
  for (const [name, command] of COMMANDS)
    open(
      name,
      `make it anew, by \`${command}\`${name === 'cluster_token' ? '; machines join a cluster that runs by the token of that one' : ''}`,
    );
  if (!launch)
    open('defaults.oci', '--launch launch.sh takes over what instances are launched with: see docs/oci.md');
  notes.changed(
    'install = 0',
    'it is install: once, which nobody needs to say: a disk with Harvester on it is booted, and a machine whose installation ' +
      'failed is installed, where oci-harvester booted its empty disk for ever',
  );
  if (isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    open(
      'firmware',
      `the table does not say whether machines boot by UEFI, and Harvester ${release.text} refuses BIOS`,
    );
}

function modelOf({ name, release, server, launch, network, nodes }: SitePlan): SiteModel {
  const { subnet, gateway, isGuessed } = network;
  return {
    site: name,
    harvester: { version: release.text },
    server: {
      url: headed(
        'It answers /harvester/boot.php as the old one did, so machines that boot by that need no new script. A web server\n' +
          'other than nginx does so with compat: [oci].',
        server ?? noted(OPEN, 'http:// and the address of the boot server'),
      ),
    },
    networks: {
      mgmt: {
        subnet: isGuessed ? noted(subnet.text, 'a guess: see above') : subnet.text,
        gateway: noted(gateway, "OCI's router has the first address of a subnet"),
        ntp: flow([OCI_NTP], "OCI's own time server"),
        dhcp: flow({ server: 'external' }, "OCI's own"),
      },
    },
    cluster: {
      vip: noted(OPEN, 'a free address of the subnet, which OCI must know: see docs/oci.md'),
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
      'Known by address alone: launch them with these. A MAC or serial number may be added to each.\n' +
        'Names are host names: in a cluster that runs, each node has one, and is to have it here.',
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
  if (doDiffer(machine)) return '; install was 0 and 1';
  return machine.reinstalled.length > 0 ? '; install was 1' : '';
}
