import { type Arch, harvesterMedia, type Media } from '../knowledge/harvester.ts';
import type { Related } from '../source/diagnostics/report.ts';
import { isBroken, locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import { type Cidr, parseCidr } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { commonest, groupedBy } from '../values/grouped.ts';
import { onceFor } from '../values/once-for.ts';
import { isAtLeast } from '../values/version.ts';
import { isUnknown, locationInConfig } from './effective.ts';
import type { Cluster, Node, Site } from './model.ts';

/** Returns the number of a cluster's members that store volumes: all except the witness. */
export function storageNodes(cluster: Draft<Cluster>): number {
  return membersOf(cluster).filter(
    ({ role, userConfig }) => (role ?? userConfig?.install?.role) !== 'witness',
  ).length;
}

const knownOf = onceFor((members: readonly (Draft<Node> | undefined)[]): readonly Draft<Node>[] =>
  members.flatMap((node) => node ?? []),
);

/** Returns the known members of a cluster. Computed once for a cluster, because many rules need them. */
export function membersOf({ members = [] }: Draft<Cluster>): readonly Draft<Node>[] {
  return knownOf(members);
}

/** Returns the first node that creates a cluster: its configuration contains the cluster-wide settings. */
export function createNode(cluster: Draft<Cluster>): Draft<Node> | undefined {
  return cluster.members?.find((node) => node?.mode === 'create');
}

/** Returns the name of a node in its cluster. */
export function hostNameOf({ config, name }: Node): string {
  return config.os?.hostname ?? name;
}

/** A cluster whose members all have a known mode and role. */
export interface ClusterShape {
  readonly cluster: Draft<Cluster>;
  readonly members: readonly Draft<Node>[];
  readonly create: Draft<Node>;
  /** The members that can run etcd: the create node, all others except workers and witnesses, and one witness. */
  readonly etcd: readonly Draft<Node>[];
  readonly witness: Draft<Node> | undefined;
}

/** Returns the effective role of a node with its source location, or undefined if an error hides it. */
export function roleOf(
  node: Draft<Node>,
): { readonly role: string; readonly at: SourceLocation } | undefined {
  const role = roleNameOf(node);
  return role === undefined || !node.config
    ? undefined
    : { role, at: locationInConfig(node, 'install.role') };
}

/** Returns the effective role of a node, or undefined if an error hides it. */
export function roleNameOf(node: Draft<Node>): string | undefined {
  if (isBroken(node, 'role') || isUnknown(node, 'install.role')) return undefined;
  const role = node.config?.install?.role;
  if (role === undefined) return 'default';
  const version = node.cluster?.version;
  // Before v1.3.0, Harvester drops the role, so all nodes are equivalent.
  return version && (isAtLeast(version, 'v1.3.0') ? role : 'default');
}

/**
 * Returns the clusters of a site that have exactly one create node and are known well enough to check their composition. Omits a cluster
 * that exists, because it has members that the site may not contain. Computed once for a site, because many rules need it.
 */
export const clusterShapes = onceFor((site: Draft<Site>): readonly ClusterShape[] => {
  const { clusters = [], nodes = [] } = site;
  // An incompletely known node may belong to any cluster.
  if (isBroken(site, 'nodes') || !nodes.every((node) => node && hasKnownCluster(node))) return [];
  return clusters.flatMap((cluster) => (cluster && shapeOf(cluster)) ?? []);
});

/** Whether a node's OS is known and, for Harvester, its cluster. */
export function hasKnownCluster({ os, cluster, mode }: Draft<Node>): boolean {
  return os === 'harvester' ? cluster !== undefined && mode !== undefined : os !== undefined;
}

function shapeOf(cluster: Draft<Cluster>): ClusterShape | undefined {
  const members = membersOf(cluster);
  const [create, another] = members.filter(({ mode }) => mode === 'create');
  if (!create || another || cluster.exists !== false) return undefined;
  const etcd = [create];
  let witness: Draft<Node> | undefined;
  for (const node of members) {
    const role = roleNameOf(node);
    if (role === undefined) return undefined;
    if (node === create || role === 'worker' || (role === 'witness' && witness)) continue;
    etcd.push(node);
    if (role === 'witness') witness = node;
  }
  return { cluster, members, create, etcd, witness };
}

/** Returns each location that makes nodes workers: a layer may apply to many nodes. */
export function workersBy(nodes: readonly Draft<Node>[]): Related[] {
  const byLocation = new Map<string, Related>();
  for (const node of nodes) {
    const { role, at } = roleOf(node) ?? {};
    if (role !== 'worker' || !at) continue;
    const key = locationKey(at);
    if (!byLocation.has(key)) byLocation.set(key, { message: `${node.name} is a worker by`, at });
  }
  return [...byLocation.values()];
}

/** The subnet of the pods, or of the services, inside a cluster. */
export interface ClusterCidr {
  readonly of: 'pod' | 'service';
  readonly path: string;
  readonly cidr: Cidr;
  /** The source location in the inventory; undefined for the default. */
  readonly at: SourceLocation | undefined;
}

/** The first release in which these subnets can be changed. */
export const CIDRS_SINCE = 'v1.5.0';

/** The default IP address of a cluster's own DNS. */
export const DEFAULT_CLUSTER_DNS = '10.53.0.10';

const CIDRS = [
  ['pod', 'cluster_pod_cidr', '10.52.0.0/16'],
  ['service', 'cluster_service_cidr', '10.53.0.0/16'],
] as const;

/**
 * Returns the subnets of a cluster's pods and services, as set for its create node or by default. Omits a subnet if an error
 * hides it, or if it is set but the release would drop it.
 */
export function clusterCidrs(cluster: Draft<Cluster>): ClusterCidr[] {
  const node = createNode(cluster);
  if (!node) return [];
  const install = node.userConfig?.install;
  return CIDRS.flatMap(([of, key, usual]) => {
    const path = `install.${key}`;
    if (isUnknown(node, path)) return [];
    const set = install?.[key];
    if (set !== undefined && cluster.version && !isAtLeast(cluster.version, CIDRS_SINCE)) return [];
    const cidr = parseCidr(set ?? usual);
    return cidr ? [{ of, path, cidr, at: install && set ? locationOf(install, key) : undefined }] : [];
  });
}

/** A Harvester release that machines of a site install. */
export interface InstalledRelease {
  readonly version: string;
  readonly arch: Arch;
  readonly files: Media;
  readonly nodes: readonly Node[];
}

/** Returns each release that members of a cluster install, once. */
export function installedReleases({ clusters }: Pick<Site, 'clusters'>): InstalledRelease[] {
  const used = clusters.flatMap(({ version, arch, members }) => {
    const nodes = members.filter(({ install }) => install !== 'never');
    return nodes.length > 0 ? { version, arch, nodes } : [];
  });
  const byRelease = groupedBy(used, ({ version, arch }) => `${version.text} ${arch}`);
  return Array.from(byRelease.values(), (same) => {
    const [{ version, arch }] = same;
    const nodes = same.flatMap(({ nodes }) => nodes);
    return { version: version.text, arch, files: harvesterMedia(version.text, arch), nodes };
  });
}

/**
 * Returns the consequence for a node that reinstalls at every boot and creates its cluster: it joins no existing cluster.
 * Takes its mode and the name of its cluster. Returns the end of a sentence, which is empty for a node that joins.
 */
export function recreatesCluster({
  mode,
  cluster,
}: {
  readonly mode?: string;
  readonly cluster?: string;
}): string {
  return mode === 'create' ? `, as a new cluster${cluster === undefined ? '' : ` ${cluster}`} each time` : '';
}

/** A property of the members of a cluster: its value, undefined if unknown or not to be compared, and its source location. */
export interface Trait<T> {
  value(node: Draft<Node>): T | undefined;
  at(node: Draft<Node>): SourceLocation;
}

interface Had<T> {
  readonly node: Draft<Node>;
  readonly value: T;
  readonly at: SourceLocation;
}

/** A member of a cluster whose value differs from that of most members, of which `usual` is one. */
export interface Outlier<T> extends Had<T> {
  readonly cluster: Draft<Cluster>;
  readonly usual: Had<T>;
}

/**
 * Returns the members of each cluster whose value differs from that of most members. On a tie, the value of the create node
 * is the usual one.
 */
export function* clusterOutliers<T>({ clusters = [] }: Draft<Site>, trait: Trait<T>): Iterable<Outlier<T>> {
  for (const cluster of clusters) {
    if (!cluster) continue;
    const all = createNodeFirst(cluster).flatMap((node) => {
      const value = trait.value(node);
      return value === undefined ? [] : [{ node, value }];
    });
    const usual = commonest(all, ({ value }) => value);
    const withPlace = (had: Omit<Had<T>, 'at'>): Had<T> => ({ ...had, at: trait.at(had.node) });
    for (const had of all)
      if (usual && had.value !== usual.value) yield { cluster, ...withPlace(had), usual: withPlace(usual) };
  }
}

const createNodeFirst = onceFor((cluster: Draft<Cluster>) =>
  [...membersOf(cluster)].sort((a, b) => Number(b.mode === 'create') - Number(a.mode === 'create')),
);
