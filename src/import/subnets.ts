import { type Cidr, type Ipv4, ipv4Number, ipv4Text, isHostAddress, parseCidr } from '../values/addresses.ts';

/** Gives the subnet of a prefix that holds an address; undefined for prefixes that no site has. */
export function subnetAround(address: Ipv4, prefix: number): Cidr | undefined {
  const number = ipv4Number(address) ?? 0;
  const size = 2 ** (32 - prefix);
  return parseCidr(`${ipv4Text(number - (number % size))}/${prefix}`);
}

/** Subnets that are guessed are no longer and no shorter than these. */
export const GUESS = { longest: 24, shortest: 16 };

/** Returns the smallest subnet from /24 to /16 in which each address is one of a host; undefined where there is none that is good. */
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

/** Gives the subnet of an address and a mask such as 255.255.255.0; undefined where they make none that a site can have. */
export function subnetOf(address: string, mask: string): Cidr | undefined {
  const number = ipv4Number(mask);
  if (number === undefined || ipv4Number(address) === undefined) return undefined;
  return subnetAround(address, 32 - Math.log2(2 ** 32 - number));
}

/** Gives the mask of a prefix, such as 255.255.255.0; empty for a prefix that there is not. */
export function maskOf(prefix: number): string {
  const isPrefix = Number.isInteger(prefix) && prefix >= 1 && prefix <= 32;
  return isPrefix ? ipv4Text(2 ** 32 - 2 ** (32 - prefix)) : '';
}
