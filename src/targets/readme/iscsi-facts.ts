import type { Site } from '../../site/model.ts';
import { servedDisks } from '../iscsi/served-disks.ts';
import { targetSecrets } from '../iscsi/values.ts';
import { iscsiSecretsFile, PUT_TARGETS } from '../paths.ts';

const PROGRAMS = { tgt: 'tgt', lio: 'LIO', iet: 'IET' } as const;

/** What the README says of the site's own iSCSI server; undefined where it has none. */
export function iscsiFacts(site: Site) {
  const disks = servedDisks(site);
  if (disks.length === 0 && site.images.length === 0) return undefined;
  const { address, driver, store } = site.server.iscsi;
  return {
    address,
    disks,
    program: PROGRAMS[driver],
    // The tree lies there already.
    isBootServer: address === site.server.host && !site.server.kubernetes,
    secrets: site.server.secrets === undefined ? [] : targetSecrets(site),
    secretsFile: iscsiSecretsFile(site.name),
    put: PUT_TARGETS,
    where: store.kind === 'rbd' ? `the Ceph pool ${store.pool}` : store.folder,
  };
}
