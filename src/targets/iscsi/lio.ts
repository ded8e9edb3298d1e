import type { Site } from '../../site/model.ts';
import type { ServedDisk } from './served-disks.ts';

/**
 * Gives the disks of a site as LIO's tools save them, secrets as marks: a backstore and a target for each. A file's size is not known
 * here, and what puts this adds it. LIO knows who asks by the name that it gives itself, and not by its address.
 * Source: rtslib-fb, rtslib/root.py (dump, restore), rtslib/target.py and rtslib/tcm.py (dump, setup).
 */
export function lioConfig(site: Site, disks: readonly ServedDisk[]): string {
  const { store, writeCache } = site.server.iscsi;
  const plugin = store.kind === 'rbd' ? 'block' : 'fileio';
  const config = {
    storage_objects: disks.map(({ disk, backing, serial }) => ({
      plugin,
      name: disk,
      dev: store.kind === 'rbd' ? `/dev/rbd/${backing}` : backing,
      // The kernel does not take a block device's cache away.
      ...(plugin === 'fileio' && { write_back: writeCache }),
      wwn: uuidOf(serial),
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

/** The form in which LIO makes serial numbers of its own. */
function uuidOf(serial: string): string {
  return serial.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
