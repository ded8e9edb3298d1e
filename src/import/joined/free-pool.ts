import type { Place } from '../../source/source.ts';
import { type Cidr, ipv4Number, ipv4Text } from '../../values/addresses.ts';
import type { Notes } from '../notes.ts';
import type { GatheredNetwork, Said } from './gathered.ts';
import type { Machine } from './machine.ts';

/**
 * Gives the pool for machines that a site does not know: a site keeps the addresses of nodes, their controllers, routers and
 * servers out of it, where DHCP servers have reservations inside. The largest run of what is left is the pool, which is noted.
 */
export function freePool(
  { pool, gateway, dns = [], ntp = [] }: GatheredNetwork,
  subnet: Cidr,
  machines: readonly Machine[],
  server: string | undefined,
  notes: Notes,
): { readonly text: string; readonly at: Place } | undefined {
  if (!pool) return undefined;
  const [from, to] = pool;
  const said = `${from.value}-${to.value}`;
  const ofMachines = machines.flatMap(({ nics, bmc }) => [...nics.flatMap(({ ips }) => ips), bmc?.address]);
  const taken = [...ofMachines, gateway, ...dns, ...ntp].flatMap((one) => (one ? [one.value] : []));
  const free = largestGap(
    Math.max(numberOf(from), subnet.first + 1),
    Math.min(numberOf(to), subnet.last - 1),
    [...taken, ...(server === undefined ? [] : [server])].flatMap((address) => ipv4Number(address) ?? []),
  );
  if (!free) {
    notes.add('left', said, 'a pool of which no address is free in the subnet', from.at);
    return undefined;
  }
  const text = free.map(ipv4Text).join('-');
  if (text !== said)
    notes.add(
      'changed',
      said,
      `the pool is ${text}, the largest part of it that is free: a site keeps the addresses of nodes and servers outside`,
      from.at,
    );
  return { text, at: from.at };
}

function numberOf({ value }: Said<string>): number {
  return ipv4Number(value) ?? Number.NaN;
}

/** The longest run of addresses from one to another without certain ones; undefined where none is left. */
function largestGap(first: number, last: number, without: readonly number[]): [number, number] | undefined {
  let best: [number, number] | undefined;
  let from = first;
  const inside = without.filter((one) => one >= first && one <= last).sort((a, b) => a - b);
  for (const end of [...inside, last + 1]) {
    if (end > from && (!best || end - from > best[1] - best[0] + 1)) best = [from, end - 1];
    from = end + 1;
  }
  return best;
}
