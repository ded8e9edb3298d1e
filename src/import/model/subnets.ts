import {
  type Cidr,
  type Ipv4,
  ipv4Number,
  ipv4Text,
  isHostAddress,
  parseCidr,
} from '../../values/addresses.ts';

/** Returns the subnet with a prefix length that contains an address; undefined for prefixes that no site can have. */
export function subnetAround(address: Ipv4, prefix: number): Cidr | undefined {
  const number = ipv4Number(address) ?? 0;
  const size = 2 ** (32 - prefix);
  return parseCidr(`${ipv4Text(number - (number % size))}/${prefix}`);
}

/** The prefix lengths that a guessed subnet can have. */
export const GUESS = { longest: 24, shortest: 16 };

/** Returns the smallest accepted subnet, from /24 to /16, in which every address is a host address; otherwise undefined. */
export function smallestAround(
  addresses: readonly Ipv4[],
  isGood: (subnet: Cidr) => boolean = () => true,
): Cidr | undefined {
  const [first] = addresses;
  if (first === undefined) return undefined;
  for (let prefix = GUESS.longest; prefix >= GUESS.shortest; prefix -= 1) {
    const subnet = subnetAround(first, prefix);
    if (subnet && addresses.every((ip) => isHostAddress(subnet, ip)) && isGood(subnet)) return subnet;
  }
  return undefined;
}

/** Returns the subnet of an address and a mask such as 255.255.255.0; undefined if no site can have it. */
export function subnetOf(address: string, mask: string): Cidr | undefined {
  const number = ipv4Number(mask);
  if (number === undefined || ipv4Number(address) === undefined) return undefined;
  return subnetAround(address, 32 - Math.log2(2 ** 32 - number));
}

/** Returns the mask of a prefix length, such as 255.255.255.0; empty for an invalid length. */
export function maskOf(prefix: number): string {
  const isPrefix = Number.isInteger(prefix) && prefix >= 1 && prefix <= 32;
  return isPrefix ? ipv4Text(2 ** 32 - 2 ** (32 - prefix)) : '';
}
