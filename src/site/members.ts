import type { Draft } from './draft.ts';
import type { Cluster, Node } from './model.ts';

/** Counts the members of a cluster that hold volumes: all but the witness. */
export function storageNodes(cluster: Draft<Cluster>): number {
  return membersOf(cluster).filter(({ role, said }) => (role ?? said?.install?.role) !== 'witness').length;
}

/** Gives the members of a cluster that are known. */
export function membersOf({ members }: Draft<Cluster>): Draft<Node>[] {
  return (members ?? []).flatMap((node) => node ?? []);
}

/** Gives the first node that creates a cluster: what concerns the whole of it stands in that node's configuration. */
export function createNode(cluster: Draft<Cluster>): Draft<Node> | undefined {
  return membersOf(cluster).find(({ mode }) => mode === 'create');
}
