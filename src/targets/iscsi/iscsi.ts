import { createHash } from 'node:crypto';
import { diskNodes, ISCSI_PROGRAMS, storedDisks } from '../../plan/iscsi.ts';
import type { SecretValues } from '../../secrets/source.ts';
import { iscsiSecrets, markChap } from '../../secrets/uses-of.ts';
import type { Site } from '../../site/model.ts';
import { insertPlaceholders, secretNames } from '../../source/placeholders.ts';
import { ISCSI, iscsiSecretsFile, PUT_TARGETS } from '../../tree/paths.ts';
import type { Target } from '../target.ts';

/** The files of the iSCSI server, with a target for each node that has a disk there, and the script that deploys them. */
export const iscsi: Target = {
  name: 'iscsi',
  *emit(site, render) {
    const { driver, store } = site.server.iscsi;
    const disks = servedDisks(site);
    // After the last disk is gone, the script must still remove its target.
    if (disks.length === 0 && site.images.length === 0) return;
    const isLio = driver === 'lio';
    if (isLio && disks.length > 0)
      yield { path: `${ISCSI}/lio/saveconfig.json`, content: lioConfig(site, disks) };
    for (const disk of isLio ? [] : disks) {
      const data = { site, store, ...disk, scsiId: disk.serial.slice(0, 24) };
      yield { path: `${ISCSI}/tgt/${disk.node.name}.conf`, content: render('iscsi/target.tgt', data) };
    }
    // The images of a pool are mapped on the server if its driver serves block devices.
    const maps = isLio && store.kind === 'rbd';
    if (maps && disks.length > 0) yield { path: `${ISCSI}/rbdmap`, content: rbdMap(store, disks) };
    const [program, secretsFile] = [ISCSI_PROGRAMS[driver], iscsiSecretsFile(site.name)];
    const head = render('iscsi/put-targets.sh', { site, store, driver, program, secretsFile, maps });
    // Appends the unchanged scripts to the head with the site's values, so that one file contains the whole.
    const parts = ['common', ...(maps ? ['rbd'] : []), driver];
    const content = head + parts.map((part) => render(`iscsi/put-${part}.sh`, {})).join('');
    yield { path: PUT_TARGETS, content, executable: true };
  },
};

type Pool = Extract<Site['server']['iscsi']['store'], { readonly kind: 'rbd' }>;

/** Returns the disks of a pool that the server maps. Source: rbdmap(8). */
function rbdMap({ id, keyring, conf }: Pool, disks: readonly ServedDisk[]): string {
  const options = [`id=${id}`, ...(keyring ? [`keyring=${keyring}`] : []), `conf=${conf}`].join(',');
  return disks.map(({ backing }) => `${backing} ${options}\n`).join('');
}

/**
 * Returns the disks of a site in the format of LIO's tools, with placeholders for secrets: a backstore and a target for each.
 * The deploying script adds the size of files. LIO identifies a client by its initiator name, not by its IP address.
 * Source: rtslib-fb, rtslib/root.py (dump, restore), rtslib/target.py and rtslib/tcm.py (dump, setup).
 */
function lioConfig(site: Site, disks: readonly ServedDisk[]): string {
  const { store, writeCache } = site.server.iscsi;
  const plugin = store.kind === 'rbd' ? 'block' : 'fileio';
  const config = {
    storage_objects: disks.map((disk) => ({
      plugin,
      name: disk.disk,
      dev: store.kind === 'rbd' ? `/dev/rbd/${disk.backing}` : disk.backing,
      // The kernel does not disable a block device's cache.
      ...(plugin === 'fileio' && { write_back: writeCache }),
      // The format of LIO's own serial numbers.
      wwn: disk.serial.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    })),
    targets: disks.map((disk) => ({ fabric: 'iscsi', wwn: disk.target, tpgs: [portalGroup(disk, plugin)] })),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function portalGroup({ iscsi, disk, chap }: ServedDisk, plugin: string) {
  const { lun, address, port, initiator } = iscsi;
  return {
    tag: 1,
    enable: true,
    attributes: { authentication: chap ? 1 : 0, generate_node_acls: 0, demo_mode_write_protect: 1 },
    luns: [{ index: lun, storage_object: `/backstores/${plugin}/${disk}` }],
    portals: [{ ip_address: address, port, iser: false, offload: false }],
    node_acls: [
      {
        node_wwn: initiator,
        ...(chap && { chap_userid: chap.user, chap_password: chap.password }),
        ...(chap?.targetPassword && {
          chap_mutual_userid: chap.targetUser,
          chap_mutual_password: chap.targetPassword,
        }),
        mapped_luns: [{ index: lun, tpg_lun: lun, write_protect: false }],
      },
    ],
  };
}

/** A node's disk on the site's own iSCSI server, with placeholders for secrets. */
type ServedDisk = ReturnType<typeof servedDisks>[number];

/** Returns the disks on the site's own iSCSI server. */
export function servedDisks(site: Site) {
  const { store } = site.server.iscsi;
  return storedDisks(site).map(({ node, iscsi, disk, addresses }) => ({
    node: { name: node.name },
    iscsi: { lun: iscsi.lun, address: iscsi.address, port: iscsi.port, initiator: iscsi.initiator },
    /** The name of the disk in the store. */
    disk,
    target: insertPlaceholders(iscsi.target),
    /** The raw file, or the pool and image of Ceph, that the server opens. */
    backing:
      store.kind === 'rbd'
        ? `${store.pool}/${disk}`
        : `${store.folder}/${store.format === 'raw' ? '' : 'exports/'}${disk}.raw`,
    addresses,
    chap: markChap(iscsi.chap),
    /**
     * 32 unique hexadecimal digits, by which operating systems identify disks. They are derived from the disk's name alone,
     * because the number of a target changes each time that the server starts.
     */
    serial: createHash('sha256').update(disk).digest('hex').slice(0, 32),
  }));
}

/** Returns the sorted names of the secrets in the targets of a site's own iSCSI server. */
export function targetSecrets(site: Site): string[] {
  const names = diskNodes(site).flatMap(({ node }) =>
    iscsiSecrets(node, site.server).flatMap(({ text }) => secretNames(text)),
  );
  return [...new Set(names)].sort();
}

/** Renders the file of put-targets.sh: a line `name value` for each secret, all checked. Only root may read it. */
export function iscsiValues(site: Site, values: SecretValues): string {
  return targetSecrets(site)
    .map((name) => `${name} ${values.get(name) ?? ''}\n`)
    .join('');
}
