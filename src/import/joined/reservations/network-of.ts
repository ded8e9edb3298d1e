import type { Place } from '../../../source/origin.ts';
import { type Cidr, contains, ipv4Number, ipv4Text, parseCidr } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import { subnetAround } from '../../subnets.ts';
import type { GatheredNetwork, Said } from '../gathered.ts';

/** What a DHCP server's file says of a network, as it is written there. */
export interface NetworkFacts {
  readonly at: Place;
  readonly name?: Said<string> | undefined;
  /** The subnet, or undefined where the file does not say it. */
  readonly subnet?: Said<Cidr> | undefined;
  /** Further addresses in it, from which the subnet can be told. */
  readonly around?: readonly Said<string>[];
  readonly routers: readonly Said<string>[];
  readonly dns: readonly Said<string>[];
  readonly ntp: readonly Said<string>[];
  readonly domain?: Said<string> | undefined;
  readonly mtu?: Said<number> | undefined;
  /** First and last address of each pool. */
  readonly pools: readonly (readonly [Said<string>, Said<string>])[];
  readonly lease?: Said<string> | undefined;
}

/**
 * Gives the network that a file speaks of: its subnet guessed where the file does not say it. Notes what is carried
 * otherwise or left; undefined where no subnet can be told.
 */
export function networkOf(facts: NetworkFacts, notes: Notes): GatheredNetwork | undefined {
  const subnet = facts.subnet ?? guessed(facts, notes);
  if (!subnet) return undefined;
  const [gateway] = addresses(facts.routers, 1, 'a network has one gateway, the first that is named', notes);
  const pool = poolOf(facts, subnet.value, notes);
  return {
    at: facts.at,
    name: facts.name,
    subnet: { value: subnet.value.text, at: subnet.at },
    gateway,
    dns: addresses(facts.dns, Infinity, '', notes),
    ntp: facts.ntp,
    domain: facts.domain && domainOf(facts.domain, notes),
    mtu: facts.mtu,
    pool,
    lease: facts.lease,
  };
}

/** The smallest subnet from /24 on that holds all that is known of it. */
function guessed({ at, pools, routers, around = [] }: NetworkFacts, notes: Notes): Said<Cidr> | undefined {
  const known = [...pools.flat(), ...around, ...routers].filter(
    ({ value }) => ipv4Number(value) !== undefined,
  );
  const [first] = known;
  if (!first) return undefined;
  for (let prefix = 24; prefix >= 8; prefix -= 1) {
    const subnet = subnetAround(first.value, prefix);
    if (!subnet || !known.every(({ value }) => contains(subnet, value))) continue;
    notes.add(
      'open',
      `the subnet of ${first.value}`,
      `the file does not say its mask: ${subnet.text} is the smallest from /24 on that holds what it says. See whether it is right, or give --subnet`,
      at,
    );
    return { value: subnet, at };
  }
  return undefined;
}

/** Those that are addresses, up to a number of them; what is left is noted. */
function addresses(
  all: readonly Said<string>[],
  most: number,
  why: string,
  notes: Notes,
): readonly Said<string>[] {
  const found: Said<string>[] = [];
  for (const one of all) {
    const text =
      ipv4Number(one.value) === undefined
        ? 'a name, which the DNS knows, and harvgen does not ask: say the address'
        : found.length >= most
          ? why
          : undefined;
    if (text === undefined) found.push(one);
    else notes.add('left', quoteVisibly(one.value), text, one.at);
  }
  return found;
}

/** DNS knows no name that begins with a dot; dnsmasq takes one. */
function domainOf({ value, at }: Said<string>, notes: Notes): Said<string> | undefined {
  const domain = value.replace(/^\.+|\.+$/g, '').toLowerCase();
  if (domain === '') return undefined;
  if (domain !== value) notes.add('changed', quoteVisibly(value), `the domain is ${domain}`, at);
  return { value: domain, at };
}

/** The first pool. */
function poolOf({ pools }: NetworkFacts, subnet: Cidr, notes: Notes): GatheredNetwork['pool'] {
  const [pool, ...others] = pools.filter(([from, to]) => {
    const first = ipv4Number(from.value);
    const last = ipv4Number(to.value);
    const isOf = contains(subnet, from.value) && contains(subnet, to.value) && (first ?? 1) <= (last ?? 0);
    if (!isOf)
      notes.add(
        'left',
        `${quoteVisibly(from.value)} to ${quoteVisibly(to.value)}`,
        `no pool of ${subnet.text}`,
        from.at,
      );
    return isOf;
  });
  for (const [from, to] of others)
    notes.add(
      'left',
      `${from.value} to ${to.value}`,
      'a network has one pool for machines that are not known, and this is a further one',
      from.at,
    );
  if (!pool) return undefined;
  return pool;
}

/** Gives the subnet of an address and a mask such as 255.255.255.0; undefined where they make none that a site can have. */
export function subnetOf(address: string, mask: string): Cidr | undefined {
  const number = ipv4Number(mask);
  const network = ipv4Number(address);
  if (number === undefined || network === undefined) return undefined;
  const size = 2 ** 32 - number;
  const prefix = 32 - Math.log2(size);
  return Number.isInteger(prefix)
    ? parseCidr(`${ipv4Text(network - (network % size))}/${prefix}`)
    : undefined;
}
