import { isBroken, lacks, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { groupedBy } from '../values/grouped.ts';
import { onceFor } from '../values/once-for.ts';
import { nearest } from '../values/text.ts';
import type { Network, Node, OciInstance, Site, Tenant } from './model.ts';

/** The firmware data of a machine in the inventory. */
export interface MachineId {
  readonly node: Draft<Node>;
  readonly what: 'UUID' | 'serial number';
  readonly key: 'uuid' | 'serial';
  readonly value: string;
  /** The identifier, the same for both spellings: on a case-insensitive file system, a web server has one file for them. */
  readonly id: string;
  readonly at: SourceLocation;
}

/** Returns every UUID and serial number that identifies a site's nodes, in the order of the inventory. */
export function eachMachineId({ nodes = [] }: Pick<Draft<Site>, 'nodes'>): MachineId[] {
  return nodes.flatMap((node) =>
    (['uuid', 'serial'] as const).flatMap((key) => {
      const value = node?.[key];
      if (!node || !value) return [];
      const what = key === 'uuid' ? 'UUID' : 'serial number';
      return { node, what, key, value, id: `${key} ${value.toLowerCase()}`, at: locationOf(node, key) };
    }),
  );
}

/** Returns the nodes of a site that are instances of Oracle Cloud Infrastructure, in the order of the inventory. */
export function ociNodes({ nodes }: Pick<Site, 'nodes'>): (Node & { readonly oci: OciInstance })[] {
  return nodes.filter((node): node is Node & { readonly oci: OciInstance } => node.oci !== undefined);
}

/**
 * Whether all machines that boot from a network are instances of Oracle Cloud Infrastructure. These have iPXE and their script
 * built in: the cloud's DHCP server sends no boot options, and they request no boot file.
 */
export function isOciNetwork({ nodes }: Pick<Site, 'nodes'>, network: Network): boolean {
  const booting = nodes.filter(({ bootNic }) => bootNic.network === network);
  return booting.length > 0 && booting.every(({ oci }) => oci !== undefined);
}

/** Returns the tenants of a site by network. A second tenant with the same network is an error, so the first one applies. */
export function tenantsByNetwork({
  tenants = [],
}: Pick<Draft<Site>, 'tenants'>): ReadonlyMap<Draft<Network>, Draft<Tenant>> {
  const byNetwork = new Map<Draft<Network>, Draft<Tenant>>();
  for (const tenant of tenants)
    if (tenant?.network && !byNetwork.has(tenant.network)) byNetwork.set(tenant.network, tenant);
  return byNetwork;
}

/** Returns the owner of something: "of physics", or "of no tenant". */
export function tenantLabel(tenant: Draft<Tenant> | undefined): string {
  return `of ${tenant?.name ?? 'no tenant'}`;
}

/** Names of nodes, for finding the node that another name probably means. */
export class NodeNames {
  readonly #byNumbers: ReadonlyMap<string, readonly string[]>;

  constructor(names: Iterable<string>) {
    this.#byNumbers = groupedBy(names, numbersOf);
  }

  /**
   * Returns the probable node, among those with the same numbers: nid003 for nid03. In a site with numbered machines, a
   * neighbor's name is always similar, but never intended.
   */
  likelyName(name: string): string | undefined {
    const alike = this.#byNumbers.get(numbersOf(name)) ?? [];
    const others = alike.filter((other) => other !== name);
    return nearest(name, others);
  }
}

/**
 * Whether a node is probably not a separate machine. It sets nothing specific to one machine, and its name is similar to that
 * of another, or is a range with a syntax error. The rule missing-address or that error reports it.
 */
export function isLikelyMisnamed(node: Draft<Node>, site: Pick<Draft<Site>, 'nodes'>): boolean {
  return lacksIdentity(node) && (isBroken(site, 'nodes') || likelyNode(node, site) !== undefined);
}

/** Returns the probable node for one that sets nothing specific to a machine. */
export function likelyNode(
  node: Draft<Node>,
  { nodes = [] }: Pick<Draft<Site>, 'nodes'>,
): string | undefined {
  if (node.name === undefined || !lacksIdentity(node)) return undefined;
  return namesOf(nodes).likelyName(node.name);
}

/** The names of nodes that identify their machine. Cached, because several rules need it for every node of a site. */
const namesOf = onceFor(
  (nodes: readonly (Draft<Node> | undefined)[]) =>
    new NodeNames(
      nodes.flatMap((node) => (node?.name !== undefined && !lacksIdentity(node) ? node.name : [])),
    ),
);

function lacksIdentity(node: Draft<Node>): boolean {
  const { bootNic } = node;
  if (!bootNic || !lacks(bootNic, 'mac') || !lacks(bootNic, 'ip')) return false;
  return (['uuid', 'serial', 'xname', 'nid'] as const).every((key) => lacks(node, key));
}

function numbersOf(name: string): string {
  return (name.match(/\d+/g) ?? []).map(Number).join(' ');
}
