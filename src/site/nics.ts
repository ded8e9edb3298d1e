import { holds, type Ipv4, ipv4Number } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { bmcXname, type Mac, parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import { iscsiNic } from './iscsi.ts';
import { managementNetwork } from './management.ts';
import type { Network, Nic, Node, Site } from './model.ts';

type Nodes = readonly (Draft<Node> | undefined)[];

const nicsOf = onceFor((nodes: Nodes) => {
  const all: { node: Draft<Node>; nic: Draft<Nic> }[] = [];
  for (const node of nodes) for (const nic of node?.nics ?? []) if (node && nic) all.push({ node, nic });
  return all;
});

/** Returns every NIC of a site with its node, in the order of the inventory; cached, because many rules need it. */
export function eachNic({ nodes = [] }: Pick<Draft<Site>, 'nodes'>) {
  return nicsOf(nodes);
}

/**
 * Whether a machine may have the IP address of its NIC: from its configuration, from iPXE for its iSCSI disk, or from DHCP.
 * Harvester configures only its management interface; another operating system may configure all NICs.
 */
export function hasAddress(node: Draft<Node>, nic: Draft<Nic>): boolean {
  if (node.os !== 'harvester' || nic.network?.dhcp) return true;
  // An error may hide the management network.
  if (node.bootNics?.includes(nic) || node.bond?.includes(nic) || !managementNetwork(node)) return true;
  return node.iscsi !== undefined && iscsiNic(node) === nic;
}

/** Returns the NICs of a node, each link once: one may boot untagged, and be on another network by its VLAN. */
export function linksOf<N extends Pick<Draft<Nic>, 'mac'>>({ nics }: { readonly nics: readonly N[] }): N[] {
  return nics.filter(({ mac }, index) => !mac || nics.findIndex((other) => other.mac === mac) === index);
}

/** Whether a NIC is the link of an earlier one of its node, on another network with a VLAN: a port that boots untagged and runs tagged. */
export function isTaggedLink({ nics = [] }: Pick<Draft<Node>, 'nics'>, nic: Draft<Nic>): boolean {
  const first = nics.find((other) => other?.mac === nic.mac);
  const networks = [first?.network, nic.network];
  if (!first || first === nic || networks.some((network) => !network) || networks[0] === networks[1])
    return false;
  return networks.some((network) => (network?.vlan ?? 0) > 1);
}

/** Returns the MAC addresses of a node, each once. */
export function macsOf({ nics }: Pick<Node, 'nics'>): Mac[] {
  return [...new Set(nics.flatMap(({ mac }) => mac ?? []))];
}

const bmcsOf = onceFor((nodes: Nodes) =>
  nodes.flatMap((node) => (node?.facts?.bmc ? { node, bmc: node.facts.bmc } : [])),
);

/** Returns the BMC of every node of a site that declares one, in the order of the inventory. */
export function eachBmc({ nodes = [] }: Pick<Draft<Site>, 'nodes'>) {
  return bmcsOf(nodes);
}

/** The NIC of a BMC, on a network of the site. */
export interface BmcNic<N = Network> {
  readonly mac: Mac;
  readonly ip: Ipv4;
  readonly network: N;
  readonly name: string;
}

/** Returns the host name of a node's BMC: `n1-bmc`, or `n1-bmc.example.org` for `n1.example.org`. */
export function bmcName(node: string): string {
  const [first = '', ...rest] = node.split('.');
  return [`${first}-bmc`, ...rest].join('.');
}

/**
 * Returns the NIC of a node's BMC if its MAC and IP address are set and in a network of the site. Returns undefined otherwise,
 * also for a BMC with a DNS name.
 */
function bmcNicOf<N extends Draft<Network>>(
  { name, facts }: Pick<Draft<Node>, 'name' | 'facts'>,
  networks: readonly (N | undefined)[],
): BmcNic<N> | undefined {
  const { mac: macText, address: ip } = facts?.bmc ?? {};
  const mac = macText === undefined ? undefined : parseMac(macText);
  if (name === undefined || mac === undefined || ip === undefined) return undefined;
  const network = networkOf(ip, networks);
  return network && { mac, ip, network, name: bmcName(name) };
}

/** Returns the NICs of the BMCs of a site's nodes, each once: a BMC that several nodes share has the name of the first of them. */
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

/** Returns the network of a site that contains an IP address; undefined if none does or it is invalid. */
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
 * Whether two nodes declare the same BMC, as boards with several nodes do: with the same IP and MAC address. Two BMCs with the same IP
 * address by mistake differ in their MAC addresses, or in the xnames derived from those of their nodes. Without either, this is unknown.
 */
export function isSharedBmc(one: Declaring, other: Declaring): boolean {
  const [a, b] = [one.facts?.bmc, other.facts?.bmc];
  if (!a || !b || a.address?.toLowerCase() !== b.address?.toLowerCase()) return false;
  const macs = [a, b].map(({ mac = '' }) => parseMac(mac) ?? mac);
  if (macs[0] !== macs[1]) return false;
  if (one.xname === undefined || other.xname === undefined) return macs[0] !== '';
  return bmcXname(one.xname) === bmcXname(other.xname);
}

/** The loopback device, and those that the installer creates for the management network. */
export const RESERVED_NIC = /^(lo|mgmt-(br|bo)(\..*)?)$/;
