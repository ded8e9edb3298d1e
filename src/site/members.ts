import type { Draft } from './draft.ts';
import type { Cluster, Node } from './model.ts';

/** Gives the members of a cluster that can hold etcd and the control plane: those that are neither worker nor witness. */
export function managementNodes(cluster: Draft<Cluster>): Draft<Node>[] {
  return membersOf(cluster).filter(({ role }) => role !== 'worker' && role !== 'witness');
}

/** Counts the members of a cluster that hold volumes: all but the witness. */
export function storageNodes(cluster: Draft<Cluster>): number {
  return membersOf(cluster).filter(({ role }) => role !== 'witness').length;
}

/** Gives the members of a cluster that are known. */
export function membersOf({ members }: Draft<Cluster>): Draft<Node>[] {
  return (members ?? []).flatMap((node) => node ?? []);
}
