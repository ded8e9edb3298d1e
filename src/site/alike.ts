import { copyWith, hasFaults, hasPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Cluster, Facts, Nic, Node, Site } from './model.ts';

/** How many alike nodes of a kind a sample has: of two, one can be like the other, or both be one too many. */
const OF_EACH = 2;

/** Fewer nodes are looked at in whole at once. */
const WORTH_A_SAMPLE = 16;

/** Kinds that a node is compared with, at most: where each is of a kind of its own, a sample would save nothing. */
const MOST_KINDS = 16;

/**
 * How a key counts where two nodes are compared: both have the very `same`, or say the `equal`; of what is of one machine
 * alone, both have one or none (`presence`), or as many (`count`), or nothing is asked (`own`). What `follows` does so from
 * other keys, what makes a node one of its own has it `alone`, and what has `parts` is compared by those. A key that is new to the model does not compile until it
 * is said here, and `areAlike` does it.
 */
export type Comparison = 'same' | 'equal' | 'presence' | 'count' | 'own' | 'follows' | 'alone' | 'parts';

/** How the keys of nodes count. */
export const OF_NODES = {
  name: 'own',
  os: 'same',
  boot: 'same',
  linux: 'follows',
  iscsi: 'presence',
  loader: 'same',
  cloudInit: 'same',
  cluster: 'same',
  mode: 'same',
  role: 'same',
  install: 'same',
  firmware: 'same',
  arch: 'same',
  nics: 'parts',
  uuid: 'presence',
  serial: 'presence',
  xname: 'presence',
  nid: 'presence',
  groups: 'equal',
  tenant: 'same',
  drive: 'same',
  bootNic: 'parts',
  bond: 'count',
  ip: 'follows',
  said: 'equal',
  derived: 'follows',
  config: 'follows',
  own: 'equal',
  facts: 'parts',
  domain: 'alone',
  oci: 'alone',
  silence: 'same',
} as const satisfies { readonly [Key in keyof Required<Node>]: Comparison };

/** How those of what is declared of machines do. */
export const OF_FACTS = {
  labels: 'own',
  disks: 'equal',
  hardware: 'equal',
  bmc: 'presence',
  vm: 'same',
} as const satisfies { readonly [Key in keyof Required<Facts>]: Comparison };

/** How those of NICs do. */
export const OF_NICS = {
  name: 'same',
  mac: 'presence',
  network: 'same',
  ip: 'presence',
  boot: 'same',
} as const satisfies { readonly [Key in keyof Required<Nic>]: Comparison };

/**
 * Gives a site with a few nodes of each kind: what is said of nodes that differ in nothing but their name, their addresses
 * and what else is of one machine alone can be found in it. A site of which most nodes are of a kind of their own is its
 * own sample.
 */
export function sampleOf(site: Draft<Site>): Draft<Site> {
  const { nodes = [], clusters = [] } = site;
  if (nodes.length < WORTH_A_SAMPLE) return site;
  const kinds = new Kinds();
  const taken: Draft<Node>[] = [];
  let index = 0;
  for (const node of nodes) {
    if (!node || kinds.count(node) <= OF_EACH) taken.push(node);
    if (taken.length > WORTH_A_SAMPLE * 4 + index / 4) return site;
    index += 1;
  }
  if (taken.length * 2 > nodes.length) return site;
  const ofSample = new Set(taken);
  const smaller = (cluster: Draft<Cluster>) =>
    cluster?.members
      ? copyWith(cluster, { members: cluster.members.filter((node) => ofSample.has(node)) })
      : cluster;
  return copyWith(site, { nodes: taken, clusters: clusters.map(smaller) });
}

/** Nodes that differ in nothing but what is of one machine alone. */
interface Kind {
  readonly first: Draft<Node>;
  /** Whether something is said of what cloud-init finds on it, whatever it boots. */
  readonly saysCloudInit: boolean;
  count: number;
}

/** The kinds of nodes that have been met. */
class Kinds {
  /** By the configuration, which most often tells them apart: that of the layers, or what nodes say themselves. */
  readonly #kinds = new Map<unknown, Kind[]>();
  /** What the last node had, and the kinds with that: the next one most often has the very same. */
  #own: unknown;
  #said: unknown;
  #last: Kind[] = [];

