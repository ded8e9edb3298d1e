import { contains, type Ipv4, ipv4Number, parseCidr } from '../values/ipv4.ts';

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
