import type { IscsiServer } from '../../site/model-server.ts';

/** Gives what a target serves as a disk of the store: an image of Ceph's, or a raw file. */
export function backingOf(store: IscsiServer['store'], disk: string): string {
  if (store.kind === 'rbd') return `${store.pool}/${disk}`;
  return store.format === 'raw' ? `${store.folder}/${disk}.raw` : `${store.folder}/exports/${disk}.raw`;
}
