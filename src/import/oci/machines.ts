import type { Source } from '../../source/source.ts';
import { contains, ipv4Number, ipv4Text, isHostAddress, isPublic } from '../../values/addresses.ts';
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
