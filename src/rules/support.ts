import type { Cluster, Network, Node, Site } from '../site/model.ts';
import { isBroken, lacks, locationOf } from '../source/origin.ts';
import { type Cidr, contains, type Ipv4Range, isHostAddress, specialAddress } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Finding, Report, Rule } from './rule.ts';

type Check<T> = (item: T, report: Report, site: Draft<Site>) => void;

/** Returns a check of each of a site's items by itself, such as its keys. Its findings are about the item's node, if it has one. */
export const perItem =
  <T extends object & { readonly node?: Draft<Node> }>(
    items: (site: Draft<Site>) => Iterable<T | undefined>,
  ) =>
  (check: Check<T>): Rule['check'] =>
  (site, report) => {
    // One function for all items avoids millions of allocations.
    let node: Draft<Node> | undefined;
    const reportOfNode: Report = (at, finding) => report(at, { node, ...finding });
    for (const item of items(site)) {
      node = item?.node;
      if (item) check(item, reportOfNode, site);
    }
  };

/** Returns a check of each node by itself. Its findings are about that node. */
export function perNode(check: Check<Draft<Node>>): Rule['check'] {
  return ofNodes(({ nodes = [] }) => nodes, check);
}

/** Returns a check of each node by itself that reports an error once per source location, for any node. */
export function perNodeOnce(check: Check<Draft<Node>>): Rule['check'] {
  return ofNodes(({ nodes = [] }) => nodes, check, ONCE);
}

const ONCE = { dedupe: true } as const;

function ofNodes<Picked extends Draft<Node>>(
  pick: (site: Draft<Site>) => readonly (Picked | undefined)[],
  check: Check<Picked>,
  once?: typeof ONCE,
): Rule['check'] {
  return (site, report) => {
    let node: Picked | undefined;
    const reportOfNode: Report = (at, finding) => report(at, { node, ...once, ...finding });
    for (node of pick(site)) if (node) check(node, reportOfNode, site);
  };
}

type Having<K extends keyof Draft<Node>> = Draft<Node> & {
  readonly [Key in K]: NonNullable<Draft<Node>[Key]>;
};

/**
 * Picks the nodes that have a part which `matches`. The result must depend on the part only: nodes with the same layers
 * share parts, and `matches` is not called again for the part of the node before. Returns a function that returns the
 * nodes (`ofSite`), and functions that return a check like perNode (`each`) and perNodeOnce (`eachOnce`).
 *
 * @example
 * check: nodesWith('firmware', (firmware) => firmware === 'bios').each((node, report) => …)
 */
export function nodesWith<K extends keyof Draft<Node>>(
  key: K,
  matches: (part: NonNullable<Draft<Node>[K]>) => unknown = () => true,
) {
  const ofSite = ({ nodes = [] }: Draft<Site>): readonly Having<K>[] => {
    let last: unknown;
    let isPicked = false;
    return nodes.filter((node): node is Having<K> => {
      const part = node?.[key];
      if (part === undefined || part === null) return false;
      if (part !== last) isPicked = Boolean(matches(part));
      last = part;
      return isPicked;
    });
  };
  return {
    ofSite,
    each: (check: Check<Having<K>>) => ofNodes(ofSite, check),
    eachOnce: (check: Check<Having<K>>) => ofNodes(ofSite, check, ONCE),
  };
}

/** Picks the nodes whose cluster installs this release or a newer one. Omits nodes of an unknown release. */
export const nodesSince = (release: string) =>
  nodesWith('cluster', ({ version }) => version && isAtLeast(version, release));

/** Picks the nodes whose cluster installs an older release than this. Omits nodes of an unknown release. */
export const nodesBefore = (release: string) =>
  nodesWith('cluster', ({ version }) => version && !isAtLeast(version, release));

/** Returns a check of each cluster by itself. */
export const perCluster = perItem<Draft<Cluster>>(({ clusters = [] }) => clusters);

/** Returns a check of each network by itself. */
export const perNetwork = perItem<Draft<Network>>(({ networks = [] }) => networks);

/** Returns each item with the key of an earlier item, and the first item with that key. Omits items without a key. */
export function repeats<T>(
  items: Iterable<T | undefined>,
  keyOf: (item: T) => unknown,
): { readonly later: T; readonly first: T }[] {
  const firsts = new Map<unknown, T>();
  const found: { later: T; first: T }[] = [];
  for (const later of items) {
    const key = later === undefined ? undefined : keyOf(later);
    if (later === undefined || key === undefined) continue;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, later);
    else found.push({ later, first });
  }
  return found;
}

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
export function overlap(a: Ipv4Range, b: Ipv4Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}
