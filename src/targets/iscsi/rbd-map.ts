import type { RbdStore } from '../../site/model-server.ts';
import type { ServedDisk } from './served-disks.ts';

/** Gives the lines of rbdmap(8) that map the disks of a site on the iSCSI server, whose driver serves block devices. */
export function rbdMap({ id, keyring, conf }: RbdStore, disks: readonly ServedDisk[]): string {
  const options = [`id=${id}`, ...(keyring ? [`keyring=${keyring}`] : []), `conf=${conf}`].join(',');
  return disks.map(({ backing }) => `${backing} ${options}\n`).join('');
}
