import type { Report } from '../../source/diagnostics/report.ts';
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
import { escapeControlChars } from '../../values/text.ts';
import { andMore, type Findings, type Notes } from '../notes.ts';
import { GUESS, smallestAround } from '../subnets.ts';
import type { Cell, OciRow } from './table.ts';

/** A machine that the table knows. */
export interface OciMachine {
  readonly ip: Ipv4;
  /** Where its address stands: of several rows, all. */
  readonly at: readonly SourceLocation[];
  /** The rows that say that it is to be installed anew; empty where none does. */
  readonly reinstalled: readonly Cell[];
}

type Kind = 'seed' | 'ipv6' | 'nobody' | 'node';

/** Returns the machines of a table, each once; notes or reports rows that came with it, or that look wrong. */
export function machinesOf(
  rows: readonly OciRow[],
  source: Source,
  { notes, report }: Findings,
): readonly OciMachine[] {
  const judged = rows.map((row) => {
    const text = row.ip.value ?? '';
    const address = mappedIn(text) ?? text;
    return { ...row, address, kind: kindOf(address), isMapped: address !== text };
  });
  const cellsOf = (kind: Kind) => judged.filter((row) => row.kind === kind).map(({ ip }) => ip);
  const usable = judged.filter(({ kind }) => kind === 'node');
  const note = (how: 'left' | 'changed', cells: readonly Cell[], text: string) => {
    const [first] = cells;
    if (first) notes[how](joinLimited(cells.map(({ value }) => value ?? 'NULL')), text, first.at);
  };
  note('left', cellsOf('seed'), 'the table came with it, or the web server asked itself: it is no machine');
  note(
    'changed',
    usable.filter(({ isMapped }) => isMapped).map(({ ip }) => ip),
    'the web server wrote an address of IPv4 as one of IPv6: it is the former',
  );
  note(
    'left',
    cellsOf('ipv6'),
    'a node has an address of IPv4: what asked by IPv6 was no machine that boots by this table',
  );
  warnOfCells(
    report,
    'oci-address',
    cellsOf('nobody'),
    (values) =>
      `${values}: no machine has such an address, and boot.php compares it letter by letter. Such a row has never counted, and is left out.`,
    'if a machine is meant, correct the address and import again, or add the node to the site',
  );
  warnOfCells(
    report,
    'oci-install',
    usable.map(({ install }) => install).filter(({ value }) => value !== '0' && value !== '1'),
    (values) =>
      `install is ${values}, which is neither 0 nor 1: boot.php took 0, nothing and NULL for the disk, and all else for the installer.`,
    'nothing is to be done where the node is right in the site',
  );
  if (usable.length === 0) reportNone(rows, source, report);
  const machines = new Map<Ipv4, { ip: Ipv4; at: SourceLocation[]; reinstalled: Cell[] }>();
  for (const { address, ip, install } of usable) {
    const machine = machines.get(address) ?? { ip: address, at: [], reinstalled: [] };
    machine.at.push(ip.at);
    if (saysInstall(install)) machine.reinstalled.push(install);
    machines.set(address, machine);
  }
  return [...machines.values()];
}

/** PHP takes for false what is empty, 0, or no value at all. Source: boot.php, `if ($row['install'])`. */
function saysInstall({ value }: Cell): boolean {
  return value !== null && value !== '' && !/^[+-]?0$/.test(value);
}

function kindOf(text: string): Kind {
  const number = ipv4Number(text);
  if (number === undefined)
    return /^[\da-f]{0,4}(?::[\da-f.]{0,15}){2,7}(?:%\w+)?$/i.test(text) ? 'ipv6' : 'nobody';
  const first = number >>> 24;
  // 0.0.0.0 is what boot.php puts for an address that it does not know; 127.0.0.1 is the web server itself.
  if (first === 0 || first === 127) return 'seed';
  const isLinkLocal = number >>> 16 === 0xa9fe;
  return first >= 224 || isLinkLocal ? 'nobody' : 'node';
}

/** `::ffff:10.0.10.7`: what a web server that listens by IPv6 calls an address of IPv4. */
function mappedIn(text: string): Ipv4 | undefined {
  const [, address = ''] = /^::ffff:([\d.]+)$/i.exec(text) ?? [];
  return ipv4Number(address) === undefined ? undefined : address;
}

