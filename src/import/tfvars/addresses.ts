import { createHash } from 'node:crypto';
import { type Cidr, type Ipv4, ipv4Number, ipv4Text, parseCidr } from '../../values/ipv4.ts';
import type { Mac } from '../../values/mac.ts';

/** A range of addresses, as numbers. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** Where the nodes' own network is looked for: 192.168.150.0/24 unless that is taken. libvirt's default is 192.168.122.0/24. */
const BASES = ['192.168', '172.29', '10.129'];
const FIRST = 150;
const LAST = 199;

/** Gives a subnet for the nodes that meets none of the ranges which the host must reach beyond it. */
export function freeSubnet(taken: readonly Range[]): Cidr {
  for (const base of BASES) {
    for (let third = FIRST; third <= LAST; third += 1) {
      const subnet = parseCidr(`${base}.${third}.0/24`);
      if (subnet && !taken.some(({ first, last }) => first <= subnet.last && subnet.first <= last))
        return subnet;
    }
  }
  return parseCidr(`${BASES[0]}.${FIRST}.0/24`) as Cidr;
}

/** Gives an address of a subnet by its last number. */
export function addressIn({ first }: Cidr, number: number): Ipv4 {
  return ipv4Text(first + number);
}

/** Reads a subnet as Terraform takes it, of any length; what it has of the host's bits does not count. */
export function parseRange(text: string): (Range & { readonly prefix: number }) | undefined {
  const [, address = '', length = ''] = /^([0-9.]+)\/([0-9]|[12][0-9]|3[0-2])$/.exec(text) ?? [];
  const number = ipv4Number(address);
  if (number === undefined) return undefined;
  const size = 2 ** (32 - Number(length));
  const first = number - (number % size);
  return { first, last: first + size - 1, prefix: Number(length) };
}

/** The longest and the shortest prefix that an inventory takes. */
const LONGEST = 30;
const SHORTEST = 8;

/**
 * Gives the entries of an inventory's `allow` for a subnet: addresses where it is as small as that, several subnets where
 * it is larger than an inventory takes one.
 */
export function allowOf({ first, last, prefix }: Range & { readonly prefix: number }): string[] {
  if (prefix > LONGEST)
    return Array.from({ length: last - first + 1 }, (_, index) => ipv4Text(first + index));
  if (prefix >= SHORTEST) return [`${ipv4Text(first)}/${prefix}`];
  const step = 2 ** (32 - SHORTEST);
  const count = (last - first + 1) / step;
  return Array.from({ length: count }, (_, index) => `${ipv4Text(first + index * step)}/${SHORTEST}`);
}

/** Gives MAC addresses for the nodes of a site, which follow from its name. 52:54:00 is QEMU's own part. */
export function macsOf(site: string, count: number): Mac[] {
  const macs = new Set<Mac>();
  for (let index = 1; macs.size < count; index += 1) {
    const digest = createHash('sha256').update(`${site}/${index}`).digest('hex');
    macs.add(`52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`);
  }
  return [...macs];
}
