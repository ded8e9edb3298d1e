import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Said } from '../gathered.ts';
import { readMac } from '../reservations/mac.ts';
import type { Reservation } from '../reservations/machine-of.ts';
import { type Piece, saidBy } from '../reservations/said.ts';
import type { Line } from './read-lines.ts';

const MAC = /^(?:[0-9a-f]{1,2}-)?[0-9a-f*]{1,2}(?::[0-9a-f*]{1,2}){1,15}$/i;

/** The type of the network before a MAC address, by ARP's numbers: 01 is Ethernet. */
const TYPE = /^([0-9a-f]{1,2})-(?=[0-9a-f*]{1,2}:)/i;

const LEASE = /^(?:\d+[smhdw]?|infinite)$/i;

/**
 * Reads what `dhcp-host=` says, or a line of a file of hosts: its fields are told by what they are, not by their order.
 * Reports fields that dnsmasq would refuse, notes what is left; undefined where the line is no machine's.
 * Source: dnsmasq(8), --dhcp-host; src/option.c, LOPT_DHCP_HOST.
 */
export function readHost(source: Source, line: Line, notes: Notes, report: Report): Reservation | undefined {
  const macs: Said<string>[] = [];
  const ips: Said<string>[] = [];
  let name: Said<string> | undefined;
  let isIgnored = false;
  for (const field of line.fields) {
    const { text } = field;
    const note = (kind: 'left' | 'changed', of: string, why: string) =>
      notes.add(kind, quoteVisibly(of), why, { source, start: field.start, end: field.end });
    if (text === '') continue;
    if (/^(?:set|net):/.test(text)) continue;
    if (/^tag:/.test(text))
      note(
        'changed',
        text,
        "the line counted for requests with this tag alone: the address is the machine's in all cases",
      );
    else if (/^id:/.test(text))
      note('left', text, 'a machine is known by its MAC address, and not by what its client calls itself');
    else if (/^\[.*\]$/.test(text) || /^[0-9a-f]*::/i.test(text))
      ips.push(saidBy(source, field, text.replace(/[[\]]/g, '')));
    else if (MAC.test(text)) addMac(source, field, macs, notes, report);
    else if (text.includes(':')) reportField(source, field, report);
    else if (ipv4Number(text) !== undefined) ips.push(saidBy(source, field));
    else if (text === 'ignore') isIgnored = true;
    else if (LEASE.test(text)) note('left', text, 'how long a lease lasts is said for a network: dhcp.lease');
    else if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text) && !/^[\d.]+$/.test(text))
      name = saidBy(source, field);
    else reportField(source, field, report);
  }
  const at = { source, start: line.start, end: line.end };
  if (isIgnored) {
    const of = name?.value ?? macs[0]?.value ?? 'a host';
    notes.add('left', quoteVisibly(of), 'dnsmasq gives it no address (ignore): it is no node', at);
    return undefined;
  }
  if (macs.length === 0 && line.fields.some(({ text }) => text.includes('*') && MAC.test(text)))
    return undefined;
  return { at, name, macs, ips };
}

function addMac(source: Source, field: Piece, macs: Said<string>[], notes: Notes, report: Report): void {
  const [, type] = TYPE.exec(field.text) ?? [];
  const text = field.text.replace(TYPE, '');
  const at = { source, start: field.start, end: field.end };
  const left = (why: string) => notes.add('left', quoteVisibly(field.text), why, at);
  if (text.includes('*')) left('a pattern for many machines, of which none is known');
  else if (type !== undefined && Number.parseInt(type, 16) !== 1) left('no MAC address of an Ethernet NIC');
  else {
    const mac = readMac(text);
    if (mac === undefined)
      report.error({
        code: 'import-value',
        message: `${quoteVisibly(field.text)} is no MAC address of a NIC.`,
        at,
        help: 'write it as 52:54:00:aa:01:01',
      });
    else macs.push(saidBy(source, field, mac));
  }
}

function reportField(source: Source, field: Piece, report: Report): void {
  report.error({
    code: 'import-syntax',
    message: `${quoteVisibly(field.text)} is nothing that dnsmasq takes for a host.`,
    at: { source, start: field.start, end: Math.max(field.end, field.start + 1) },
    help: 'write MAC addresses as 52:54:00:aa:01:01, the address as 192.168.178.41, tags as set:NAME, and a name of letters, digits and -',
  });
}
