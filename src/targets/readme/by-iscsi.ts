import type { Node } from '../../site/model.ts';

/** Says in a few words which disk a machine has by iSCSI; nothing where it has none. */
export function byIscsi({ os, iscsi }: Node): string {
  if (!iscsi) return '';
  if (os === 'harvester') return ', on a disk by iSCSI';
  return iscsi.image ? `a disk by iSCSI, of ${iscsi.image.name}` : `a disk by iSCSI, of ${iscsi.address}`;
}
