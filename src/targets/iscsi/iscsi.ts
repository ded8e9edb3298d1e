import type { Site } from '../../site/model.ts';
import { ISCSI } from '../../tree/paths.ts';
import type { Emitted, Render, Target } from '../target.ts';
import { ietFiles } from './iet.ts';
import { lioConfig } from './lio.ts';
import { putTargets } from './put-targets.ts';
import { rbdMap } from './rbd-map.ts';
import { type ServedDisk, servedDisks } from './served-disks.ts';

/** What the iSCSI server reads: a target for each node that has a disk there. And what brings it there. */
export const iscsi: Target = {
  name: 'iscsi',
  *emit(site, render) {
    const disks = servedDisks(site);
    if (disks.length > 0) yield* serverFiles(site, disks, render);
    // Where the last of them has gone, its target is still to be taken away.
    if (disks.length > 0 || site.images.length > 0) yield putTargets(site, render);
  },
};

function* serverFiles(site: Site, disks: readonly ServedDisk[], render: Render): Iterable<Emitted> {
  const { driver, store } = site.server.iscsi;
  if (driver === 'lio') yield { path: `${ISCSI}/lio/saveconfig.json`, content: lioConfig(site, disks) };
  else if (driver === 'iet') yield* ietFiles(site, disks, render);
  else
    for (const disk of disks)
      yield {
        path: `${ISCSI}/tgt/${disk.node.name}.conf`,
        content: render('iscsi/target.tgt', { site, store, ...disk, scsiId: disk.serial.slice(0, 24) }),
      };
  if (driver !== 'tgt' && store.kind === 'rbd')
    yield { path: `${ISCSI}/rbdmap`, content: rbdMap(store, disks) };
}
