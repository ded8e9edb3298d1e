import { holds, type Ipv4, ipv4Number } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { bmcXname, type Mac, parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import type { Network, Nic, Node, Site } from './model.ts';

type Nodes = readonly (Draft<Node> | undefined)[];

const nicsOf = onceFor((nodes: Nodes) => {
  const all: { node: Draft<Node>; nic: Draft<Nic> }[] = [];
  for (const node of nodes) for (const nic of node?.nics ?? []) if (node && nic) all.push({ node, nic });
  return all;
});

/** Gives every NIC of a site with its node, in the order of the inventory; gone through once, since many rules ask. */
export function eachNic({ nodes = [] }: Pick<Draft<Site>, 'nodes'>) {
  return nicsOf(nodes);
}

const bmcsOf = onceFor((nodes: Nodes) =>
  nodes.flatMap((node) => (node?.facts?.bmc ? { node, bmc: node.facts.bmc } : [])),
);

/** Gives the management controller of every node of a site that declares one, in the order of the inventory. */
export function eachBmc({ nodes = [] }: Pick<Draft<Site>, 'nodes'>) {
  return bmcsOf(nodes);
}

/** The NIC of a management controller, on a network of the site. */
export interface BmcNic<N = Network> {
  readonly mac: Mac;
  readonly ip: Ipv4;
  readonly network: N;
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

type Declaring = Pick<Draft<Node>, 'facts' | 'xname'>;

/**
 * Says whether two nodes declare one management controller, as boards with several nodes have: with the same address and the
 * same MAC address. Two controllers that were given one address by mistake differ in their MAC addresses, or in the xnames that
 * follow from those of their nodes: where neither is said, nobody knows.
 */
export function isSharedBmc(one: Declaring, other: Declaring): boolean {
  const [a, b] = [one.facts?.bmc, other.facts?.bmc];
  if (!a || !b || a.address?.toLowerCase() !== b.address?.toLowerCase()) return false;
  const macs = [a, b].map(({ mac = '' }) => parseMac(mac) ?? mac);
  if (macs[0] !== macs[1]) return false;
  if (one.xname === undefined || other.xname === undefined) return macs[0] !== '';
  return bmcXname(one.xname) === bmcXname(other.xname);
}
