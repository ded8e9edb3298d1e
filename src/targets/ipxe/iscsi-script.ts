import { markChap } from '../../secrets/mark-chap.ts';
import { driveText } from '../../site/drive.ts';
import type { IscsiBoot, Node, Site } from '../../site/model.ts';
import { markSecrets } from '../../source/marks.ts';
import { scriptPath, urlOf } from '../../tree/paths.ts';

/** Gives what the script of a node says that boots a disk by iSCSI; secrets in it are marks. */
export function iscsiScript(site: Site, node: Node, iscsi: IscsiBoot) {
  const { chap } = iscsi;
  return {
    site,
    node,
    iscsi,
    // Any NIC of its management network may be the one that its firmware boots from. One without a MAC has booted it.
    macs: node.bootNic.mac ? node.bond.flatMap(({ mac }) => mac ?? []) : [],
    // Of what iPXE may still have from an earlier script, what this one does not set.
    unset: [
      ...(chap ? [] : ['username', 'password']),
      ...(chap?.targetPassword ? [] : ['reverse-username', 'reverse-password']),
    ],
    chap: markChap(chap),
    uri: sanUri(iscsi),
    drive: driveText(node.drive),
    self: urlOf(site, scriptPath(node)),
  };
}

/**
 * Gives the URI of a disk as iPXE takes it: the number of the LUN is hexadecimal. Source: RFC 4173, 5, and iPXE,
 * src/drivers/block/scsi.c (scsi_parse_lun).
 */
export function sanUri({ address, port, lun, target }: IscsiBoot): string {
  return `iscsi:${address}:tcp:${port}:${lun.toString(16)}:${markSecrets(target)}`;
}
