import { ipv4Number, ipv4Text, parseCidr, parseRange } from '../values/addresses.ts';
import { readMac } from '../values/identifiers.ts';
import { parseServerUrl } from '../values/urls.ts';
import { patternOf, type ValueError } from './schema-errors.ts';

/** Returns the probable correction of a value that fails its pattern or format: fixes typos and other notations. */
export function corrected({ keyword, data, params, schema }: ValueError): string | undefined {
  if (typeof data !== 'string' || data.length > 100) return undefined;
  const plain = data.trim().toLowerCase();
  if (keyword === 'format') {
    const value = FORMATS[params.format as string]?.(plain);
    return value === data ? undefined : value;
  }
  if (keyword !== 'pattern') return undefined;
  const form = params.pattern as string;
  const pattern = patternOf(form);
  const versions = form.startsWith('^v') ? [`v${plain}`, `v${plain}.0`] : [];
  if (isNumeric(data, schema)) return undefined;
  const isName = /^a (host )?name\b/.test(String(schema['x-expects']));
  const names = isName ? [plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')] : [];
  return [
    plain,
    plain.replaceAll('_', '-'),
    ...versions,
    ...uuidsIn(plain),
    ...sizesIn(plain),
    ...names,
  ].find((text) => pattern.test(text));
}

/** Returns the next step for a value without a probable correction: what is wrong in it; undefined if that is unknown. */
export function nextStep({ keyword, data, params, schema }: ValueError): string | undefined {
  if (keyword === 'minimum') return `set at least ${params.limit}`;
  if (keyword === 'maximum') return `set at most ${params.limit}`;
  if (typeof data !== 'string') return undefined;
  if (/[A-Za-z0-9-]{64}/.test(data) && /name|URL|domain|https address/i.test(String(schema['x-expects'])))
    return 'shorten the host name: it may have 63 characters between two dots, and 253 in all';
  if (isNumeric(data, schema))
    return `add a letter, such as node-${data.replaceAll('.', '-')}: programs read the name as a number or an IP address`;
  const [placeholder] = /<[A-Za-z][\w -]*>/.exec(data) ?? [];
  if (placeholder) return `replace ${placeholder} with your own value`;
  if (keyword === 'format') return STEPS[params.format as string]?.(data.trim());
  const form = keyword === 'pattern' ? (params.pattern as string) : '';
  if (/^[\d.]+$/.test(data) && form && patternOf(form).test(`${data}Gi`)) return `add the unit: ${data}Gi`;
  const isAddress = /IPv4/.test(String(schema['x-expects']));
  if (isAddress && !/[a-z]/i.test(data)) return addressStep(data);
  if (PLACEHOLDER.test(data))
    return 'remove the key: this is a placeholder of the vendor, the same in many machines';
  // Characters that a pattern with only literal ones does not list.
  const wrong = [...new Set(data)].filter((char) => !/[A-Za-z0-9]/.test(char) && !form.includes(char));
  if (form === '' || /\[\^|-~/.test(form) || wrong.length === 0) return undefined;
  return `remove ${wrong.map((char) => (/\s/.test(char) ? 'the blanks' : char)).join(' and ')}`;
}

const isNumeric = (data: string, schema: ValueError['schema']): boolean =>
  /^[\d.]+$/.test(data) && /^a host name\b/.test(String(schema['x-expects']));

/** Values of firmware that no vendor has filled. Source: dmidecode of usual boards. */
const PLACEHOLDER = /^(?:to be filled|default string|not specified|system (?:serial|product))/i;

const FORMATS: Readonly<Record<string, (text: string) => string | undefined>> = {
  mac: readMac,
  ipv4: addressIn,
  cidr: networkOf,
  'ipv4-or-cidr': (text) => (/[/ ]/.test(text) ? networkOf(text) : addressIn(text)),
  'ip-or-cidr': (text) => (/[/ ]/.test(text) ? networkOf(text) : addressIn(text)),
  'ipv4-range': rangeIn,
  'server-url': (text) => [text, `http://${text}`].find((url) => parseServerUrl(url)),
  'https-url': (text) =>
    [text.replace(/^http:/, 'https:'), `https://${text}`].find((url) => parseServerUrl(url)),
};

const STEPS: Readonly<Record<string, (text: string) => string | undefined>> = {
  mac: (text) =>
    /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)
      ? 'this address belongs to no single NIC: copy that of the NIC, which `ip link` prints'
      : 'copy it from the machine, where `ip link` prints it: six pairs of the digits 0 to 9 and a to f',
  ipv4: addressStep,
  cidr: (text) =>
    ipv4Number(text) === undefined
      ? addressStep(text.replace(/\/.*$/, ''))
      : `add the prefix length, such as ${text}/24 for the netmask 255.255.255.0`,
  'ipv4-or-cidr': (text) => addressStep(text.replace(/\/.*$/, '')),
  'ip-or-cidr': (text) => (text.includes(':') ? undefined : addressStep(text.replace(/\/.*$/, ''))),
  'ipv4-range': (text) =>
    text.includes('/')
      ? 'write the first and the last address of the subnet, with a hyphen between them'
      : undefined,
};

function addressStep(text: string): string | undefined {
  if (text.includes(':')) return 'set an IPv4 address: harvgen configures no IPv6';
  if (/^[\d.]+$/.test(text)) return 'write four numbers from 0 to 255 with dots between them';
  return /^[a-z]/i.test(text)
    ? 'set the IP address of that name: machines boot before they can resolve names'
    : undefined;
}

/** Returns an IP address that may have leading zeros or a prefix length. */
function addressIn(text: string): string | undefined {
  const [address = ''] = text.split('/');
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  const plain = address.split('.').map(Number).join('.');
  return ipv4Number(plain) === undefined ? undefined : plain;
}

/** Returns the network of an IP address with a prefix length or a netmask. */
function networkOf(text: string): string | undefined {
  const [address = '', length = ''] = text.split(/\s*\/\s*|\s+/);
  const [number, mask] = [ipv4Number(addressIn(address) ?? address), ipv4Number(length)];
  if (number === undefined) return undefined;
  const size = mask === undefined ? 2 ** (32 - Number(length)) : 2 ** 32 - mask;
  const prefix = 32 - Math.log2(size);
  return parseCidr(`${ipv4Text(Math.floor(number / size) * size)}/${prefix}`)?.text;
}

/** Returns a range of IP addresses in other notations: with blanks, a comma or dots, or only the last number of its end. */
function rangeIn(text: string): string | undefined {
  const [first = '', last = '', more] = text.split(/\s*(?:-|–|,|;|\.\.+|\bto\b|\s)\s*/);
  const end = /^\d{1,3}$/.test(last) ? first.replace(/\d+$/, last) : last;
  if (more !== undefined) return undefined;
  return [`${first}-${end}`, `${end}-${first}`].find((range) => parseRange(range));
}

/** Returns the standard form of a UUID from another tool: in braces, as a URN, or without hyphens. */
function uuidsIn(text: string): string[] {
  const digits = /^(?:urn:uuid:)?\{?([0-9a-f-]+)\}?$/.exec(text)?.[1]?.replaceAll('-', '') ?? '';
  return digits.length === 32 ? [digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')] : [];
}

/** Returns a size or speed in the notation of inventories: 64Gi for `64 gib`, 10G for `10 Gbit/s`. */
function sizesIn(text: string): string[] {
  const [, number, unit = '', binary = ''] =
    /^(\d+(?:\.\d+)?)\s*([mgt])(i?)(?:b|bit|bps|b\/s|bit\/s)?$/.exec(text) ?? [];
  if (number === undefined) return [];
  const start = number + unit.toUpperCase();
  const inGi = unit === 't' ? [`${Number(number) * 1024}Gi`] : [];
  return binary ? [`${start}i`, ...inGi] : [`${start}B`, start];
}
