import type { Source, SourceLocation } from '../../source/source.ts';
import {
  type Cidr,
  contains,
  type Ipv4,
  ipv4Number,
  ipv4Text,
  isHostAddress,
  parseCidr,
} from '../../values/addresses.ts';
import { groupedBy } from '../../values/grouped.ts';
import { escapeControlChars } from '../../values/text.ts';
import { type Findings, listed, type Notes } from '../model/notes.ts';
import { GUESS, smallestAround } from '../model/subnets.ts';
import type { Cell, OciRow } from './table.ts';

/** A machine in the table. */
export interface OciMachine {
  readonly ip: Ipv4;
  /** The source locations of its IP address: one for each row. */
  readonly at: readonly SourceLocation[];
  /** The rows with an install flag; can be empty. */
  readonly reinstalled: readonly Cell[];
}

type Kind = 'seed' | 'ipv6' | 'invalid' | 'node';

/** Returns the machines of a table, each once; adds notes on rows that are not machines, and reports suspicious ones. */
export function machinesOf(
  rows: readonly OciRow[],
  source: Source,
  findings: Findings,
): readonly OciMachine[] {
  const { notes } = findings;
  const judged = rows.map((row) => {
    const text = row.ip.value ?? '';
    const address = mappedIn(text) ?? text;
    return { ...row, address, kind: kindOf(address), isMapped: address !== text };
  });
  const cellsOf = (kind: Kind) => judged.filter((row) => row.kind === kind).map(({ ip }) => ip);
  const usable = judged.filter(({ kind }) => kind === 'node');
  const mapped = usable.filter(({ isMapped }) => isMapped).map(({ ip }) => ip);
  for (const [kind, cells, text] of [
    ['left', cellsOf('seed'), 'from the original table or the web server itself: not a machine'],
    ['changed', mapped, 'the web server wrote this IPv4 address as IPv6: it is imported as IPv4'],
    [
      'left',
      cellsOf('ipv6'),
      'a node has an IPv4 address: the IPv6 client was not a machine that boots from this table',
    ],
  ] as const)
    if (cells[0]) notes[kind](shortList(cells.map(({ value }) => value ?? 'NULL')), text, cells[0].at);
  const invalid = cellsOf('invalid');
  warnOnce(
    findings,
    'oci-address',
    invalid.map(({ at }) => at),
    `No machine has the address ${quotedList(invalid)}, which boot.php compares literally: these rows never applied and are not imported.`,
    'correct the IP address of the machine and import again, or add the node to the site',
  );
  const odd = usable.map(({ install }) => install).filter(({ value }) => value !== '0' && value !== '1');
  warnOnce(
    findings,
    'oci-install',
    odd.map(({ at }) => at),
    `install is ${quotedList(odd)}, neither 0 nor 1: boot.php boots the disk for 0, an empty value and NULL, otherwise the installer.`,
    'check the node in the site; no change is necessary if it is right',
  );
  if (usable.length === 0)
    findings.error(
      'oci-no-node',
      rows[0]?.ip.at ?? { source, start: 0, end: 0 },
      rows.length > 0
        ? 'No row of the table is a machine: the table is unchanged, or only the web server itself sent requests.'
        : 'The table has no row: no machine has sent a request yet.',
      'use the table of the web server in use, or create a site: harvgen init sites/oci',
    );
  return Array.from(
    groupedBy(usable, ({ address }) => address),
    ([ip, machineRows]) => ({
      ip,
      at: machineRows.map((row) => row.ip.at),
      reinstalled: machineRows.map(({ install }) => install).filter(isInstall),
    }),
  );
}

/** Whether the flag is true for PHP: not empty, 0 or NULL. Source: boot.php, `if ($row['install'])`. */
function isInstall({ value }: Cell): boolean {
  return value !== null && value !== '' && !/^[+-]?0$/.test(value);
}

