import type { Site } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import { nameRanges } from '../source/name-ranges.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { contains, type Ipv4Range, ipv4Number, parseAddressOrCidr } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const allowCoversNodes: Rule = {
  code: 'allow-covers-nodes',
  severity: 'warning',
  what: 'No address that `server.allow` or the `allow` of a tenant covers is that of a node or a VIP, or one that DHCP gives to strangers.',
  why: 'Whoever is allowed reads the configuration of every node, or of every node of the tenant, with its secrets: that each node reads its own alone holds no longer.',
  check(site, report) {
    const { server, tenants = [] } = site;
    const lists = [
      { list: server?.allow ?? [], key: 'server.allow', whose: 'any node' },
      ...tenants.flatMap((tenant) =>
        tenant?.allow
          ? { list: tenant.allow, key: `tenants.${tenant.name}.allow`, whose: `any node of ${tenant.name}` }
          : [],
      ),
    ];
    if (lists.every(({ list }) => list.length === 0)) return;
    const addresses = addressesOf(site);
    for (const { list, key, whose } of lists) {
      for (const [index, entry] of list.entries()) {
        const range = entry === undefined ? undefined : parseAddressOrCidr(entry);
        const covered = range ? coveredBy(range, site, addresses) : [];
        if (covered.length === 0) continue;
        report({
          message: `${key} covers ${listed(covered)} with ${entry}: they may fetch the configuration of ${whose}, with its secrets.`,
          at: placeOf(list, index),
          help: 'allow single addresses, such as that of a workstation; a node may fetch its own files without that',
        });
      }
    }
  },
};

/** An address, and the node that has it. */
interface Owned {
  readonly address: number;
  readonly name: string;
}

/** Gives the addresses of nodes in ascending order: with many tenants there are many lists. */
function addressesOf({ nodes = [] }: Draft<Site>): Owned[] {
  const owned = nodes.flatMap((node) =>
    (node?.nics ?? []).flatMap((nic): Owned[] => {
      const address = nic?.ip === undefined ? undefined : ipv4Number(nic.ip);
      return address === undefined || node?.name === undefined ? [] : [{ address, name: node.name }];
    }),
  );
  return owned.sort((a, b) => a.address - b.address);
}

/** Says who is within a range. */
function coveredBy(
  range: Ipv4Range,
  { networks = [], clusters = [] }: Draft<Site>,
  addresses: readonly Owned[],
): string[] {
  const names = [...new Set(within(range, addresses).map(({ name }) => name))];
  const pools = networks.filter((network) => {
    const pool = network?.dhcp?.pool;
    return pool && pool.first <= range.last && pool.last >= range.first;
  });
  const vips = clusters.filter((cluster) => cluster?.vip && contains(range, cluster.vip));
  return [
    ...(names.length > 0 ? [nameRanges(names)] : []),
    ...vips.map((cluster) => `the VIP of ${cluster?.name}`),
    ...pools.map((network) => `the DHCP pool of ${network?.name}`),
  ];
}

/** The addresses that a range holds, of those in ascending order. */
function within({ first, last }: Ipv4Range, addresses: readonly Owned[]): readonly Owned[] {
  const start = indexFrom(addresses, first);
  return addresses.slice(start, indexFrom(addresses, last + 1));
}

/** Where the first address stands that is not below another. */
function indexFrom(addresses: readonly Owned[], from: number): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((addresses[middle]?.address ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
