import { type Arch, harvesterMedia, type Media } from '../knowledge/harvester.ts';
import type { Related } from '../source/diagnostics/report.ts';
import { isBroken, locationOf } from '../source/origin.ts';
import { locationKey, type SourceLocation } from '../source/source.ts';
import { type Cidr, parseCidr } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import { isAtLeast } from '../values/version.ts';
import { isUnknown, placeInConfig } from './effective.ts';
import type { Cluster, Node, Site } from './model.ts';

/** Counts the members of a cluster that hold volumes: all but the witness. */
export function storageNodes(cluster: Draft<Cluster>): number {
  return membersOf(cluster).filter(
    ({ role, userConfig }) => (role ?? userConfig?.install?.role) !== 'witness',
  ).length;
}

const knownOf = onceFor((members: readonly (Draft<Node> | undefined)[]): readonly Draft<Node>[] =>
  members.flatMap((node) => node ?? []),
);

/** Gives the members of a cluster that are known. Gone through once for a cluster, since many rules ask for them. */
export function membersOf({ members = [] }: Draft<Cluster>): readonly Draft<Node>[] {
  return knownOf(members);
}

/** Gives the first node that creates a cluster: what concerns the whole of it stands in that node's configuration. */
export function createNode(cluster: Draft<Cluster>): Draft<Node> | undefined {
  return cluster.members?.find((node) => node?.mode === 'create');
}

/** A cluster of which every member, its mode and its role are known. */
export interface ClusterShape {
  readonly cluster: Draft<Cluster>;
  readonly members: readonly Draft<Node>[];
  readonly create: Draft<Node>;
  /** Those that can hold etcd: the create node, every other that is neither worker nor witness, and one witness. */
  readonly etcd: readonly Draft<Node>[];
  readonly witness: Draft<Node> | undefined;
}

/** Gives the role that counts on a node, with its place; undefined where a fault hides it. */
export function roleOf(
  node: Draft<Node>,
): { readonly role: string; readonly at: SourceLocation } | undefined {
  const role = roleNameOf(node);
  return role === undefined || !node.config ? undefined : { role, at: placeInConfig(node, 'install.role') };
}

/** Gives the role that counts on a node; undefined where a fault hides it. */
export function roleNameOf(node: Draft<Node>): string | undefined {
  if (isBroken(node, 'role') || isUnknown(node, 'install.role')) return undefined;
  const role = node.config?.install?.role;
  if (role === undefined) return 'default';
  const version = node.cluster?.version;
  // Before v1.3.0 a role is dropped, and every node is like every other.
  return version && (isAtLeast(version, 'v1.3.0') ? role : 'default');
}

/**
 * Gives the clusters of a site that have exactly one create node, and of which enough is known to judge their shape.
 * Looked at once for a site, which many rules ask for.
 */
export const clusterShapes = onceFor((site: Draft<Site>): readonly ClusterShape[] => {
  const { clusters = [], nodes = [] } = site;
  // A node that is not known in full may belong to any cluster.
  if (isBroken(site, 'nodes') || !nodes.every((node) => node && hasKnownCluster(node))) return [];
  return clusters.flatMap((cluster) => (cluster && shapeOf(cluster)) ?? []);
});

/** Says whether it is known of a node what it boots and, where that is Harvester, of which cluster it is. */
export function hasKnownCluster({ os, cluster, mode }: Draft<Node>): boolean {
  return os === 'harvester' ? cluster !== undefined && mode !== undefined : os !== undefined;
}

