import type { Site } from '../../site/model.ts';
import { iscsiSecretsFile, PUT_TARGETS } from '../../tree/paths.ts';
import type { Emitted, Render } from '../target.ts';

/** What people call the servers of targets. */
export const ISCSI_PROGRAMS = { tgt: 'tgt', lio: 'LIO', iet: 'IET' } as const;

/** Gives the script that brings the targets of a site to its iSCSI server. */
export function putTargets(site: Site, render: Render): Emitted {
  const { driver, store } = site.server.iscsi;
  const part = render(`iscsi/put-${driver}.sh`, { site, store });
  const content = render('iscsi/put-targets.sh', {
    site,
    store,
    driver,
    program: ISCSI_PROGRAMS[driver],
    secretsFile: iscsiSecretsFile(site.name),
    maps: driver !== 'tgt' && store.kind === 'rbd',
    part,
  });
  return { path: PUT_TARGETS, content, executable: true };
}
