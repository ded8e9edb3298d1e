import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';
import type { Cluster, Node } from './model.ts';

/** Counts the members of a cluster that hold volumes: all but the witness. */
export function storageNodes(cluster: Draft<Cluster>): number {
  return membersOf(cluster).filter(({ role, said }) => (role ?? said?.install?.role) !== 'witness').length;
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
