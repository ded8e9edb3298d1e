import type { Place } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { membersOf } from './members.ts';
import type { Cluster, Node, Site } from './model.ts';

/** What is read of a member: what it has, and what tells where that stands. */
export interface Read<T> {
  readonly value: T;
  readonly at: () => Place;
}

/** What a member of a cluster has, and where that stands. */
interface Had<T> {
  readonly node: Draft<Node>;
  readonly value: T;
  readonly at: Place;
}

/** A member of a cluster that has something else than most members, one of which is `usual`. */
export interface Unlike<T> extends Had<T> {
  readonly cluster: Draft<Cluster>;
  readonly usual: Had<T>;
}

/**
 * Gives the members of each cluster that have another value than most of its members; with as many of either, another
 * than the create node. `read` gives what a member has, or undefined where that is not known or is not to be compared.
 */
export function* unlikeOthers<T>(
  { clusters = [] }: Draft<Site>,
  read: (node: Draft<Node>) => Read<T> | undefined,
): Iterable<Unlike<T>> {
  for (const cluster of clusters) {
    if (!cluster) continue;
    const byValue = new Map<T, Draft<Node>[]>();
    for (const node of createNodeFirst(membersOf(cluster))) {
      const had = read(node);
      if (!had) continue;
      const same = byValue.get(had.value);
      if (same) same.push(node);
      else byValue.set(had.value, [node]);
    }
    if (byValue.size < 2) continue;
    let most: Draft<Node>[] = [];
    for (const same of byValue.values()) if (same.length > most.length) most = same;
    const usual = most.slice(0, 1).flatMap((node) => had(node, read))[0];
    for (const same of byValue.values()) {
      if (!usual || same === most) continue;
      for (const one of same.flatMap((node) => had(node, read))) yield { cluster, ...one, usual };
    }
  }
}

function had<T>(node: Draft<Node>, read: (node: Draft<Node>) => Read<T> | undefined): Had<T>[] {
  const found = read(node);
  return found ? [{ node, value: found.value, at: found.at() }] : [];
}

function createNodeFirst(members: readonly Draft<Node>[]): Draft<Node>[] {
  return [
    ...members.filter(({ mode }) => mode === 'create'),
    ...members.filter(({ mode }) => mode !== 'create'),
  ];
}
