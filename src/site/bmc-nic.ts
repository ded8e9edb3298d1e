import type { Draft } from '../values/draft.ts';
import { holds, type Ipv4, ipv4Number } from '../values/ipv4.ts';
import { type Mac, parseMac } from '../values/mac.ts';
import { eachBmc } from './each-bmc.ts';
import type { Network, Node, Site } from './model.ts';

/** The NIC of a management controller, on a network of the site. */
export interface BmcNic<N = Network> {
  readonly mac: Mac;
  readonly ip: Ipv4;
  readonly network: N;
  /** What DHCP calls it. */
  readonly name: string;
}

/** Gives what the management controller of a node is called: `n1-bmc`, or `n1-bmc.example.org` for `n1.example.org`. */
export function bmcName(node: string): string {
  const [first = '', ...rest] = node.split('.');
  return [`${first}-bmc`, ...rest].join('.');
}

/**
 * Gives the NIC of a node's management controller, where its MAC and its address are said and a network of the site has the
 * address; undefined else, as for one that is known by a name.
 */
function bmcNicOf<N extends Draft<Network>>(
  { name, facts }: Pick<Draft<Node>, 'name' | 'facts'>,
  networks: readonly (N | undefined)[],
): BmcNic<N> | undefined {
  const { mac: said, address: ip } = facts?.bmc ?? {};
  const mac = said === undefined ? undefined : parseMac(said);
  if (name === undefined || mac === undefined || ip === undefined) return undefined;
  const network = networkOf(ip, networks);
  return network && { mac, ip, network, name: bmcName(name) };
}

/**
 * Gives the NICs of the management controllers of a site's nodes, each once: one that stands at several nodes is called after the
 * first of them.
 */
export function* bmcNics<N extends Draft<Network>>(
  nodes: NonNullable<Draft<Site>['nodes']>,
  networks: readonly (N | undefined)[],
): Iterable<{ node: Draft<Node>; bmc: BmcNic<N> }> {
  const seen = new Set<Mac>();
  for (const { node } of eachBmc({ nodes })) {
    const bmc = bmcNicOf(node, networks);
    if (!bmc || seen.has(bmc.mac)) continue;
    seen.add(bmc.mac);
    yield { node, bmc };
  }
}

/** Gives the network of a site that has an address; undefined where none has, and where it is none. */
export function networkOf<N extends Draft<Network>>(
  ip: string,
  networks: readonly (N | undefined)[],
): N | undefined {
  const number = ipv4Number(ip);
  if (number === undefined) return undefined;
  return networks.find((network) => network?.subnet && holds(network.subnet, number));
}