function kindOf(text: string): Kind {
  const number = ipv4Number(text);
  if (number === undefined)
    return /^[\da-f]{0,4}(?::[\da-f.]{0,15}){2,7}(?:%\w+)?$/i.test(text) ? 'ipv6' : 'invalid';
  const first = number >>> 24;
  // boot.php writes 0.0.0.0 for an unknown IP address; 127.0.0.1 is the web server itself.
  if (first === 0 || first === 127) return 'seed';
  const isLinkLocal = number >>> 16 === 0xa9fe;
  return first >= 224 || isLinkLocal ? 'invalid' : 'node';
}

/** Returns the IPv4 address in `::ffff:10.0.10.7`, which a web server that listens on IPv6 writes. */
function mappedIn(text: string): Ipv4 | undefined {
  const [, address = ''] = /^::ffff:([\d.]+)$/i.exec(text) ?? [];
  return ipv4Number(address) === undefined ? undefined : address;
}

/** Adds notes on repeated rows of nodes, and reports those that cannot be imported. */
export function reportNodes(machines: readonly OciMachine[], findings: Findings): void {
  const repeated = machines.filter((machine) => machine.at.length > 1 && !hasMixedFlags(machine));
  const place = repeated[0]?.at[1];
  const why = 'the table has several rows of it, created by simultaneous first requests: it is one node';
  if (place) findings.notes.changed(addressesOf(repeated), why, place);
  const differing = machines.filter(hasMixedFlags);
  warnOnce(
    findings,
    'oci-duplicate',
    differing.flatMap(({ at: [, ...others] }) => others),
    `Rows of ${addressesOf(differing)} differ in install: boot.php served both scripts, and only the first had an ` +
      'effect. In the site, the node installs once: it boots a disk that contains Harvester.',
    'to wipe the machine, run harvgen set SITE NODE install=always; otherwise no change is necessary',
  );
  const again = machines.filter((machine) => machine.reinstalled.length > 0 && !hasMixedFlags(machine));
  const cells = again.flatMap(({ reinstalled }) => reinstalled);
  const [it, they] = again.length > 1 ? ['these machines', 'they install'] : ['this machine', 'it installs'];
  warnOnce(
    findings,
    'oci-reinstall',
    cells.map(({ at }) => at),
    `install is ${cells.every(({ value }) => value === '1') ? '1' : 'not 0'} for ${addressesOf(again)}: boot.php wipes ${it} at ` +
      `every boot until the flag is reset, which may have been forgotten. In the site, ${they} once: ` +
      'a disk that contains Harvester is booted.',
    'to wipe a machine, run harvgen set SITE NODE install=always, and install=null after the installation',
  );
}

/** Whether the rows of a machine differ in install. */
export function hasMixedFlags({ at, reinstalled }: OciMachine): boolean {
  return reinstalled.length > 0 && reinstalled.length < at.length;
}

function addressesOf(machines: readonly OciMachine[]): string {
  return shortList(machines.map(({ ip }) => ip));
}

/** Maximum number of items to list per error. */
const MOST = 8;

/** Returns different texts as a list of limited length: `a, b and 7 more`. */
export function shortList(texts: readonly string[]): string {
  return listed(
    [...new Set(texts)].map((text) => escapeControlChars(text).slice(0, 60)),
    MOST,
  );
}

function quotedList(cells: readonly Cell[]): string {
  return shortList(cells.map(({ value }) => (value === null ? 'NULL' : `"${value}"`)));
}

/** Reports one warning for several source locations: at the first, with the next ones as related. */
function warnOnce(
  findings: Findings,
  code: string,
  [at, ...others]: readonly SourceLocation[],
  message: string,
  help: string,
): void {
  const related = others.slice(0, MOST - 1).map((other) => ['another one is at', other] as const);
  if (at) findings.warning(code, at, message, help, ...related);
}

/** The network of the nodes, with the nodes in it. */
export interface OciNetwork {
  readonly subnet: Cidr;
  readonly gateway: Ipv4;
  readonly isGuessed: boolean;
  readonly machines: readonly OciMachine[];
}