  /** Gives how many nodes of a node's kind there have been, with this one. */
  count(node: Draft<Node>): number {
    if (isAlone(node)) return 1;
    const kinds = this.#with(node);
    const saysCloudInit = hasPlace(node, 'cloudInit');
    for (const kind of kinds)
      if (kind.saysCloudInit === saysCloudInit && areAlike(kind.first, node)) return ++kind.count;
    if (kinds.length < MOST_KINDS) kinds.push({ first: node, saysCloudInit, count: 1 });
    return 1;
  }

  #with({ own, said }: Draft<Node>): Kind[] {
    if (this.#kinds.size > 0 && own === this.#own && said === this.#said) return this.#last;
    const key = Object.keys(own ?? {}).length === 0 ? said : JSON.stringify(own);
    const kinds = this.#kinds.get(key) ?? [];
    if (kinds.length === 0) this.#kinds.set(key, kinds);
    this.#own = own;
    this.#said = said;
    this.#last = kinds;
    return kinds;
  }
}

/** Whether a node is like no other. */
function isAlone(node: Draft<Node>): boolean {
  const { domain, oci, bootNic, nics } = node;
  // Of these each node has its own.
  if (domain || oci) return true;
  // What is said of one that may be another depends on the names of the others.
  if (!bootNic?.mac && !bootNic?.ip) return true;
  // Nobody knows what a fault hides.
  if (hasFaults(node)) return true;
  if (nics) for (const nic of nics) if (!nic || hasFaults(nic)) return true;
  return false;
}

/**
 * Whether two nodes differ in nothing but what is of one machine alone. What they have in common is the very same where a layer says
 * it. All of a large site are compared: key by key as it stands here is several times quicker than by lists of keys.
 */
function areAlike(one: Draft<Node>, other: Draft<Node>): boolean {
  return (
    one.os === other.os &&
    one.mode === other.mode &&
    one.cluster === other.cluster &&
    areFactsAlike(one.facts, other.facts) &&
    areSame(one.said, other.said) &&
    one.boot === other.boot &&
    one.role === other.role &&
    one.install === other.install &&
    one.firmware === other.firmware &&
    one.arch === other.arch &&
    one.loader === other.loader &&
    one.drive === other.drive &&
    one.tenant === other.tenant &&
    one.silence === other.silence &&
    one.cloudInit === other.cloudInit &&
    isThere(one.iscsi) === isThere(other.iscsi) &&
    isThere(one.uuid) === isThere(other.uuid) &&
    isThere(one.serial) === isThere(other.serial) &&
    isThere(one.xname) === isThere(other.xname) &&
    isThere(one.nid) === isThere(other.nid) &&
    one.bond?.length === other.bond?.length &&
    areSame(one.groups, other.groups) &&
    areNicsAlike(one.nics ?? NO_NICS, other.nics ?? NO_NICS)
  );
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}

/** Labels, and management controllers, are of one machine alone. */
function areFactsAlike(one: Draft<Node>['facts'], other: Draft<Node>['facts']): boolean {
  if (one === other) return true;
  if (!one || !other || hasFaults(one) || hasFaults(other)) return false;
  return (
    isThere(one.bmc) === isThere(other.bmc) &&
    one.vm === other.vm &&
    areSame(one.hardware, other.hardware) &&
    areSame(one.disks, other.disks)
  );
}

/** Whether two values are the same, or say the same and have no fault. */
function areSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length || hasFaults(one) || hasFaults(other)) return false;
  return keys.every(
    (key) => key in other && areSame(one[key as keyof typeof one], other[key as keyof typeof other]),
  );
}

type Nics = readonly (Draft<Nic> | undefined)[];

const NO_NICS: Nics = [];

function areNicsAlike(one: Nics, other: Nics): boolean {
  if (one.length !== other.length) return false;
  let index = 0;
  while (index < one.length && isNicAlike(one[index], other[index])) index += 1;
  return index === one.length;
}

function isNicAlike(one: Draft<Nic> | undefined, other: Draft<Nic> | undefined): boolean {
  return (
    one?.network === other?.network &&
    one?.name === other?.name &&
    one?.boot === other?.boot &&
    isThere(one?.mac) === isThere(other?.mac) &&
    isThere(one?.ip) === isThere(other?.ip)
  );
}
