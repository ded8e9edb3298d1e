import type { Cluster, Network, Node, Site } from '../site/model.ts';
import type { Cidr, Ipv4Range } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import type { Finding, Rule } from './rule.ts';

type Report = (finding: Finding) => void;

/** Returns a check of each node by itself. Its findings are about that node. */
export function perNode(
  check: (node: Draft<Node>, report: Report, site: Draft<Site>) => void,
): Rule['check'] {
  return (site, report) => {
    for (const node of site.nodes ?? [])
      if (node) check(node, (finding) => report({ node, ...finding }), site);
  };
}

/** Returns a check of each cluster by itself. */
export function perCluster(
  check: (cluster: Draft<Cluster>, report: Report, site: Draft<Site>) => void,
): Rule['check'] {
  return (site, report) => {
    for (const cluster of site.clusters ?? []) if (cluster) check(cluster, report, site);
  };
}

/** Returns a check of each network by itself. */
export function perNetwork(
  check: (network: Draft<Network>, report: Report, site: Draft<Site>) => void,
): Rule['check'] {
  return (site, report) => {
    for (const network of site.networks ?? []) if (network) check(network, report, site);
  };
}

/** Returns each item whose key an earlier item has, with the first that has it. Items without a key are left out. */
export function repeats<T>(
  items: Iterable<T | undefined>,
  keyOf: (item: T) => unknown,
): { readonly one: T; readonly first: T }[] {
  const firsts = new Map<unknown, T>();
  const found: { one: T; first: T }[] = [];
  for (const one of items) {
    const key = one === undefined ? undefined : keyOf(one);
    if (one === undefined || key === undefined) continue;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, one);
    else found.push({ one, first });
  }
  return found;
}

/** Returns the values of each key, in the order in which the keys come first. */
export function grouped<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, [V, ...V[]]> {
  const groups = new Map<K, [V, ...V[]]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** Whether two ranges of addresses share one. */
export function overlap(a: Ipv4Range | Cidr, b: Ipv4Range | Cidr): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Returns a check of each of a site's items by itself, such as its keys. Its findings are about the item's node, if it has one. */
export function perItem<T extends object & { readonly node?: Draft<Node> }>(
  items: (site: Draft<Site>) => Iterable<T>,
  check: (item: T, report: (finding: Finding) => void, site: Draft<Site>) => void,
): Rule['check'] {
  return (site, report) => {
    for (const item of items(site)) check(item, (finding) => report({ node: item.node, ...finding }), site);
  };
}
