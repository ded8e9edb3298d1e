import type { Related } from '../source/diagnostics/diagnostic.ts';
import { isBroken, type Place, placeKey } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import { effective } from './effective.ts';
import { isUnknown } from './is-unknown.ts';
import { membersOf } from './members.ts';
import type { Cluster, Node, Site } from './model.ts';
import { roleInConfig } from './one-of-config.ts';

/** A cluster of which every member, its mode and its role are known. */
export interface ClusterShape {
  readonly cluster: Draft<Cluster>;
  readonly members: readonly Draft<Node>[];
  /** The one that creates it. */
  readonly create: Draft<Node>;
  /** Those that can hold etcd: the create node, every other that is neither worker nor witness, and one witness. */
  readonly etcd: readonly Draft<Node>[];
  /** The witness among these. */
  readonly witness: Draft<Node> | undefined;
}

/** Gives the role that counts on a node, with its place; undefined where a fault hides it. */
export function roleOf(node: Draft<Node>): { readonly role: string; readonly at: Place } | undefined {
  const role = roleNameOf(node);
  const found = role === undefined ? undefined : effective(node, 'install.role');
  return role === undefined || !found ? undefined : { role, at: found.at };
}

/** Gives the role that counts on a node; undefined where a fault hides it. */
export function roleNameOf(node: Draft<Node>): string | undefined {
  if (isBroken(node, 'role') || isUnknown(node, 'install.role')) return undefined;
  const role = roleInConfig(node);
  if (role === undefined) return 'default';
  const version = node.cluster?.version;
  // Before v1.3.0 a role is dropped, and every node is like every other.
  return version && (isAtLeast(version, 'v1.3.0') ? role : 'default');
}

const known = new WeakMap<object, readonly ClusterShape[]>();

/**
 * Gives the clusters of a site that have exactly one create node, and of which enough is known to judge their shape.
 * Looked at once for a site, which many rules ask for.
 */
export function clusterShapes(site: Draft<Site>): readonly ClusterShape[] {
  let shapes = known.get(site);
  if (!shapes) {
    shapes = shapesOf(site);
    known.set(site, shapes);
  }
  return shapes;
}

function shapesOf(site: Draft<Site>): ClusterShape[] {
  const { clusters = [], nodes = [] } = site;
  // A node that is not known in full may belong to any cluster.
  if (isBroken(site, 'nodes') || !nodes.every((node) => node && hasKnownCluster(node))) return [];
  return clusters.flatMap((cluster) => (cluster && shapeOf(cluster)) ?? []);
}

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
    const place = placeKey(at);
    if (!byPlace.has(place)) byPlace.set(place, { message: `${node.name} is a worker by`, at });
  }
  return [...byPlace.values()];
}
