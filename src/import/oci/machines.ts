import type { Source } from '../../source/source.ts';
import {
  type Cidr,
  contains,
  ipv4Number,
  ipv4Text,
  isHostAddress,
  isPublic,
} from '../../values/addresses.ts';
import { groupedBy } from '../../values/grouped.ts';
import { escapeControlChars } from '../../values/text.ts';
import { parseServerUrl } from '../../values/urls.ts';
import type { ImportSettings } from '../model/import-format.ts';
import { type Findings, listed } from '../model/notes.ts';
import { GUESS, smallestAround } from '../model/subnets.ts';
import { type Cell, filled, type OciRow, ociHarvester } from './table.ts';

/** The network of the nodes, with the nodes in it. */
export type OciNetwork = NonNullable<ReturnType<typeof networkOf>>;

/**
 * Returns the requested subnet, otherwise a guess, with the nodes in it, each once; undefined if it reports an error. Adds the notes
 * and warnings of oci-harvester.json on other rows, and on suspicious ones.
 */
export function networkOf(
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
  const routerOf = ({ first }: Cidr) => ipv4Text(first + 1);
  const subnet = requested ?? smallestAround(ips, (guess) => ips.some((ip) => ip !== routerOf(guess)));
  const isNode = ({ ip }: Machine) => subnet && ip !== routerOf(subnet) && isHostAddress(subnet, ip);
  const nodes = near.filter(isNode);
  const reserved = near.filter((machine) => !isNode(machine));
  const mixed = nodes.filter(({ isMixed }) => isMixed);
  const others = nodes.filter(({ isMixed }) => !isMixed);
  const again = others.filter(({ reinstalled }) => reinstalled.length > 0);
  const values = { subnet: subnet?.text ?? '', router: reserved[0] ? ` except ${reserved[0].ip}` : '' };
  const isOdd = ({ value }: Cell) => value !== '0' && value !== '1';
  const found: readonly (readonly [kind: string, cells: readonly Cell[], named?: readonly Cell[]])[] = [
    ...Array.from(
      groupedBy(machines, ({ kind }) => kind),
      ([kind, some]) => [kind, cellsOf(some)] as const,
    ),
    ['mapped', cellsOf(clients).filter(({ value }) => value?.includes(':'))],
    ['odd', clients.flatMap(({ installs }) => installs.filter(isOdd))],
    [requested ? 'reserved' : 'router', cellsOf(reserved)],
    ['repeated', cellsOf(others, 1)],
    ['differing', cellsOf(mixed, 1)],
    ['again', again.flatMap(({ reinstalled }) => reinstalled), cellsOf(again)],
  ];
  for (const [kind, cells, named = cells] of found) {
    const [first, ...further] = cells;
    const entry = ociHarvester().rows[kind];
    if (!entry || !first) continue;
    const isNote = entry.as === 'left' || entry.as === 'changed';
    const isBare = (value: string) => isNote || ipv4Number(value) !== undefined;
    const list = shortList(
      named.map(({ value }) => (value === null ? 'NULL' : isBare(value) ? value : `"${value}"`)),
    );
    const text = filled(entry.text, { ...values, list });
    const related = further.slice(0, MOST - 1).map(({ at }) => ['another one is at', at] as const);
    if (isNote) findings.notes[entry.as](list, text, first.at);
    else findings.warning(entry.as, first.at, text, entry.help ?? '', ...related);
  }
  const [client] = clients;
  if (!client)
    return findings.error(
      'oci-no-node',
      rows[0]?.ip.at ?? { source, start: 0, end: 0 },
      rows.length > 0
        ? 'No row of the table is a machine: the table is unchanged, or only the web server itself sent requests.'
        : 'The table has no row: no machine has sent a request yet.',
      'use the table of the web server in use, or create a site: harvgen init sites/oci',
    );
  if (!subnet || nodes.length === 0)
    return findings.error(
      'oci-subnet',
      ((near[0] ?? client).cells[0] as Cell).at,
      requested
        ? `No row has the IP address of a node in ${requested.text}.`
        : near.length === 0
          ? 'No row has a private IP address: the nodes cannot be identified.'
          : `The private IP addresses, from ${shortList(ips)}, do not fit in one subnet of OCI: the largest is a /${GUESS.shortest}.`,
      'add --subnet CIDR with the subnet of the machines: oci network subnet get --subnet-id … --query \'data."cidr-block"\'',
    );
  if (!requested) findings.notes.open('networks.mgmt.subnet', filled(ociHarvester().guess, values));
  return { subnet, gateway: routerOf(subnet), isGuessed: !requested, nodes };
}

/** Maximum number of items to list per error. */
const MOST = 8;

/** Returns different texts as a list of limited length: `a, b and 7 more`. */
export function shortList(texts: readonly string[]): string {
  const short = [...new Set(texts)].map((text) => escapeControlChars(text).slice(0, 60));
  return listed(short, MOST);
}

/** Returns the address of a row; for `::ffff:10.0.10.7`, which a web server that listens on IPv6 writes, the IPv4 address in it. */
function addressOf({ ip: { value } }: OciRow): string {
  const [, address = ''] = /^::ffff:([\d.]+)$/i.exec(value ?? '') ?? [];
  return ipv4Number(address) === undefined ? (value ?? '') : address;
}

function kindOf(ip: string, requested: Cidr | undefined): string {
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
