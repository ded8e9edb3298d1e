import { type Mac, parseMac, readMac } from '../../values/identifiers.ts';
import { orUndefined } from '../../values/or-undefined.ts';

/** The content of one line of a log about a machine. Texts are as the machine sent them. */
export interface Sighting {
  readonly source: 'http' | 'dhcp' | 'tftp' | 'lease';
  /** As the log has it. */
  readonly time?: string | undefined;
  readonly ip?: string | undefined;
  readonly mac?: Mac | undefined;
  readonly hostname?: string | undefined;
  /** A message of DHCP and its remark (`DHCPDISCOVER: no address available`); the file of TFTP. */
  readonly text?: string | undefined;
  readonly request?: Request;
}

/** A request in an access log. */
export interface Request {
  /** The node with this IP address, as nginx names it; undefined without one. */
  readonly node: string | undefined;
  /** The path without query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number;
  readonly agent: string;
}

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const MAC = '[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}';
const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;

/** The formats of harvgen's nginx configuration and of nginx itself (combined). */
const REQUEST = new RegExp(
  String.raw`^(?:::ffff:)?(${ADDRESS}) - ([^[]*) \[([^\]]+)\] ${TEXT} (\d{3}) \d+(?: ${TEXT} ${TEXT})?`,
);
/** Source: dnsmasq, src/rfc2131.c (log_packet): the address is missing if the machine gets none. */
const DHCP = new RegExp(String.raw`^([A-Z][A-Z]+)\([^)]*\) (?:(${ADDRESS}) )?(${MAC})(?: (.*))?$`);
/** Source: dnsmasq, src/tftp.c. */
const TFTP = new RegExp(`^(?:(sent) (.*) to|file (.*) not found(?: for)?) (${ADDRESS})$`);
/** A line of syslog, the journal, or dnsmasq's own log file. */
const DNSMASQ =
  /^(?:([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?:\S+ )?)?dnsmasq(-dhcp|-tftp)?(?:\[\d+\])?: (?:\d+ )?(.*)$/;
/** Source: dnsmasq, src/lease.c. */
const DNSMASQ_LEASE = new RegExp(String.raw`^\d+ (?:\d\d-)?(${MAC}) (${ADDRESS}) (\S+) \S+$`);
/** Source: Kea, src/lib/dhcpsrv/csv_lease_file4.h. */
const KEA_LEASE = new RegExp(String.raw`^(${ADDRESS}),(${MAC}),[^,]*,\d+,\d+,\d+,[^,]*,[^,]*,([^,]*),`);
/** Source: dhcpd.leases(5). */
const DHCPD_LEASE = new RegExp(String.raw`^lease (${ADDRESS}) \{$`);
/** Known lines without a machine: a header of Kea, and identifiers of servers. */
const OTHER = /^(?:address,hwaddr,client_id,|server-duid |authoring-byte-order |duid )/;

/** Returns a reader of the lines of one file: a sighting, or whether it knows the format of the line; undefined for a comment. */
export function lineReader(): (line: string) => Sighting | boolean | undefined {
  let lease: { ip: string; lines: string[] } | undefined;
  return (line) => {
    if (lease) {
      if (line !== '}') {
        // A lease has some ten lines.
        if (lease.lines.length < 100) lease.lines.push(line);
        return true;
      }
      const { ip, lines } = lease;
      lease = undefined;
      const value = (pattern: RegExp) => pattern.exec(lines.join('\n'))?.[1];
      const [mac, hostname] = [/^ *hardware ethernet (\S+);/m, /^ *client-hostname "(.*)";/m].map(value);
      return leaseOf(mac, ip, hostname, value(/^ *starts \d (\S+ \S+);/m));
    }
    const request = REQUEST.exec(line);
    if (request) return requestOf(request);
    const dnsmasq = DNSMASQ.exec(line);
    if (dnsmasq) return messageOf(dnsmasq) ?? true;
    const other = DNSMASQ_LEASE.exec(line);
    if (other) return leaseOf(other[1], other[2], other[3] === '*' ? undefined : other[3]);
    const kea = KEA_LEASE.exec(line);
    if (kea) return leaseOf(kea[2], kea[1], kea[3] || undefined);
    const dhcpd = DHCPD_LEASE.exec(line);
    if (dhcpd) lease = { ip: dhcpd[1] ?? '', lines: [] };
    return /^(?:#|$)/.test(line) ? undefined : dhcpd !== null || OTHER.test(line);
  };
}

function leaseOf(mac = '', ip?: string, hostname?: string, time?: string): Sighting | boolean {
  const parsed = parseMac(mac);
  return parsed ? { source: 'lease', mac: parsed, ip, hostname, time } : true;
}

function messageOf([, time, kind, text = '']: RegExpExecArray): Sighting | undefined {
  if (kind === '-tftp') {
    const [, sent, file, missing, ip] = TFTP.exec(text) ?? [];
    if (ip === undefined) return undefined;
    return { source: 'tftp', time, ip, text: sent ? file : `${missing}: not found` };
  }
  const [, name, ip, mac = '', rest] = (kind && DHCP.exec(text)) || [];
  const parsed = parseMac(mac);
  if (!parsed) return undefined;
  // Only an acknowledgment ends in the host name; other messages end in a remark.
  const isAck = name === 'DHCPACK';
  const message = rest && !isAck ? `${name}: ${rest}` : name;
  // An address that is requested, or refused, is not the machine's.
  const own = isAck || name === 'DHCPOFFER' ? ip : undefined;
  return { source: 'dhcp', time, ip: own, mac: parsed, hostname: isAck ? rest : undefined, text: message };
}

function requestOf([, ip, node = '', time, line = '', status, , agent = '']: RegExpExecArray): Sighting {
  const [, target = unescaped(line)] = /^[A-Z]+ (.*) HTTP\/[\d.]+$/.exec(unescaped(line)) ?? [];
  const end = target.indexOf('?');
  const path = decoded(end < 0 ? target : target.slice(0, end));
  const query = end < 0 ? {} : queryOf(target.slice(end + 1));
  const name = node === '-' || node === '' ? undefined : node;
  const request = { node: name, path, query, status: Number(status), agent: unescaped(agent) };
  const inPath =
    /^\/(?:ipxe|config|cloud-init|(?:grub|loader)\/grub\.cfg)[/-](?:01-)?([0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})(?![0-9a-f:-])/i;
  const mac = parseMac(inPath.exec(path)?.[1] ?? '') ?? readMac(query.mac ?? '');
  return { source: 'http', time, ip, mac, request };
}

/** Returns the parameters of the entry script's report or of OpenCHAMI's URLs. An old iPXE does not encode `&` in values. */
function queryOf(text: string): Record<string, string> {
  const [, ...parts] = text.split(/(?:^|&)(mac|uuid|serial|manufacturer|product|asset|hostname)=/);
  const query: Record<string, string> = {};
  for (let index = 0; index < parts.length; index += 2)
    query[parts[index] ?? ''] = decoded(parts[index + 1] ?? '').trim();
  return query;
}

/** Returns a text without the escapes that nginx writes. Source: nginx, ngx_http_log_module (escape=default). */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function decoded(text: string): string {
  return (text.includes('%') && orUndefined(() => decodeURIComponent(text))) || text;
}

/** Returns a number by which times of one format compare. Times of syslog have no year. */
export function comparableTime(time: string): number {
  const text = time.replace(/^(\d\d)\/(\w{3})\/(\d{4}):/, '$1 $2 $3 ');
  return Date.parse(text.replace(/^[A-Z]\w\w .*$/, '$& 2000 UTC'));
}
