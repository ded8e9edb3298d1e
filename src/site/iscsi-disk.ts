import type { Draft } from '../values/draft.ts';
import { contains } from '../values/ipv4.ts';
import type { IscsiBoot, Nic, Node } from './model.ts';

type Wired = Draft<Pick<Node, 'iscsi' | 'nics' | 'bootNic'>>;

/**
 * Gives the name that the kernel's udev has for a disk by iSCSI, which is the same in the installer and in what it installs;
 * undefined where something of it is not known. The target's name in it may refer to a secret.
 * Source: systemd, src/udev/udev-builtin-path_id.c (handle_scsi_iscsi, format_lun_number).
 */
export function iscsiDevice({ address, port, target, lun }: Draft<IscsiBoot>): string | undefined {
  if (!address || port === undefined || !target || lun === undefined) return undefined;
  return `/dev/disk/by-path/ip-${address}:${port}-iscsi-${target}-lun-${lun}`;
}

/** Gives the NIC by which a node reaches its disk: that of the network that the iSCSI server is in, else the one that it boots from. */
export function iscsiNic({ iscsi, nics = [], bootNic }: Wired): Draft<Nic> | undefined {
  const leadsThere = (nic: Draft<Nic> | undefined) =>
    iscsi?.address !== undefined && nic?.network?.subnet && contains(nic.network.subnet, iscsi.address);
  return leadsThere(bootNic) ? bootNic : (nics.find(leadsThere) ?? bootNic);
}
