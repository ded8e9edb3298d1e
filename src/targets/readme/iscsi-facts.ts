import type { Site } from '../../site/model.ts';
import { ISCSI_PROGRAMS } from '../iscsi/put-targets.ts';
import { servedDisks } from '../iscsi/served-disks.ts';
import { targetSecrets } from '../iscsi/values.ts';
import { iscsiSecretsFile, PUT_TARGETS } from '../paths.ts';
import { diskUnit } from '../scripts/images.ts';

/** What the README says of the site's own iSCSI server; undefined where it has none. */
export function iscsiFacts(site: Site) {
  const disks = servedDisks(site);
  if (disks.length === 0 && site.images.length === 0) return undefined;
  const { address, driver, store } = site.server.iscsi;
  return {
    address,
    disks,
    program: ISCSI_PROGRAMS[driver],
    // The tree lies there already.
    isBootServer: address === site.server.host && !site.server.kubernetes,
    secrets: site.server.secrets === undefined ? [] : targetSecrets(site),
    secretsFile: iscsiSecretsFile(site.name),
    put: PUT_TARGETS,
    unit: diskUnit(site),
    packages: packagesFor(site),
    where: store.kind === 'rbd' ? `the Ceph pool ${store.pool}` : store.folder,
  };
}

/** What Debian calls the packages of all that put-targets.sh and images.sh run. It has none of IET any more. */
function packagesFor(site: Site): string[] {
  const { driver, store } = site.server.iscsi;
  const serving = { tgt: ['tgt'], lio: ['targetcli-fb'], iet: [] }[driver];
  return [
    ...serving,
    ...(store.kind === 'rbd' ? [...(driver === 'tgt' ? ['tgt-rbd'] : []), 'ceph-common'] : []),
    'qemu-utils',
    ...(diskUnit(site) ? ['qemu-system-common'] : []),
  ];
}
