import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Said } from '../gathered.ts';
import { readMac } from '../reservations/mac.ts';
import type { Reservation } from '../reservations/machine-of.ts';
import { saidBy } from '../reservations/said.ts';
import { whyLeft } from './keywords.ts';
import type { Statement } from './read-statements.ts';
import type { Token } from './tokens.ts';

interface Reading {
  readonly source: Source;
  readonly notes: Notes;
  readonly report: Report;
}

/** What a lease says of itself, which is nothing of the machine. Source: dhcpd.leases(5). */
const OF_LEASE =
  /^(?:starts|ends|tstp|tsfp|atsfp|cltt|binding|next|rewind|uid|set|bootp|reserved|abandoned|on|dynamic|group|deleted|option|supersede)$/;

/**
 * Reads a host or a lease: `block` is what it says, without options that were noted. Reports what dhcpd would refuse, notes what
 * is left; undefined for what is no machine any more. Source: dhcpd.conf(5), dhcpd.leases(5).
 */
export function readHost(
  statement: Statement,
  block: readonly Statement[],
  reading: Reading,
): Reservation | undefined {
  const { source, notes } = reading;
  const isLease = statement.keyword === 'lease';
  const at = { source, start: statement.start, end: statement.end };
  const all = statement.block ?? [];
  if (all.some(({ keyword }) => keyword === 'deleted' || keyword === 'abandoned')) return undefined;
  const macs: Said<string>[] = [];
  const ips: Said<string>[] = [];
  const [declared] = statement.words;
  if (isLease && declared) {
    if (ipv4Number(declared.text) === undefined) return undefined;
    ips.push(saidBy(source, declared));
  }
  for (const one of block) {
    if (one.keyword === 'hardware') macs.push(...macOf(one, reading));
    else if (one.keyword === 'fixed-address') ips.push(...addressesOf(one, reading));
    else if (one.keyword === 'fixed-address6')
      notes.add('left', 'fixed-address6', 'a site has IPv4 addresses', placeOf(source, one));
    else if (
      one.keyword === 'host-identifier' ||
      one.keyword === 'dhcp-client-identifier' ||
      (one.keyword === 'uid' && !isLease)
    )
      notes.add(
        'left',
        one.keyword,
        'a machine is known by its MAC address, and not by what its client calls itself',
        placeOf(source, one),
      );
    else if (one.keyword !== 'client-hostname' && !OF_LEASE.test(one.keyword))
      notes.add('left', quoteVisibly(one.keyword), whyHostLeft(one), placeOf(source, one));
  }
  const name = hostName(all, source) ?? (isLease || !declared ? undefined : saidBy(source, declared));
  if (isLease && macs.length === 0) return undefined;
  return { at, name, macs, ips, ...(isLease ? { isLease } : {}) };
}

function whyHostLeft({ keyword, words }: Statement): string {
  if (keyword === 'server-name')
    return "a server's name, which clients do not take for their own: the node is called as its host-name, or as the host is declared";
  if (words.some(({ text }) => text.includes('/boot/v1/bootscript')))
    return 'BSS gave the machine its script there: harvgen writes one for each node, and server.compat: [ochami] keeps the URL';
  return whyLeft(keyword);
}

/** `option host-name "cg01";`, which goes before the host's declaration; of a lease `client-hostname "cg01";`. */
function hostName(block: readonly Statement[], source: Source): Said<string> | undefined {
  for (const { keyword, words } of block) {
    const rest = words.filter(({ text }) => text !== '=');
    const value =
      keyword === 'client-hostname'
        ? rest[0]
        : /^(?:option|supersede)$/.test(keyword) && rest[0]?.text.toLowerCase() === 'host-name'
          ? rest[1]
          : undefined;
    if (value && value.text !== '') return saidBy(source, value);
  }
  return undefined;
}

function macOf(statement: Statement, { source, notes, report }: Reading): Said<string>[] {
  const [type, address] = statement.words;
  if (type && address && type.text.toLowerCase() !== 'ethernet') {
    notes.add(
      'left',
      `hardware ${quoteVisibly(type.text)}`,
      'no MAC address of an Ethernet NIC',
      placeOf(source, statement),
    );
    return [];
  }
  const mac = address && readMac(address.text);
  if (address && mac !== undefined && statement.words.length === 2) return [saidBy(source, address, mac)];
  report.error({
    code: 'import-value',
    message: 'This is no MAC address of a NIC.',
    at: placeOf(source, statement),
    help: 'write it as hardware ethernet 52:54:00:aa:01:01;',
  });
  return [];
}

/** Addresses or names between commas. */
function addressesOf(statement: Statement, { source, report }: Reading): Said<string>[] {
  const values = statement.words.filter(({ kind }) => kind !== 'mark');
  const isList = statement.words.every(({ kind }, index) => (kind === 'mark') === (index % 2 === 1));
  const isOne = ({ kind, text }: Token) =>
    kind === 'word' && (ipv4Number(text) !== undefined || /^(?![\d.]+$)[\w.-]+$/.test(text));
  if (isList && values.length > 0 && values.every(isOne)) return values.map((value) => saidBy(source, value));
  report.error({
    code: 'import-value',
    message: 'This is no address, nor a list of them.',
    at: placeOf(source, statement),
    help: 'write it as fixed-address 192.168.178.41; with a semicolon behind it, and commas between several',
  });
  return [];
}

function placeOf(source: Source, { start, end }: Statement) {
  return { source, start, end };
}