/** Returns the requested subnet, otherwise a guess, with the nodes in it; undefined if it reports an error. */
export function networkOf(
  machines: readonly OciMachine[],
  { subnet: requested, server }: { readonly subnet: Cidr | undefined; readonly server: Ipv4 | undefined },
  findings: Findings,
): OciNetwork | undefined {
  const { notes } = findings;
  const clients = machines.filter(({ ip }) => ip !== server);
  const webServer = machines.find(({ ip }) => ip === server);
  if (webServer)
    notes.left(webServer.ip, 'the web server itself: boot.php adds a row for every client', webServer.at[0]);
  const isNear = ({ ip }: OciMachine) =>
    requested ? contains(requested, ip) : PRIVATE.some((range) => contains(range, ip));
  const near = clients.filter(isNear);
  const far = clients.filter((machine) => !isNear(machine));
  warnOnce(
    findings,
    'oci-stranger',
    far.flatMap(({ at: [first] }) => first ?? []),
    `${addressesOf(far)} ${requested ? `is not in ${requested.text}, so it is` : 'is public, so it is probably'} not a node: boot.php adds a row for every client, such as a crawler or curl.`,
    requested
      ? 'if it is a node of another subnet, import it as a separate site with that --subnet'
      : 'if nodes have public IP addresses, add --subnet CIDR with their subnet',
  );
  // A row with the router's IP address is more likely an unknown machine than a sign of a larger subnet.
  const ips = near.map(({ ip }) => ip);
  const subnet = requested ?? smallestAround(ips, (guess) => ips.some((ip) => ip !== gatewayOf(guess)));
  const gateway = subnet && gatewayOf(subnet);
  const isNode = ({ ip }: OciMachine) => ip !== gateway && (!subnet || isHostAddress(subnet, ip));
  const nodes = near.filter(isNode);
  if (subnet && gateway !== undefined && nodes.length > 0) {
    const reserved = near.filter((machine) => !isNode(machine));
    const [router] = reserved;
    if (!requested) noteGuess(subnet, router, notes);
    else if (router)
      notes.left(
        addressesOf(reserved),
        'OCI reserves the first two IP addresses and the last one of a subnet: not a machine',
        router.at[0],
      );
    return { subnet, gateway, isGuessed: !requested, machines: nodes };
  }
  const [place] = (near[0] ?? machines[0])?.at ?? [];
  if (place)
    findings.error(
      'oci-subnet',
      place,
      requested
        ? `No row has the IP address of a node in ${requested.text}.`
        : near.length === 0
          ? 'No row has a private IP address: the nodes cannot be identified.'
          : `The private IP addresses, from ${addressesOf(near)}, do not fit in one subnet of OCI: the largest is a /${GUESS.shortest}.`,
      'add --subnet CIDR with the subnet of the machines: oci network subnet get --subnet-id … --query \'data."cidr-block"\'',
    );
  return undefined;
}

/** Returns the IP address of OCI's router, the first of each subnet. Source: OCI, "VCNs and Subnets", reserved addresses. */
function gatewayOf({ first }: Cidr): Ipv4 {
  return ipv4Text(first + 1);
}

/** The private ranges of RFC 1918 and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
  (text) => parseCidr(text) as Cidr,
);

/** Adds a note on a guessed subnet, and on a row with the router's IP address. */
function noteGuess({ text }: Cidr, router: OciMachine | undefined, notes: Notes): void {
  const why =
    `not in the table: ${text} is the smallest from /${GUESS.longest} in which OCI can assign all IP addresses` +
    `${router ? ` except ${router.ip}` : ''}. Check it, and ` +
    'correct gateway with it, which is the first IP address of a subnet in OCI; or add --subnet';
  notes.open('networks.mgmt.subnet', why);
  const reason = `OCI's router in ${text}, so it is not imported as a machine. If it is one, add --subnet with the right subnet`;
  if (router) notes.left(router.ip, reason, router.at[0]);
}
