import { FIRST_RELEASE_WITHOUT_BIOS } from '../../knowledge/harvester.ts';
import type { Source } from '../../source/source.ts';
import { contains, ipv4Number, ipv4Text, isHostAddress, isPublic } from '../../values/addresses.ts';
import { groupedBy } from '../../values/grouped.ts';
import { parseServerUrl } from '../../values/urls.ts';
import { isAtLeast } from '../../values/version.ts';
import { flow, headed, NOT_FOUND, noted, OPEN, sourceComment, writeSite } from '../joined/write-site.ts';
import type { ImportFormat, ImportSettings } from '../model/import-format.ts';
import { hostLabels } from '../model/names.ts';
import { Findings } from '../model/notes.ts';
import { COMMANDS } from '../model/secrets.ts';
import { GUESS, smallestAround } from '../model/subnets.ts';
import { readLaunch } from './launch.ts';
import { type Cell, filled, MOST, type OciRow, ociHarvester, readRows, shortList } from './table.ts';

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
    const rows = readRows(source, findings);
    const launch = options.launch && readLaunch(options.launch, findings);
    const network = rows && networkOf(rows, options, source, findings);
    if (report.failed || !network) return undefined;
    const { server, harvesterVersion: release, site: name = NAME } = options;
    const stem = hostLabels(name.replace(/[_.]/g, '-'), LONGEST_STEM) || NAME;
    const nodes = network.nodes.map(({ ip, cells, reinstalled, isMixed }, index) => {
      const install = isMixed ? '; install was 0 and 1' : reinstalled[0] ? '; install was 1' : '';
      const from = sourceComment(cells.map(({ at }) => at));
      const node = { ip: noted(ip, `${from}${install}`), mode: index === 0 ? 'create' : undefined };
      return [nameOf(stem, ip, network.subnet.prefix), node] as const;
    });
    const known: Readonly<Record<string, unknown>> = {
      'networks.mgmt.subnet': options.subnet,
      'harvester.version': release,
      'server.url': server,
      'defaults.oci': launch,
      firmware: release && !isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS),
    };
    const [first = ''] = nodes[0] ?? [];
    const values = {
      ...network.values,
      first,
      bios: FIRST_RELEASE_WITHOUT_BIOS,
      ...Object.fromEntries(COMMANDS),
    };
    for (const [key, text] of Object.entries(ociHarvester().notes)) {
      const [kind, ...words] = key.split(' ') as ['open' | 'changed', ...string[]];
      const name = words.join(' ');
      if (!known[name]) notes[kind](name, filled(text, values));
    }
    const title =
      `A site imported from the table of oci-harvester: ${nodes.length === 1 ? 'one node' : `${nodes.length} nodes`} ` +
      `of Harvester${release ? ` ${release.text}` : ''}. Fill in each value that is ….`;
    const { subnet, gateway } = network;
    const ofUrl =
      'It serves /harvester/boot.php like the old server, so machines that use it need no new script. For a web server\n' +
      'other than nginx, add compat: [oci].';
    const ofNodes =
      'Identified only by IP address: launch them with these. You can add a MAC address or serial number.\n' +
      'Names are host names: for a running cluster, use the host name of each node.';
    const device = 'the disk to install to, such as /dev/disk/by-path/pci-0000:03:00.0-nvme-1';
    const model = {
      site: name,
      harvester: { version: release?.text ?? noted(OPEN, NOT_FOUND) },
      server: { url: headed(ofUrl, server ?? noted(OPEN, 'http:// and the IP address of the boot server')) },
      networks: {
        mgmt: {
          subnet: options.subnet ? subnet.text : noted(subnet.text, 'guess: see above'),
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
function nameOf(stem: string, ip: string, prefix: number): string {
  const octets = ip.split('.').slice(Math.floor(Math.min(prefix, 24) / 8));
  return [stem, ...octets].join('-');
}

/**
 * Returns the requested subnet, otherwise a guess, with the nodes in it, each once; undefined if it reports an error. Adds the notes
 * and warnings of oci-harvester.json on other rows, and on suspicious ones.
 */
function networkOf(
  rows: readonly OciRow[],
  { subnet: requested, server = '' }: ImportSettings,
  source: Source,
  findings: Findings,
) {
  const host = parseServerUrl(server)?.host;
  const machines = Array.from(groupedBy(rows, addressOf), ([ip, ofMachine]) => {
    const kind = ip === host ? 'server' : kindOf(ip, requested);
    const cells = ofMachine.map((row) => row.ip);
    const installs = ofMachine.map((row) => row.install);
    // For PHP, these values are false. Source: boot.php, `if ($row['install'])`.
    const reinstalled = installs.filter(({ value }) => !/^(?:[+-]?0)?$/.test(value ?? ''));
    const isMixed = reinstalled.length > 0 && reinstalled.length < cells.length;
    return { ip, kind, cells, installs, reinstalled, isMixed };
  });
  type Machine = (typeof machines)[number];
  const cellsOf = (some: readonly Machine[], from = 0) => some.flatMap(({ cells }) => cells.slice(from));
  const clients = machines.filter(({ kind }) => !/^(?:seed|ipv6|invalid)$/.test(kind));
  const near = clients.filter(({ kind }) => kind === 'near');
  const ips = near.map(({ ip }) => ip);
  // OCI's router has the first IP address. A row with it is more likely an unknown machine than a sign of a larger subnet.
  const routerOf = ({ first }: { readonly first: number }) => ipv4Text(first + 1);
  const subnet = requested ?? smallestAround(ips, (guess) => ips.some((ip) => ip !== routerOf(guess)));
  const isNode = ({ ip }: Machine) => subnet && ip !== routerOf(subnet) && isHostAddress(subnet, ip);
  const nodes = near.filter(isNode);
  const reserved = near.filter((machine) => !isNode(machine));
  const mixed = nodes.filter(({ isMixed }) => isMixed);
  const others = nodes.filter(({ isMixed }) => !isMixed);
  const again = others.filter(({ reinstalled }) => reinstalled.length > 0);
  const router = reserved[0] ? ` except ${reserved[0].ip}` : '';
  const values = {
    subnet: subnet?.text ?? '',
    router,
    shortest: `/${GUESS.shortest}`,
    longest: `/${GUESS.longest}`,
  };
  const kinds = [...groupedBy(machines, ({ kind }) => kind)];
  const isOdd = ({ value }: Cell) => value !== '0' && value !== '1';
  const noNode = near.length === 0 && !requested ? 'none private' : requested ? 'none inside' : 'far apart';
  const nowhere = { value: null, at: { source, start: 0, end: 0 } };
  const found: readonly (readonly [kind: string, cells: readonly Cell[], named?: readonly Cell[]])[] = [
    ...kinds.map(([kind, some]) => [kind, cellsOf(some)] as const),
    ['mapped', cellsOf(clients).filter(({ value }) => value?.includes(':'))],
    ['odd', clients.flatMap(({ installs }) => installs.filter(isOdd))],
    [requested ? 'reserved' : 'router', cellsOf(reserved)],
    ['repeated', cellsOf(others, 1)],
    ['differing', cellsOf(mixed, 1)],
    ['again', again.flatMap(({ reinstalled }) => reinstalled), cellsOf(again)],
    [rows[0] ? 'unchanged' : 'empty', clients[0] ? [] : [rows[0]?.ip ?? nowhere]],
    [noNode, nodes[0] ? [] : cellsOf([...near, ...clients]).slice(0, 1), cellsOf(near)],
  ];
  for (const [kind, [first, ...further], named] of found) {
    const entry = ociHarvester().rows[kind];
    if (!first || !entry) continue;
    const [how, code] = entry.as.split(' ') as
      | ['left' | 'changed', undefined]
      | ['warning' | 'error', string];
    const isBare = (value: string | null) => code === undefined || ipv4Number(value ?? '') !== undefined;
    const list = shortList(
      (named ?? [first, ...further]).map(({ value }) =>
        isBare(value) || value === null ? (value ?? 'NULL') : `"${value}"`,
      ),
    );
    const message = filled(entry.text, { ...values, list });
    const related = further.slice(0, MOST - 1).map(({ at }) => ['another one is at', at] as const);
    if (code === undefined) findings.notes[how](list, message, first.at);
    else findings[how](code, first.at, message, entry.help ?? '', ...related);
  }
  if (!subnet || nodes.length === 0) return undefined;
  return { subnet, gateway: routerOf(subnet), nodes, values };
}

/** Returns the address of a row; for `::ffff:10.0.10.7`, which a web server that listens on IPv6 writes, the IPv4 address in it. */
function addressOf({ ip: { value } }: OciRow): string {
  const [, address = ''] = /^::ffff:([\d.]+)$/i.exec(value ?? '') ?? [];
  return ipv4Number(address) === undefined ? (value ?? '') : address;
}

function kindOf(ip: string, requested: ImportSettings['subnet']): string {
  const number = ipv4Number(ip);
  if (number === undefined)
    return /^[\da-f]{0,4}(?::[\da-f.]{0,15}){2,7}(?:%\w+)?$/i.test(ip) ? 'ipv6' : 'invalid';
  const first = number >>> 24;
  // boot.php writes 0.0.0.0 for an unknown IP address; 127.0.0.1 is the web server itself.
  if (first === 0 || first === 127) return 'seed';
  const isLinkLocal = number >>> 16 === 0xa9fe;
  if (first >= 224 || isLinkLocal) return 'invalid';
  if (requested) return contains(requested, ip) ? 'near' : 'outside';
  return isPublic(ip) ? 'public' : 'near';
}
