import { listed } from '../diagnostics/listed.ts';
import { placeOf } from '../origin.ts';
import { nameRanges } from '../plan/name-ranges.ts';
import type { Draft } from '../site/draft.ts';
import { contains, type Ipv4Range, parseAddressOrCidr } from '../site/ipv4.ts';
import type { Site } from '../site/model.ts';
import type { Rule } from './rule.ts';

export const allowCoversNodes: Rule = {
  code: 'allow-covers-nodes',
  severity: 'warning',
  what: 'No address that `server.allow` covers is that of a node or a VIP, or one that DHCP gives to strangers.',
  why: 'Whoever is allowed reads the configuration of every node, with its secrets: that each node reads its own alone holds no longer.',
  check(site, report) {
    for (const [index, entry] of (site.server?.allow ?? []).entries()) {
      const range = parseAddressOrCidr(entry);
      const covered = range ? coveredBy(range, site) : [];
      if (covered.length === 0 || !site.server?.allow) continue;
      report({
        message: `server.allow covers ${listed(covered)} with ${entry}: they may fetch the configuration of any node, with its secrets.`,
        at: placeOf(site.server.allow, index),
        help: 'allow single addresses, such as that of a workstation; a node may fetch its own files without that',
      });
    }
  },
};

/** Says who is within a range. */
function coveredBy(range: Ipv4Range, { nodes = [], networks = [], clusters = [] }: Draft<Site>): string[] {
  const names = nodes.flatMap((node) =>
    node?.name && node.nics?.some((nic) => nic?.ip && contains(range, nic.ip)) ? [node.name] : [],
  );
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
