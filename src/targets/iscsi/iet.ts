import type { Site } from '../../site/model.ts';
import { ISCSI } from '../../tree/paths.ts';
import type { Emitted, Render } from '../target.ts';
import type { ServedDisk } from './served-disks.ts';

/** Gives what IET's daemon reads, and from where each node may ask. Source: iscsitarget, ietd.conf(5) and etc/initiators.allow. */
export function* ietFiles(site: Site, disks: readonly ServedDisk[], render: Render): Iterable<Emitted> {
  const { store, writeCache } = site.server.iscsi;
  const data = {
    site,
    disks: disks.map((disk) => ({
      ...disk,
      path: store.kind === 'rbd' ? `/dev/rbd/${disk.backing}` : disk.backing,
      type: store.kind === 'rbd' ? 'blockio' : 'fileio',
      // It takes 16 characters of each.
      scsiId: disk.serial.slice(0, 16),
      // Of a block device it passes it over.
      mode: writeCache && store.kind === 'files' ? 'wb' : undefined,
    })),
  };
  yield { path: `${ISCSI}/iet/ietd.conf`, content: render('iscsi/targets.iet', data) };
  yield { path: `${ISCSI}/iet/initiators.allow`, content: render('iscsi/initiators.iet', data) };
}
