import { contains } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import type { IscsiBoot, Nic, Node } from './model.ts';

type Wired = Draft<Pick<Node, 'iscsi' | 'nics' | 'bootNic'>>;

/**
 * Returns udev's name of an iSCSI disk, which is the same in the installer and in the installed system, or undefined if a part
 * of it is unknown. The target name in it may refer to a secret.
 * Source: systemd, src/udev/udev-builtin-path_id.c (handle_scsi_iscsi, format_lun_number).
 */
export function iscsiDevice({ address, port, target, lun }: Draft<IscsiBoot>): string | undefined {
  if (!address || port === undefined || !target || lun === undefined) return undefined;
  return `/dev/disk/by-path/ip-${address}:${port}-iscsi-${target}-lun-${lun}`;
}

/** Returns the NIC by which a node reaches its disk: on the network of the iSCSI server, else its boot NIC. */
export function iscsiNic({ iscsi, nics = [], bootNic }: Wired): Draft<Nic> | undefined {
  const leadsThere = (nic: Draft<Nic> | undefined) =>
    iscsi?.address !== undefined && nic?.network?.subnet && contains(nic.network.subnet, iscsi.address);
  return leadsThere(bootNic) ? bootNic : (nics.find(leadsThere) ?? bootNic);
}

/**
 * Returns a unique text for a disk's target and LUN, or undefined if it is unknown. Also undefined for a link-local address,
 * where each machine has its own server: a cloud's hypervisor, which uses one name for every boot volume.
 */
export function lunKey({ address, port, target, lun }: Draft<IscsiBoot>): string | undefined {
  if (!target || lun === undefined || !address || address.startsWith('169.254.')) return undefined;
  return `${address} ${port} ${target} ${lun}`;
}
