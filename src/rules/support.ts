import type { Network, Site } from '../site/model.ts';
import { isBroken, lacks, locationOf } from '../source/origin.ts';
import {
  type Cidr,
  contains,
  type Ipv4Range,
  ipv4Text,
  isHostAddress,
  specialAddress,
} from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { grouped } from '../values/grouped.ts';
import { onceFor } from '../values/once-for.ts';
import type { Finding } from './rule.ts';

/**
 * Returns the networks with at least two IP addresses (of the gateway, the DHCP pool, the iSCSI server and NICs) none of which is
 * in the subnet, with these: the subnet itself is wrong.
 */
export const strangersOf = onceFor(
  ({ networks = [], nodes = [] }: Draft<Site>): ReadonlyMap<Draft<Network>, readonly string[]> => {
    const nics = nodes.flatMap((node) => node?.nics ?? []);
    const ofNics = grouped(
      nics.flatMap((nic) => (nic?.ip && nic.network ? [[nic.network, nic.ip] as const] : [])),
    );
    return new Map(
      networks.flatMap((network) => {
        if (!network?.subnet) return [];
        const { subnet, gateway, dhcp, bootServer, iscsi } = network;
        const pool = dhcp?.pool && ipv4Text(dhcp.pool.first);
        const all = [gateway, pool, bootServer, iscsi, ...(ofNics.get(network) ?? [])].filter(
          (one) => one !== undefined,
        );
        const isWrong = all.length > 1 && !all.some((address) => contains(subnet, address));
        return isWrong ? [[network, all] as const] : [];
      }),
    );
  },
);

/** Returns the error of an IP address that no host of a network can have, named `what`; undefined if a host can have it. */
export function notOfHost(
  network: Draft<Network>,
  address: string,
  what: string,
  outside: (subnet: Cidr) => string,
  holder = 'host',
): Pick<Finding, 'message' | 'related'> | undefined {
  const { subnet } = network;
  if (!subnet || isHostAddress(subnet, address)) return undefined;
  const special = specialAddress(subnet, address);
  return {
    message: `${what} is ${special ? `the ${special} address of ${subnet.text}: no ${holder} can have it` : outside(subnet)}.`,
    related: [{ message: 'the subnet is set at', at: locationOf(network, 'subnet') }],
  };
}

/**
 * Returns why machines of a network cannot reach an IP address, in words, and what to do. Returns undefined if they can, or
 * if an external DHCP server may send a route. An isolated network leads only to its host.
 */
export function obstacleTo(
  address: string,
  network: Draft<Network>,
  { server, host, networks = [] }: Draft<Site>,
): { readonly what: string; readonly help: string } | undefined {
  const { subnet, libvirt, dhcp } = network;
  if (!subnet || contains(subnet, address)) return undefined;
  // The libvirt host is also the boot server; server-url-not-host reports a server.url that it does not have.
  const ofHost = [server?.host, host?.address, ...networks.map((network) => network?.libvirt?.address)];
  if (libvirt?.forward === 'isolated' && !ofHost.includes(address))
    return { what: 'an isolated network', help: 'forward it: `libvirt: {forward: nat}`' };
  if (!lacks(network, 'gateway') || isBroken(network, 'dhcp') || dhcp?.server === 'external')
    return undefined;
  return { what: 'a network without a gateway', help: 'add gateway' };
}

/** Returns each circle of items that lead back to themselves, in its order. */
export function circlesOf<T>(items: readonly (T | undefined)[], next: (item: T) => T | undefined): T[][] {
  const seen = new Set<T>();
  return items.flatMap((start) => {
    const chain: T[] = [];
    let item = start;
    for (; item && !seen.has(item); item = next(item)) {
      seen.add(item);
      chain.push(item);
    }
    // A chain that ends in an earlier chain has no new circle.
    return item && chain.includes(item) ? [chain.slice(chain.indexOf(item))] : [];
  });
}

/** Yields each item whose subnet overlaps an earlier one, from the lowest address on, and the item whose subnet reaches furthest. */
export function* overlapping<T extends { readonly subnet: Ipv4Range }>(items: readonly T[]) {
  let furthest: T | undefined;
  // Subnets that overlap contain each other: comparing with the one that reaches furthest is enough.
  for (const later of items.toSorted(
    (a, b) => a.subnet.first - b.subnet.first || b.subnet.last - a.subnet.last,
  ))
    if (furthest && overlap(later.subnet, furthest.subnet)) yield { later, furthest };
    else furthest = later;
}

/** Whether two ranges share an IP address. */
export const overlap = (a: Ipv4Range, b: Ipv4Range): boolean => a.first <= b.last && b.first <= a.last;
