import { isIPv6 } from 'node:net';

/** An IPv4 address in dotted decimals. */
export type Ipv4 = string;

/** IPv4 addresses from `first` to `last`, inclusive: 32-bit numbers, for comparison. */
export interface Ipv4Range {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** An IPv4 subnet. Its mask and its addresses are text. */
export interface Cidr extends Ipv4Range {
  readonly prefix: number;
  readonly mask: Ipv4;
  readonly network: Ipv4;
  readonly broadcast: Ipv4;
}

/**
 * Returns an address as a 32-bit number, or undefined if the text is not an IPv4 address. Rejects leading zeros: some
 * programs read them as octal, and Harvester's installer (Go's net.ParseIP) rejects them.
 */
export function ipv4Number(text: string): number | undefined {
  let number = 0;
  let octet = -1; // none yet
  let dots = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (octet < 0) return undefined;
      number = number * 256 + octet;
      octet = -1;
      dots += 1;
    } else {
      if (code < ZERO || code > ZERO + 9 || octet === 0) return undefined;
      octet = (octet < 0 ? 0 : octet * 10) + code - ZERO;
      if (octet > 255) return undefined;
    }
  }
  return dots === 3 && octet >= 0 ? number * 256 + octet : undefined;
}

const DOT = 46;
const ZERO = 48;

/** Returns the address of a 32-bit number. */
export function ipv4Text(number: number): Ipv4 {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** The allowed prefix lengths of a site's subnets: a longer one leaves no room for hosts, a shorter one is implausible. */
export const PREFIXES = { shortest: 8, longest: 30 };

/**
 * Reads a subnet such as 192.168.178.0/24. Returns undefined for other texts, for subnets with host bits set (the intended
 * subnet is then ambiguous), and for prefixes outside `PREFIXES`.
 */
export function parseCidr(text: string, longest = PREFIXES.longest): Cidr | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^[1-9][0-9]?$/.test(length)) return undefined;
  const prefix = Number(length);
  const first = ipv4Number(address);
  if (first === undefined || prefix < PREFIXES.shortest || prefix > longest) return undefined;
  const size = 2 ** (32 - prefix);
  if (first % size !== 0) return undefined;
  const last = first + size - 1;
  const mask = ipv4Text(2 ** 32 - size);
  return { text, prefix, mask, network: address, broadcast: ipv4Text(last), first, last };
}

/** Reads an address or a subnet, the two forms in lists of allowed clients: also 203.0.113.10/32. Returns undefined for other texts. */
export function parseAddressOrCidr(text: string): Ipv4Range | undefined {
  const address = ipv4Number(text);
  return address === undefined ? parseCidr(text, 32) : { text, first: address, last: address };
}

/** Whether a text is an IPv6 address, or a subnet such as 2001:db8::/32. Rejects addresses with a zone, which are local to a link. */
export function isIpv6OrCidr(text: string): boolean {
  const [address = '', prefix = '128', ...rest] = text.split('/');
  const isPrefix = /^[1-9][0-9]{0,2}$/.test(prefix) && Number(prefix) <= 128;
  return rest.length === 0 && isPrefix && isIPv6(address) && !address.includes('%');
}

/** Returns a host as in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** Reads a range such as 192.168.178.200-192.168.178.250, with optional blanks around the hyphen; else returns undefined. */
export function parseRange(text: string): Ipv4Range | undefined {
  const [from = '', to = '', ...rest] = text.split('-').map((part) => part.trim());
  const first = ipv4Number(from);
  const last = ipv4Number(to);
  if (first === undefined || last === undefined || rest.length > 0 || first > last) return undefined;
  return { text: `${from}-${to}`, first, last };
}

/** Whether a subnet or range contains an address. */
export function contains(range: Ipv4Range, address: Ipv4): boolean {
  const number = ipv4Number(address);
  return number !== undefined && holds(range, number);
}

/** Whether a subnet or range contains the address of a 32-bit number. */
export function holds({ first, last }: Ipv4Range, number: number): boolean {
  return number >= first && number <= last;
}

/** Returns which of a subnet's two reserved addresses an address is, or undefined if it is neither. */
export function specialAddress(subnet: Cidr, address: Ipv4): 'network' | 'broadcast' | undefined {
  if (address === subnet.network) return 'network';
  return address === subnet.broadcast ? 'broadcast' : undefined;
}

/** Whether a host of a subnet can have an address. */
export function isHostAddress(subnet: Cidr, address: Ipv4): boolean {
  return contains(subnet, address) && specialAddress(subnet, address) === undefined;
}

const PRIVATE = subnets('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16');
const NOT_ROUTED = subnets('127.0.0.0/8', '169.254.0.0/16', '100.64.0.0/10');

/** Whether a range is within the private address space of RFC 1918. */
export function isPrivate({ first, last }: { readonly first: number; readonly last: number }): boolean {
  return PRIVATE.some((subnet) => first >= subnet.first && last <= subnet.last);
}

/** Whether a text is an IPv4 address that the internet routes: not private, shared, link-local or loopback. */
export function isPublic(address: Ipv4): boolean {
  return (
    ipv4Number(address) !== undefined && ![...PRIVATE, ...NOT_ROUTED].some((one) => contains(one, address))
  );
}

function subnets(...texts: string[]) {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
