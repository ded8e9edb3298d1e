/** An IPv4 address in dotted decimals. */
export type Ipv4 = string;

/** An IPv4 subnet. Addresses are numbers of 32 bits where they are compared, text where they are written. */
export interface Cidr {
  readonly text: string;
  readonly prefix: number;
  readonly mask: Ipv4;
  readonly network: Ipv4;
  readonly broadcast: Ipv4;
  readonly first: number;
  readonly last: number;
}

/** Addresses from `first` to `last`, both included. */
export interface Ipv4Range {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Gives an address as a number of 32 bits, or undefined where the text is none. Leading zeros are refused: some
 * programs read them as octal, and Harvester's installer (Go's net.ParseIP) not at all.
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

/** Gives the address that a number of 32 bits stands for. */
export function ipv4Text(number: number): Ipv4 {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** The prefix lengths that the subnets of sites have: a longer one leaves no room for hosts, a shorter one is no site's. */
export const PREFIXES = { shortest: 8, longest: 30 };

/**
 * Reads a subnet such as 192.168.178.0/24. Gives undefined where the text is none, where bits of the host part are
 * set (what was meant then is a guess), and for prefixes beyond `PREFIXES`.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^[1-9][0-9]?$/.test(length)) return undefined;
  const prefix = Number(length);
  const first = ipv4Number(address);
  if (first === undefined || prefix < PREFIXES.shortest || prefix > PREFIXES.longest) return undefined;
  const size = 2 ** (32 - prefix);
  if (first % size !== 0) return undefined;
  const last = first + size - 1;
  const mask = ipv4Text(2 ** 32 - size);
  return { text, prefix, mask, network: address, broadcast: ipv4Text(last), first, last };
}

/** Reads an address or a subnet, as lists of who may fetch have them; undefined if it is neither. */
export function parseAddressOrCidr(text: string): Ipv4Range | undefined {
  const address = ipv4Number(text);
  return address === undefined ? parseCidr(text) : { text, first: address, last: address };
}

/** Reads a range such as 192.168.178.200-192.168.178.250, blanks around the hyphen allowed; undefined if it is none. */
export function parseRange(text: string): Ipv4Range | undefined {
  const [from = '', to = '', ...rest] = text.split('-').map((part) => part.trim());
  const first = ipv4Number(from);
  const last = ipv4Number(to);
  if (first === undefined || last === undefined || rest.length > 0 || first > last) return undefined;
  return { text: `${from}-${to}`, first, last };
}

/** Says whether a subnet or range holds an address. */
export function contains(range: Cidr | Ipv4Range, address: Ipv4): boolean {
  const number = ipv4Number(address);
  return number !== undefined && holds(range, number);
}

/** Says whether a subnet or range holds the address that a number of 32 bits stands for. */
export function holds({ first, last }: Cidr | Ipv4Range, number: number): boolean {
  return number >= first && number <= last;
}

/** Says whether an address is one of the two of a subnet that no host can have, and which. */
export function specialAddress(subnet: Cidr, address: Ipv4): 'network' | 'broadcast' | undefined {
  if (address === subnet.network) return 'network';
  return address === subnet.broadcast ? 'broadcast' : undefined;
}

/** Says whether a host of a subnet can have an address. */
export function isHostAddress(subnet: Cidr, address: Ipv4): boolean {
  return contains(subnet, address) && specialAddress(subnet, address) === undefined;
}

const PRIVATE = subnets('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16');
const NOT_ROUTED = subnets('127.0.0.0/8', '169.254.0.0/16', '100.64.0.0/10');

/** Says whether a range lies in the private address space of RFC 1918. */
export function isPrivate({ first, last }: { readonly first: number; readonly last: number }): boolean {
  return PRIVATE.some((subnet) => first >= subnet.first && last <= subnet.last);
}

/** Says whether a text is an IPv4 address that the internet routes: no private, shared, link-local or loopback one. */
export function isPublic(address: Ipv4): boolean {
  return (
    ipv4Number(address) !== undefined && ![...PRIVATE, ...NOT_ROUTED].some((one) => contains(one, address))
  );
}

function subnets(...texts: string[]) {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}
