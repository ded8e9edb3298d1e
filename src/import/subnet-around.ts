import { type Cidr, type Ipv4, ipv4Number, ipv4Text, parseCidr } from '../values/ipv4.ts';

/** Gives the subnet of a prefix that holds an address; undefined for prefixes that no site has. */
export function subnetAround(address: Ipv4, prefix: number): Cidr | undefined {
  const number = ipv4Number(address) ?? 0;
  const size = 2 ** (32 - prefix);
  return parseCidr(`${ipv4Text(number - (number % size))}/${prefix}`);
}
