import type { Site } from '../../site/model.ts';
import { iscsiSecretsFile, PUT_TARGETS } from '../../tree/paths.ts';
import { ISCSI_PROGRAMS } from '../iscsi/put-targets.ts';
import { servedDisks } from '../iscsi/served-disks.ts';
import { targetSecrets } from '../iscsi/values.ts';
import { diskUnit, sourceOf } from '../scripts/images.ts';

/** What the README says of the site's own iSCSI server; undefined where it has none. */
export function iscsiFacts(site: Site) {
  const disks = servedDisks(site);
  if (disks.length === 0 && site.images.length === 0) return undefined;
  const { address, driver, store } = site.server.iscsi;
  const secrets = site.server.secrets === undefined ? [] : targetSecrets(site);
  return {
    address,
    disks,
    machines: few(
      disks.map(({ node }) => node.name),
      'machines',
    ),
    program: ISCSI_PROGRAMS[driver],
    // The tree lies there already.
    isBootServer: address === site.server.host && !site.server.kubernetes,
    secrets,
    values: few(secrets, 'values'),
    secretsFile: iscsiSecretsFile(site.name),
    put: PUT_TARGETS,
    sources: [...new Set(site.images.flatMap((image) => sourceOf(image, site) ?? []))].sort(),
    copied: site.images.flatMap(({ name, snapshotOf }) => (snapshotOf ? { name, node: snapshotOf } : [])),
    service: { tgt: 'tgt', lio: 'rtslib-fb-targetctl', iet: undefined }[driver],
    unit: diskUnit(site),
    packages: packagesFor(site),
    where: store.kind === 'rbd' ? `the Ceph pool ${store.pool}` : store.folder,
  };
}

/** Names that a line has room for, else how many there are. */
const few = (names: readonly string[], what: string) =>
  names.length > 12 ? `${names.length} ${what}` : names.join(', ');

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