function shapeOf(cluster: Draft<Cluster>): ClusterShape | undefined {
  const members = membersOf(cluster);
  const [create, another] = members.filter(({ mode }) => mode === 'create');
  if (!create || another) return undefined;
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

/** Gives each place that makes workers of nodes: a layer makes many by one. */
export function workersBy(nodes: readonly Draft<Node>[]): Related[] {
  const byPlace = new Map<string, Related>();
  for (const node of nodes) {
    const { role, at } = roleOf(node) ?? {};
    if (role !== 'worker' || !at) continue;
    const place = locationKey(at);
    if (!byPlace.has(place)) byPlace.set(place, { message: `${node.name} is a worker by`, at });
  }
  return [...byPlace.values()];
}

/** The subnet inside a cluster that its pods, or its services, have their addresses from. */
export interface ClusterCidr {
  readonly of: 'pod' | 'service';
  readonly path: string;
  readonly cidr: Cidr;
  /** Where the inventory says it; undefined where it is the default. */
  readonly at: SourceLocation | undefined;
}

/** The first release in which these subnets can be changed. */
export const CIDRS_SINCE = 'v1.5.0';

/** The address of a cluster's own DNS, unless its configuration gives another. */
export const DEFAULT_CLUSTER_DNS = '10.53.0.10';

const CIDRS = [
  ['pod', 'cluster_pod_cidr', '10.52.0.0/16'],
  ['service', 'cluster_service_cidr', '10.53.0.0/16'],
] as const;

/**
 * Gives the subnets of a cluster's pods and services, as its create node has them or by default. One is missing where a
 * fault leaves it open, and where it is said and the release would drop it.
 */
export function clusterCidrs(cluster: Draft<Cluster>): ClusterCidr[] {
  const node = createNode(cluster);
  if (!node) return [];
  const install = node.userConfig?.install;
  return CIDRS.flatMap(([of, key, usual]) => {
    const path = `install.${key}`;
    if (isUnknown(node, path)) return [];
    const said = install?.[key];
    if (said !== undefined && cluster.version && !isAtLeast(cluster.version, CIDRS_SINCE)) return [];
    const cidr = parseCidr(said ?? usual);
    return cidr ? [{ of, path, cidr, at: install && said ? locationOf(install, key) : undefined }] : [];
  });
}

/** A Harvester release that machines of a site install. */
export interface InstalledRelease {
  readonly version: string;
  readonly arch: Arch;
  readonly files: Media;
  readonly nodes: readonly Node[];
}

/** Gives each release that a cluster with members installs, once. */
export function installedReleases({ clusters }: Pick<Site, 'clusters'>): InstalledRelease[] {
  const releases = new Map<string, InstalledRelease>();
  for (const { version, arch, members } of clusters) {
    if (members.length === 0) continue;
    const key = `${version.text} ${arch}`;
    const { nodes = [] } = releases.get(key) ?? {};
    const files = harvesterMedia(version.text, arch);
    releases.set(key, { version: version.text, arch, files, nodes: [...nodes, ...members] });
  }
  return [...releases.values()];
}

/**
 * Says what comes of it that a node is installed anew at every boot which creates its cluster: it joins none that is
 * there. Takes its mode and the name of its cluster, and gives the end of a sentence; nothing for a node that joins.
 */
export function createsAnew({
  mode,
  cluster,
}: {
  readonly mode?: string;
  readonly cluster?: string;
}): string {
  return mode === 'create' ? `, as a new cluster${cluster === undefined ? '' : ` ${cluster}`} each time` : '';
}

/** Something that each member of a cluster has: what, undefined where that is not known or is not to be compared, and where it stands. */
export interface Trait<T> {
  value(node: Draft<Node>): T | undefined;
  at(node: Draft<Node>): SourceLocation;
}

interface Had<T> {
  readonly node: Draft<Node>;
  readonly value: T;
  readonly at: SourceLocation;
}

/** A member of a cluster that has something else than most members, one of which is `usual`. */
export interface Unlike<T> extends Had<T> {
  readonly cluster: Draft<Cluster>;
  readonly usual: Had<T>;
}

/**
 * Gives the members of each cluster that have another value than most of its members; with as many of either, another
 * than the create node.
 */
export function* clusterOutliers<T>({ clusters = [] }: Draft<Site>, trait: Trait<T>): Iterable<Unlike<T>> {
  for (const cluster of clusters) {
    if (!cluster) continue;
    const members = createNodeFirst(cluster);
    const counts = new Map<T, number>();
    for (const node of members) {
      const value = trait.value(node);
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (counts.size < 2) continue;
    const most = Math.max(...counts.values());
    const all = members.flatMap((node): Had<T>[] => {
      const value = trait.value(node);
      return value === undefined ? [] : [{ node, value, at: trait.at(node) }];
    });
    const usual = all.find(({ value }) => counts.get(value) === most);
    for (const one of all) if (usual && one.value !== usual.value) yield { cluster, ...one, usual };
  }
}

const createNodeFirst = onceFor((cluster: Draft<Cluster>) =>
  [...membersOf(cluster)].sort((a, b) => Number(b.mode === 'create') - Number(a.mode === 'create')),
);
