import type { Draft } from './draft.ts';
import type { Cluster, Node } from './model.ts';

/** Counts the members of a cluster that hold volumes: all but the witness. */
export function storageNodes(cluster: Draft<Cluster>): number {
  return membersOf(cluster).filter(({ role, said }) => (role ?? said?.install?.role) !== 'witness').length;
}

const known = new WeakMap<object, readonly Draft<Node>[]>();

/** Gives the members of a cluster that are known. Gone through once for a cluster, since many rules ask for them. */
export function membersOf({ members = [] }: Draft<Cluster>): readonly Draft<Node>[] {
  let those = known.get(members);
  if (!those) {
    those = members.flatMap((node) => node ?? []);
    known.set(members, those);
  }
  return those;
}

/** Gives the first node that creates a cluster: what concerns the whole of it stands in that node's configuration. */
export function createNode(cluster: Draft<Cluster>): Draft<Node> | undefined {
  return cluster.members?.find((node) => node?.mode === 'create');
}
