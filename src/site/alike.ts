import { copyWith, hasPlace } from '../origin.ts';
import type { Draft } from './draft.ts';
import type { Cluster, Facts, Nic, Node, Site } from './model.ts';

/** How many alike nodes of a kind a sample has: of two, one can be like the other, or both be one too many. */
const OF_EACH = 2;

/** Fewer nodes are looked at in whole at once. */
const WORTH_A_SAMPLE = 16;

/** Kinds that a node is compared with, at most: where each is of a kind of its own, a sample would save nothing. */
const MOST_KINDS = 16;

/** What alike nodes have in common: the very same values, which they share where a layer says them. */
const SHARED = [
  'said',
  'os',
  'boot',
  'cluster',
  'mode',
  'role',
  'install',
  'firmware',
  'arch',
  'own',
  'loader',
  'drive',
  'cloudInit',
  'tenant',
  'silence',
] as const satisfies readonly (keyof Node)[];

const SHARED_FACTS = ['vm', 'disks', 'hardware', 'bmc', 'labels'] as const satisfies readonly (keyof Facts)[];

/** What one of two with the same value may say, and the other leave to a default. */
const SAID = [
  'os',
  'mode',
  'role',
  'install',
  'firmware',
  'arch',
  'loader',
  'drive',
  'cloudInit',
  'tenant',
  'nics',
] as const satisfies readonly (keyof Node)[];

/** What is made for each node anew: one that has any of these is like no other. */
const OWN = ['domain', 'iscsi', 'oci', 'linux'] as const satisfies readonly (keyof Node)[];

/** What says which machine a node is: alike nodes have another value each, or none of them has one. */
const IDENTITY = ['uuid', 'serial', 'xname', 'nid'] as const satisfies readonly (keyof Node)[];

/**
 * Gives a site with a few nodes of each kind: what is said of nodes that differ in nothing but their name, their addresses
 * and what else is of one machine alone can be found in it. A site of which most nodes are of a kind of their own is its
 * own sample. Only for sites without a fault so far: which nodes one hides something of is not compared.
 */
export function sampleOf(site: Draft<Site>): Draft<Site> {
  const { nodes = [], clusters = [] } = site;
  if (nodes.length < WORTH_A_SAMPLE) return site;
  const kinds = new Kinds();
  const taken = new Set<Draft<Node> | undefined>();
  for (const [index, node] of nodes.entries()) {
    if (!node || kinds.count(node) <= OF_EACH) taken.add(node);
    if (taken.size > WORTH_A_SAMPLE * 4 + index / 4) return site;
  }
  if (taken.size * 2 > nodes.length) return site;
  const isTaken = (node: Draft<Node> | undefined) => taken.has(node);
  const smaller = (cluster: Draft<Cluster>) =>
    cluster?.members ? copyWith(cluster, { members: cluster.members.filter(isTaken) }) : cluster;
  return copyWith(site, { nodes: nodes.filter(isTaken), clusters: clusters.map(smaller) });
}

/** The kinds of nodes that have been met. */
class Kinds {
  /** By the configuration, which most often tells them apart. */
  readonly #kinds = new Map<Node['said'] | undefined, { readonly first: Draft<Node>; count: number }[]>();

  /** Gives how many nodes of a node's kind there have been, with this one. */
  count(node: Draft<Node>): number {
    if (isAlone(node)) return 1;
    const said = node.said as Node['said'] | undefined;
    const kinds = this.#kinds.get(said) ?? [];
    if (kinds.length === 0) this.#kinds.set(said, kinds);
    for (const kind of kinds) if (areAlike(kind.first, node)) return ++kind.count;
    if (kinds.length < MOST_KINDS) kinds.push({ first: node, count: 1 });
    return 1;
  }
}

/** Whether a node is like no other. */
function isAlone(node: Draft<Node>): boolean {
  for (const key of OWN) if (node[key] !== undefined) return true;
  // What is said of one that may be another depends on the names of the others.
  return !node.bootNic?.mac && !node.bootNic?.ip;
}

function areAlike(one: Draft<Node>, other: Draft<Node>): boolean {
  for (const key of SHARED) if (one[key] !== other[key]) return false;
  for (const key of SHARED_FACTS) if (one.facts?.[key] !== other.facts?.[key]) return false;
  for (const key of IDENTITY) if ((one[key] === undefined) !== (other[key] === undefined)) return false;
  if (one.bond?.length !== other.bond?.length || !areSame(one.groups, other.groups)) return false;
  if (!areNicsAlike(one.nics ?? [], other.nics ?? [])) return false;
  for (const key of SAID) if (hasPlace(one, key) !== hasPlace(other, key)) return false;
  return true;
}

function areSame<T>(one: readonly T[] = [], other: readonly T[] = []): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

type Nics = readonly (Draft<Nic> | undefined)[];

function areNicsAlike(one: Nics, other: Nics): boolean {
  return one.length === other.length && one.every((nic, index) => isNicAlike(nic, other[index]));
}

function isNicAlike(one: Draft<Nic> | undefined, other: Draft<Nic> | undefined): boolean {
  return (
    one?.network === other?.network &&
    one?.name === other?.name &&
    one?.boot === other?.boot &&
    (one?.mac === undefined) === (other?.mac === undefined) &&
    (one?.ip === undefined) === (other?.ip === undefined)
  );
}
