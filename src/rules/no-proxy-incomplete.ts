import { parseJsonMap } from '../knowledge/harvester/json-map.ts';
import {
  BUILT_IN_NO_PROXY,
  isAddressProxyFree,
  isProxyFree,
  noProxyEntries,
} from '../knowledge/harvester/no-proxy.ts';
import { clusterCidrs } from '../site/cluster-cidrs.ts';
import { isUnknown } from '../site/is-unknown.ts';
import { createNode, membersOf } from '../site/members.ts';
import type { Cluster, Network, Node } from '../site/model.ts';
import { listed } from '../source/diagnostics/listed.ts';
import { keyPlaceOf, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

/** What must be reached without the proxy, and the entry that says so. */
interface Missing {
  readonly what: string;
  readonly entry: string;
  readonly at: Place | undefined;
}

/** The first release that refuses a proxy whose own noProxy lacks an address of a node. */
const ASKS_FOR_NODES = 'v1.3.1';

export const noProxyIncomplete: Rule = {
  code: 'no-proxy-incomplete',
  severity: 'error',
  what: "With a proxy in http-proxy, its noProxy covers the nodes, the VIP and the cluster's own subnets.",
  why: 'Else nodes talk to each other through the proxy: the second one goes Unavailable as the third joins (harvester/harvester#3091), and the cluster can no longer be reached (#3172). Harvester adds 10.0.0.0/8, localhost, .svc and .cluster.local by itself.',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      const node = cluster && createNode(cluster);
      if (!node || !cluster.version || isUnknown(node, 'system_settings.http-proxy')) continue;
      const proxy = readProxy(node);
      if (!proxy) continue;
      const missing = missingIn(proxy.entries, cluster);
      if (missing.length === 0) continue;
      report({
        node,
        message: `The noProxy of http-proxy does not cover ${listed(missing.map(({ what }) => what))}: nodes would reach each other through the proxy, and further ones could not join.`,
        at: proxy.at,
        related: missing.flatMap(({ what, at }) => (at ? [{ message: `${what} is set at`, at }] : [])),
        help: `write noProxy: "${[...proxy.entries, ...entriesFor(missing, cluster)].join(',')}"`,
      });
    }
  },
};

/** The proxy of a cluster, as far as it is known: the entries of its noProxy, and where to point. */
function readProxy({ said }: Draft<Node>): { entries: string[]; at: Place } | undefined {
  const settings = said?.system_settings;
  const setting = settings?.['http-proxy'];
  const proxy = typeof setting === 'string' ? parseJsonMap(setting) : setting;
  if (!settings || !setting || !proxy || !(proxy.httpProxy || proxy.httpsProxy)) return undefined;
  const noProxy = proxy.noProxy ?? '';
  if (typeof noProxy !== 'string' || noProxy.includes('${secret:')) return undefined;
  const entries = noProxyEntries(noProxy);
  const known = typeof setting !== 'string' && setting.noProxy !== undefined;
  const at = known ? placeOf(setting, 'noProxy') : keyPlaceOf(settings, 'http-proxy');
  return { entries, at: typeof setting === 'string' ? placeOf(settings, 'http-proxy') : at };
}

function missingIn(entries: readonly string[], cluster: Draft<Cluster>): Missing[] {
  const all = [...entries, ...BUILT_IN_NO_PROXY];
  const forNodes = cluster.version && isAtLeast(cluster.version, ASKS_FOR_NODES) ? entries : all;
  const missing: Missing[] = [];
  for (const [network, addresses] of addressesByNetwork(cluster)) {
    const { subnet } = network;
    // A list without it would not be the whole one.
    if (!subnet) return [];
    if (isProxyFree(forNodes, subnet)) continue;
    if (addresses.every((address) => isAddressProxyFree(forNodes, address))) continue;
    const what = `the subnet ${subnet.text} of the nodes`;
    missing.push({ what, entry: subnet.text, at: placeOf(network, 'subnet') });
  }
  if (cluster.vip && !isAddressProxyFree(all, cluster.vip)) {
    missing.push({ what: `the VIP ${cluster.vip}`, entry: cluster.vip, at: placeOf(cluster, 'vip') });
  }
  for (const { of, cidr, at } of clusterCidrs(cluster)) {
    if (!isProxyFree(all, cidr)) missing.push({ what: `the ${of} CIDR ${cidr.text}`, entry: cidr.text, at });
  }
  return missing;
}

/** The networks of a cluster's nodes, each with the addresses that are known there. */
function addressesByNetwork(cluster: Draft<Cluster>): Map<Draft<Network>, string[]> {
  const result = new Map<Draft<Network>, string[]>();
  for (const { bootNic } of membersOf(cluster)) {
    if (!bootNic?.network) continue;
    const addresses = result.get(bootNic.network) ?? [];
    if (bootNic.ip) addresses.push(bootNic.ip);
    result.set(bootNic.network, addresses);
  }
  return result;
}

/** What to add: the VIP needs no entry of its own beside that of the subnet that holds it. */
function entriesFor(missing: readonly Missing[], { vip }: Draft<Cluster>): string[] {
  const added = missing.map(({ entry }) => entry);
  const covers = added.filter((entry) => entry !== vip);
  return vip && isAddressProxyFree(covers, vip) ? covers : added;
}
