import { ipv4Number } from '../../values/addresses.ts';
import { readMac } from '../../values/identifiers.ts';
import type { Gathered, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import {
  type BootFile,
  bootFileIn,
  type DhcpRange,
  isKeyword,
  isOptionName,
  type Line,
  networksOf,
  type Option,
  readLines,
  readOption,
  readRange,
} from './dnsmasq-lines.ts';
import { FileReader, type Piece, piecesOf } from './file-reader.ts';
import { isHostsLine, readEthers, readHosts } from './hosts-file.ts';
import { reasonText, whyLeft } from './keys.ts';
import { MapFile, readValue } from './map-reader.ts';
import { gatheredOf, latest, type Reservation, serverIn } from './reservations.ts';

/** The files of dnsmasq, and the leases of libvirt's dnsmasq. */
export const dnsmasq: JoinedFormat = {
  name: 'dnsmasq',
  what: 'leases, hosts, options or configuration of dnsmasq, leases of a libvirt network, /etc/ethers or /etc/hosts',
  isLike: ({ text }) => ![undefined, 'nothing'].includes(formOf(text)),
  read(source, report) {
    const reader = new FileReader(source, report);
    const read = READERS[formOf(source.text) ?? 'none'];
    if (read) return gathered(read(reader), reader);
    return reader.refuse(
      'The file is not one that dnsmasq reads or writes.',
      'use its leases, its configuration, or a file of hosts or options that this one names',
    );
  },
};

interface Found {
  readonly reservations: readonly Reservation[];
  readonly networks?: Gathered['networks'];
  readonly server?: Gathered['server'];
}

function gathered({ reservations, networks = [], server }: Found, reader: FileReader): Gathered {
  return { ...gatheredOf(reservations, reader), networks, server, notes: reader.notes.sorted() };
}

/** The reader of each of dnsmasq's files; libvirt writes `status` instead of leases. */
const READERS: Readonly<Record<string, (reader: FileReader) => Found>> = {
  nothing: () => ({ reservations: [] }),
  status: readStatus,
  leases: readLeases,
  ethers: (reader) => ({ reservations: readEthers(reader) }),
  names: (reader) => ({ reservations: readHosts(reader) }),
  hosts: (reader) => ({ reservations: readLines(reader, false).flatMap((line) => readHost(line, reader)) }),
  options(reader) {
    const options = readLines(reader, false).flatMap((line) => readOption(line, reader));
    return { reservations: [], networks: networksOf([], options, undefined, reader) };
  },
  configuration: readConfiguration,
};

const ANY_MAC = '(?:[0-9a-f]{1,2}-)?[0-9a-f*]{1,2}(?::[0-9a-f*]{1,2}){5,}';

/** Keys of each libvirt lease, which identify its list. */
const STATUS = /"(?:ip|mac)-address"\s*:/;

const HOST = new RegExp(
  `^(?:${ANY_MAC}|id:[^,]*|\\d+\\.\\d+\\.\\d+\\.\\d+|\\[[0-9a-f:]*\\]|[\\w.-]+,.*(?:${ANY_MAC}|\\d+\\.\\d+\\.\\d+\\.\\d+))(?:\\s*,|\\s*$|.*$)`,
  'i',
);

/** The first line of a leases file: a lease of DHCPv4, or the beginning of those of DHCPv6. */
const LEASE =
  /^\d+\s+(?:[0-9a-f]{1,2}-)?[0-9a-f]{1,2}(?::[0-9a-f]{1,2})+\s+\d+\.\d+\.\d+\.\d+\s+\S+(?:\s+\S+)?\s*$|^duid\s+[0-9a-f:]+\s*$/i;

/** Returns the type of a dnsmasq file from its first nonempty line, or undefined. */
function formOf(text: string): string | undefined {
  // libvirt writes this when there are no leases, and so do many other programs.
  if (/^[\s\ufeff]*\[\s*\]\s*$/.test(text)) return 'nothing';
  if (/^[\s\ufeff]*\[\s*\{/.test(text)) return STATUS.test(text) ? 'status' : undefined;
  const line = /^[^\S\r\n]*([^\s#].*)/m.exec(text)?.[1]?.trim();
  if (line === undefined) return 'nothing';
  if (LEASE.test(line)) return 'leases';
  if (isHostsLine(line)) return 'names';
  if (new RegExp(`^${ANY_MAC}\\s+[\\w.:-]+\\s*(?:#.*)?$`, 'i').test(line)) return 'ethers';
  const [, keyword] = /^([a-z][a-z0-9-]*)\s*(?:=|$|\s#)/.exec(line) ?? [];
  if (keyword !== undefined && isKeyword(keyword)) return 'configuration';
  const fields = line.split(',').map((field) => field.trim());
  const first = fields.find((field) => !/^(?:set|tag|net):/.test(field));
  if (first === undefined) return undefined;
  if (isOptionName(first)) return 'options';
  return HOST.test(fields.slice(fields.indexOf(first)).join(',')) ? 'hosts' : undefined;
}

function readConfiguration(reader: FileReader): Found {
  const { notes } = reader;
  const hosts: Line[] = [];
  const ranges: DhcpRange[] = [];
  const options: Option[] = [];
  const bootFiles: BootFile[] = [];
  /** MAC addresses with the tags that dhcp-mac sets for them. */
  const macTags: [mac: string | undefined, set: string][] = [];
  let domain: Sourced<string> | undefined;
  for (const line of readLines(reader, true)) {
    const keyword = line.keyword?.text ?? '';
    const at = reader.at(line);
    const [first, second] = line.fields;
    bootFiles.push(...bootFileIn(line, reader));
    if (keyword === 'dhcp-mac') macTags.push([readMac(second?.text ?? ''), first?.text ?? '']);
    if (keyword === 'dhcp-host') hosts.push(line);
    else if (keyword === 'dhcp-range') ranges.push(...readRange(line, reader));
    else if (keyword === 'dhcp-option' || keyword === 'dhcp-option-force')
      options.push(...readOption(line, reader));
    else if (keyword === 'domain' && first && !second) domain = reader.sourced(first);
    else if (whyLeft('dnsmasq files', keyword)) {
      const todo = `${whyLeft('dnsmasq files', keyword)}: add it as further files of dnsmasq, if it is not added yet`;
      notes.open(keyword + (first ? `=${displayName(first.text)}` : ''), todo, at);
    } else if (keyword === 'domain')
      notes.left(keyword, 'a domain of some IP addresses only: set domain of their network', at);
    else reader.left({ value: keyword, at }, whyLeft('dnsmasq', keyword) ?? 'unknown key of dnsmasq');
  }
  const networks = networksOf(ranges, options, domain, reader);
  if (domain && networks.length === 0)
    notes.left('domain', 'it applies to no network of the file: set domain of the network', domain.at);
  const reservations = hosts.flatMap((line) => {
    const tags = macTags.filter(([mac]) => line.fields.some(({ text }) => readMac(text) === (mac ?? '')));
    const further = tags.map(([, text]) => ({ ...line, text }));
    const tagged = { ...line, fields: [...line.fields, ...further] };
    return withBootFiles(tagged, bootFiles, readHost(line, reader));
  });
  return { reservations, networks, server: serverIn(bootFiles.map(({ file }) => file)) };
}

/** Returns the reservations of a line with the boot files for the tags that the line sets. */
export function withBootFiles(
  { fields }: Line,
  bootFiles: readonly BootFile[],
  reservations: readonly Reservation[],
): Reservation[] {
  const tags = fields.flatMap(({ text }) => /^(?:set|net):(.*)$/.exec(text)?.[1] ?? []);
  const named = bootFiles.filter((one) => one.tags.some((tag) => tags.includes(tag)));
  return reservations.map((one) => ({ ...one, bootFiles: named.map(({ file }) => file) }));
}

const MAC = /^(?:[0-9a-f]{1,2}-)?[0-9a-f*]{1,2}(?::[0-9a-f*]{1,2}){1,15}$/i;

/** The type of network before a MAC address, as an ARP number: 01 is Ethernet. */
const TYPE = /^([0-9a-f]{1,2})-(?=[0-9a-f*]{1,2}:)/i;

/**
 * Reads `dhcp-host=`, or a line of a file of hosts, as a list. Each field is recognized by its form, not by its position.
 * Reports fields that dnsmasq rejects, adds notes on others; returns an empty list for a line without a machine.
 * Source: dnsmasq(8), --dhcp-host; src/option.c, LOPT_DHCP_HOST.
 */
export function readHost(line: Line, reader: FileReader): Reservation[] {
  const macs: Sourced<string>[] = [];
  const ips: Sourced<string>[] = [];
  let name: Sourced<string> | undefined;
  let isIgnored = false;
  for (const field of line.fields) {
    const { text } = field;
    if (text === '' || /^(?:set|net):/.test(text)) continue;
    if (/^tag:/.test(text))
      reader.changed(
        field,
        'the line applied only to requests with this tag: the machine now always has the IP address',
      );
    else if (/^id:/.test(text)) reader.left(field, reasonText('client-id'));
    else if (/^\[.*\]$/.test(text) || /^[0-9a-f]*::/i.test(text))
      ips.push(reader.sourced(field, text.replace(/[[\]]/g, '')));
    else if (MAC.test(text)) macs.push(...macOf(field, reader));
    else if (ipv4Number(text) !== undefined) ips.push(reader.sourced(field));
    else if (text === 'ignore') isIgnored = true;
    else if (/^(?:\d+[smhdw]?|infinite)$/i.test(text))
      reader.left(field, 'a site sets the lease time for a network: dhcp.lease');
    else if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text) && !/^[\d.]+$/.test(text))
      name = reader.sourced(field);
    else
      reader.error(
        'import-syntax',
        `${displayName(text)} is not a valid field of a host: dnsmasq rejects it.`,
        reader.at({ start: field.start, end: Math.max(field.end, field.start + 1) }),
        'write a MAC address as 52:54:00:aa:01:01, an IP address as 192.168.178.41, a tag as set:NAME, or a name',
      );
  }
  const at = reader.at(line);
  const of = name?.value ?? macs[0]?.value ?? 'a host';
  if (isIgnored) reader.left({ value: of, at }, 'dnsmasq leases it no IP address (ignore): it is not a node');
  // dnsmasq looks up the name of a host without an IP address.
  const aliases = name && ips.length === 0 ? { aliases: [name] } : {};
  const isPattern = ({ text }: Piece) => text.includes('*') && MAC.test(text);
  return isIgnored || (macs.length === 0 && line.fields.some(isPattern))
    ? []
    : [{ at, name, macs, ips, ...aliases }];
}

function macOf(field: Piece, reader: FileReader): Sourced<string>[] {
  const [, type] = TYPE.exec(field.text) ?? [];
  const text = field.text.replace(TYPE, '');
  if (text.includes('*')) reader.left(field, 'a pattern for many unknown machines');
  else if (type !== undefined && Number.parseInt(type, 16) !== 1)
    reader.left(field, 'not a MAC address of an Ethernet NIC');
  else return reader.macOrNote(reader.sourced(field), text);
  return [];
}

/**
 * Reads dnsmasq's leases file: five words on a line, of which the first is the end of the lease, which is not imported.
 * Skips leases of DHCPv6, which are after `duid`. Reports lines that are not leases.
 * Source: dnsmasq, src/lease.c, lease_init; "dnsmasq leases file format specification", dnsmasq-discuss, June 2016.
 */
function readLeases(reader: FileReader): Found {
  const leases: Reservation[] = [];
  for (const line of piecesOf(reader.source.text, 0, /[^\r\n\ufeff]+/g)) {
    const words = piecesOf(line.text, line.start);
    const [first, hardware, address, name] = words;
    if (!first) continue;
    if (first.text === 'duid') {
      reader.left(first, 'leases of DHCPv6: a site has IPv4 addresses');
      break;
    }
    const [, type = '1', text] = HARDWARE.exec(hardware?.text ?? '') ?? [];
    const isLease = text && /^\d+$/.test(first.text) && ipv4Number(address?.text ?? '') !== undefined;
    const mac = /^0?1$/.test(type) ? readMac(text ?? '') : undefined;
    if (!hardware || !address || !name || !isLease)
      reader.error(
        'import-syntax',
        'This is not a lease: a lease has its end, the MAC address, the IP address, a name and a client ID.',
        reader.at({ start: first.start, end: (words.at(-1) ?? first).end }),
        'remove the line, or copy the file again (default: /var/lib/misc/dnsmasq.leases; see dhcp-leasefile)',
      );
    else if (mac === undefined)
      reader.left('a lease', 'its hardware is not an Ethernet NIC', reader.at(hardware));
    else
      leases.push({
        at: reader.at({ start: first.start, end: name.end }),
        macs: [reader.sourced(hardware, mac)],
        ips: [reader.sourced(address)],
        ...(name.text === '*' ? {} : { name: reader.sourced(name) }),
        isLease: true,
      });
  }
  return { reservations: latest(leases) };
}

/** A hardware address, with its type before it if that is not Ethernet. */
const HARDWARE = /^(?:([0-9a-f]{1,2})-)?([0-9a-f]{1,2}(?::[0-9a-f]{1,2})*)$/i;

/**
 * Reads the leases that libvirt writes for dnsmasq, /var/lib/libvirt/dnsmasq/<bridge>.status: a list in JSON. Reports
 * invalid values. Source: libvirt, src/util/virlease.c.
 */
function readStatus({ source, report, notes }: FileReader): Found {
  const value = readValue(source, report) ?? null;
  const file = new MapFile(source, report, 'dnsmasq', notes);
  const leases = file.maps(value, 'the file', 'dnsmasq-lease', file.at({ start: 0, end: 1 }));
  const reservations = leases.flatMap((lease): Reservation[] => {
    const [mac, ip, name] = [lease.mac('mac-address'), lease.text('ip-address'), lease.text('hostname')];
    return mac && ip ? [{ at: lease.at, name, macs: [mac], ips: [ip], isLease: true }] : [];
  });
  file.noteOthers();
  return { reservations };
}