function reportNone(rows: readonly OciRow[], source: Source, report: Report): void {
  report.error({
    code: 'oci-no-node',
    message:
      rows.length > 0
        ? 'No row of the table is of a machine: it is as it came, or nothing but the web server itself has asked.'
        : 'The table has no row: no machine has asked yet.',
    at: rows[0]?.ip.at ?? { source, start: 0, end: 0 },
    help: 'give the table of the web server that machines asked; or begin anew: harvgen init sites/oci',
  });
}

/** Notes and reports what the rows of nodes say more than once, or that is not carried. */
export function reportNodes(machines: readonly OciMachine[], { notes, report }: Findings): void {
  const twins = machines.filter((machine) => machine.at.length > 1 && !doDiffer(machine));
  const place = twins[0]?.at[1];
  const why = 'the table has several rows of it, as two first requests at once made: it is one node';
  if (place) notes.changed(addressesOf(twins), why, place);
  const differing = machines.filter(doDiffer);
  warnOfFew(
    report,
    'oci-duplicate',
    differing.flatMap(({ at: [, ...others] }) => others),
    `Rows of ${addressesOf(differing)} differ in install: boot.php answered with both scripts, one behind the ` +
      'other, and the first one counted. In the site it installs once: a disk with Harvester on it is booted.',
    'nothing is to be done, unless the machine is to be wiped: harvgen set SITE NODE install=always',
  );
  const again = machines.filter((machine) => machine.reinstalled.length > 0 && !doDiffer(machine));
  const cells = again.flatMap(({ reinstalled }) => reinstalled);
  const [it, they] = again.length > 1 ? ['these machines', 'they install'] : ['this machine', 'it installs'];
  warnOfFew(
    report,
    'oci-reinstall',
    cells.map(({ at }) => at),
    `install is ${cells.every(({ value }) => value === '1') ? '1' : 'not 0'} of ${addressesOf(again)}: boot.php wiped ${it} at ` +
      `every boot until somebody set it back, and nobody knows whether that was forgotten. In the site ${they} once: ` +
      'a disk with Harvester on it is booted.',
    'where a machine is to be wiped, say so in the site: harvgen set SITE NODE install=always, and null once it is installed',
  );
}

/** Says whether one row of a machine has the installer, and another the disk. */
export function doDiffer({ at, reinstalled }: OciMachine): boolean {
  return reinstalled.length > 0 && reinstalled.length < at.length;
}

/** Lists the addresses of machines, the first of them where they are many. */
export function addressesOf(machines: readonly OciMachine[]): string {
  return joinLimited(machines.map(({ ip }) => ip));
}

/** More than these of one fault say no more than that there are many. */
const MOST = 8;

/** Lists texts, the first of them where they are many: `a, b and 7 more`. */
export function joinLimited(texts: readonly string[]): string {
  const all = [...new Set(texts)].map((text) => escapeControlChars(text).slice(0, 60));
  return all.length <= MOST ? all.join(', ') : andMore(all, MOST - 1);
}

function warnOfCells(
  report: Report,
  code: string,
  cells: readonly Cell[],
  message: (values: string) => string,
  help: string,
): void {
  const values = joinLimited(cells.map(({ value }) => (value === null ? 'NULL' : `"${value}"`)));
  const places = cells.map(({ at }) => at);
  warnOfFew(report, code, places, message(values), help);
}

/** Reports a warning of several places as one: at the first, with the next ones. */
function warnOfFew(
  report: Report,
  code: string,
  places: readonly SourceLocation[],
  message: string,
  help: string,
): void {
  const [at, ...others] = places;
  if (!at) return;
  report.warning({
    code,
    message,
    at,
    related: others.slice(0, MOST - 1).map((other) => ({ message: 'so is it at', at: other })),
    help,
  });
}

/** The network that nodes are on, and those that are. */
export interface OciNetwork {
  readonly subnet: Cidr;
  readonly gateway: Ipv4;
  readonly isGuessed: boolean;
  readonly machines: readonly OciMachine[];
}

