import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/tables/harvester-hardware.ts';
import { NEWEST_RELEASE } from '../../knowledge/tables/harvester-releases.ts';
import { ipv4Number } from '../../values/ipv4.ts';
import { parseServerUrl } from '../../values/server-url.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { headOf } from '../head.ts';
import type { ImportedSite, ImportKind, ImportWish } from '../kind.ts';
import { hostStemOf } from '../names.ts';
import { Notes } from '../notes.ts';
import { type BootPhp, readBootPhp, type Said } from './boot-php.ts';
import { readLaunch } from './launch.ts';
import { machinesOf } from './machines.ts';
import { readRows } from './read-rows.ts';
import { reportNodes } from './report-nodes.ts';
import { nameOf, siteYaml } from './site-yaml.ts';
import { networkOf, type OciNetwork } from './subnet.ts';

/** What a site is called that nobody names: the file does not. */
const NAME = 'oci';

/** The secrets that the new site has, and oci-harvester had not: people typed them on the console. */
const SECRETS = [
  ['cluster_token', 'openssl rand -hex 32'],
  ['node_password', 'openssl rand -base64 18'],
] as const;

/** The table of moe0277/oci-harvester, with its boot.php and launch.sh where they are given. */
export const oci: ImportKind = {
  name: 'oci',
  what: 'the table nodes of moe0277/oci-harvester: a dump of its database, or its rows as text',
  takes: ['harvesterVersion', 'server', 'subnet', 'bootPhp', 'launch'],
  read(source, wish, report) {
    const notes = new Notes();
    const rows = readRows(source, report);
    const page = wish.bootPhp && readBootPhp(wish.bootPhp, notes, report);
    const launch = wish.launch && readLaunch(wish.launch, notes, report);
    if (!rows) return undefined;
    const machines = machinesOf(rows, source, notes, report);
    const server = serverOf(wish, page, notes);
    const network = networkOf(machines, { subnet: wish.subnet, server: addressOf(server) }, notes, report);
    reportNodes(network?.machines ?? [], notes, report);
    if (report.failed || !network) return undefined;
    const release = releaseOf(wish, page, notes);
    const name = wish.site ?? NAME;
    const stem = stemOf(name, versionOf(release));
    sayOpen({ network, stem, server, wish, release: versionOf(release) }, notes);
    const title =
      `A site that was made of the table of oci-harvester: ${network.machines.length === 1 ? 'one node' : `${network.machines.length} nodes`} ` +
      `of Harvester ${versionOf(release).text}. Where … stands, something is yours to fill in.`;
    const text = siteYaml({
      name,
      stem,
      release,
      server,
      tty: page?.tty,
      launch,
      network,
      head: headOf(title, notes.sorted()),
    });
    return [{ name, text, ...noSecrets(), notes: notes.sorted() }];
  },
};

/** What octets of an address follow must fit into a host name, too. */
const LONGEST_STEM = 50;

function stemOf(name: string, release: Version): string {
  const stem = hostStemOf(name.slice(0, LONGEST_STEM).replaceAll('_', '-'), release);
  return stem ?? NAME;
}

function noSecrets(): Pick<ImportedSite, 'secrets' | 'secretsAt' | 'secretsToMake'> {
  return { secrets: new Map(), secretsAt: new Map(), secretsToMake: new Map(SECRETS) };
}

function serverOf(
  { server }: ImportWish,
  page: BootPhp | undefined,
  notes: Notes,
): Said<string> | string | undefined {
  if (server === undefined) return page?.server;
  if (page?.server && page.server.value !== server)
    notes.add('changed', 'base_url', `the boot server is ${server}, as --server says`, page.server.at);
  return server;
}

/** The web server's own address, where its URL has one. */
function addressOf(server: Said<string> | string | undefined): string | undefined {
  const host = parseServerUrl(typeof server === 'object' ? server.value : (server ?? ''))?.host;
  return host !== undefined && ipv4Number(host) !== undefined ? host : undefined;
}

function releaseOf(
  { harvesterVersion }: ImportWish,
  page: BootPhp | undefined,
  notes: Notes,
): Said<Version> | Version {
  const said = page?.release;
  if (harvesterVersion === undefined && said) return said;
  const release = harvesterVersion ?? (parseVersion(NEWEST_RELEASE) as Version);
  if (said && said.value.text !== release.text)
    notes.add(
      'changed',
      'build_version',
      `${said.value.text} becomes ${release.text}, as --harvester-version says`,
      said.at,
    );
  if (harvesterVersion === undefined)
    notes.add(
      'open',
      'harvester.version',
      `the table does not say which release machines have: ${release.text} is installed. --harvester-version names another, and ` +
        '--boot-php takes the one of boot.php',
    );
  return release;
}

function versionOf(release: Said<Version> | Version): Version {
  return 'at' in release ? release.value : release;
}

function sayOpen(
  {
    network,
    stem,
    server,
    wish,
    release,
  }: {
    readonly network: OciNetwork;
    readonly stem: string;
    readonly server: Said<string> | string | undefined;
    readonly wish: ImportWish;
    readonly release: Version;
  },
  notes: Notes,
): void {
  const open = (of: string, text: string) => notes.add('open', of, text);
  const [first] = network.machines;
  if (server === undefined)
    open(
      'server.url',
      'the table does not say where machines fetch from: give --server http://ADDRESS, or --boot-php, or fill it in. Its own ' +
        'address may be in a row, too, of whoever tried it there: take that node out',
    );
  if (first)
    open(
      'mode',
      `${nameOf(stem, first, network)} creates the cluster, as its row is the first: of machines that are still blank, choose the one ` +
        'that shall begin. A cluster that runs is not touched by that, until this node is installed anew: it would join ' +
        'nothing and make a new cluster. So before that, give mode: create to another one, which is not to be installed ' +
        'anew; one node of a site has it',
    );
  open(
    'names',
    'the table has none, and nodes are called by their addresses: give each node the host name that it has in the cluster ' +
      'that runs. By another name, a node that is installed anew joins as a further one, and the old one stays in the cluster',
  );
  open(
    'cluster.vip',
    'the table has none, as people typed it on the console: a free address of the subnet, or the one of the cluster that runs',
  );
  open(
    'config.install.device',
    'the table has none: the disk that Harvester is, or shall be, installed to, as ls /dev/disk/by-path shows it',
  );
  for (const [name, command] of SECRETS)
    open(
      name,
      `make it anew, by \`${command}\`${name === 'cluster_token' ? '; machines join a cluster that runs by the token of that one' : ''}`,
    );
  if (!wish.launch)
    open('defaults.oci', '--launch launch.sh takes over what instances are launched with: see docs/oci.md');
  notes.add(
    'changed',
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