/** Returns the subnet that is wished, else a guess, and the nodes in it; undefined where an error has been reported. */
export function networkOf(
  machines: readonly OciMachine[],
  { subnet: wished, server }: { readonly subnet: Cidr | undefined; readonly server: Ipv4 | undefined },
  { notes, report }: Findings,
): OciNetwork | undefined {
  const others = machines.filter(({ ip }) => ip !== server);
  const own = machines.find(({ ip }) => ip === server);
  if (own) notes.left(own.ip, 'it is the web server, which asked itself: every client made a row', own.at[0]);
  const near = others.filter(({ ip }) =>
    wished ? contains(wished, ip) : PRIVATE.some((range) => contains(range, ip)),
  );
  const nearby = new Set(near);
  const strangers = others.filter((machine) => !nearby.has(machine));
  warnOfStrangers(strangers, wished, report);
  // A row of the router's address is more likely a stranger's than the subnet a larger one.
  const ips = near.map(({ ip }) => ip);
  const subnet = wished ?? smallestAround(ips, (one) => ips.some((ip) => ip !== gatewayOf(one)));
  const gateway = subnet && gatewayOf(subnet);
  const isNode = ({ ip }: OciMachine) => ip !== gateway && (!subnet || isHostAddress(subnet, ip));
  const nodes = near.filter(isNode);
  const [first] = machines;
  if (subnet && gateway !== undefined && nodes.length > 0) {
    const reserved = near.filter((machine) => !isNode(machine));
    const [router] = reserved;
    if (!wished) noteGuess(subnet, router, notes);
    else if (router)
      notes.left(
        addressesOf(reserved),
        'OCI keeps the first two addresses of a subnet and the last one for itself: it is no machine',
        router.at[0],
      );
    return { subnet, gateway, isGuessed: !wished, machines: nodes };
  }
  if (first)
    report.error({
      code: 'oci-subnet',
      message: whyNone(near, wished),
      at: (near[0] ?? first).at[0] as OciMachine['at'][0],
      help: 'give --subnet CIDR with the subnet of the machines: oci network subnet get --subnet-id … --query \'data."cidr-block"\'',
    });
  return undefined;
}

function whyNone(near: readonly OciMachine[], wished: Cidr | undefined): string {
  if (wished) return `No row has an address of a node in ${wished.text}.`;
  if (near.length === 0) return 'No row has a private address: which machines are nodes cannot be told.';
  return `The private addresses, from ${addressesOf(near)}, are in no subnet of OCI together: the largest is a /${GUESS.shortest}.`;
}

/** OCI's own router has the first address of each subnet. Source: OCI, "VCNs and Subnets", reserved addresses. */
function gatewayOf({ first }: Cidr): Ipv4 {
  return ipv4Text(first + 1);
}

/** By RFC 1918 and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
  (text) => parseCidr(text) as Cidr,
);

/** Says what was guessed, and what it makes of a row with the router's address. */
function noteGuess({ text }: Cidr, router: OciMachine | undefined, notes: Notes): void {
  const why =
    `the table does not say it: ${text} is the smallest from /${GUESS.longest} on in which OCI could give all of the addresses` +
    `${router ? `, but ${router.ip}` : ''}. See whether it is the ` +
    "subnet's, and correct gateway with it, which is the first address of a subnet in OCI; or give --subnet";
  notes.open('networks.mgmt.subnet', why);
  const reason = `in ${text} it would be OCI's router, so it is taken for no machine. If it is one, the subnet is another: give --subnet`;
  if (router) notes.left(router.ip, reason, router.at[0]);
}

function warnOfStrangers(machines: readonly OciMachine[], wished: Cidr | undefined, report: Report): void {
  const ips = addressesOf(machines);
  warnOfFew(
    report,
    'oci-stranger',
    machines.flatMap(({ at: [first] }) => first ?? []),
    `${ips}: ${wished ? `not in ${wished.text}, so` : 'public, so probably'} no node. boot.php made a row for every client, such as a crawler or somebody with curl.`,
    wished
      ? 'if it is a node of another subnet, import it as a site of its own, with that --subnet'
      : 'if nodes have public addresses, give --subnet CIDR with the subnet that they are in',
  );
}
