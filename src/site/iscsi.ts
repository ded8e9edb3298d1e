import { hasLocation, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { contains, type Ipv4 } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import type { BootInput, IscsiBoot, Network, Nic, Node } from './model.ts';
import type { Server } from './model-server.ts';

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

/** An IP address of the iSCSI server in the inventory, with its key and source location. */
export interface IscsiAddress {
  readonly address: Ipv4;
  readonly whose: string;
  readonly at: SourceLocation;
}

/** Returns the iSCSI server's IP addresses for the machines of a network. The default is the boot server's. */
export function* iscsiAddresses(
  network: Draft<Network> | undefined,
  server: Draft<Server> | undefined,
): Iterable<IscsiAddress> {
  if (network?.iscsi)
    yield {
      address: network.iscsi,
      whose: `the iSCSI server on ${network.name}`,
      at: locationOf(network, 'iscsi'),
    };
  const { iscsi } = server ?? {};
  if (iscsi?.address && hasLocation(iscsi, 'address'))
    yield { address: iscsi.address, whose: 'the iSCSI server', at: locationOf(iscsi, 'address') };
}

/** Returns the IP addresses of external iSCSI servers, each with the first node that has a target there. */
export function foreignIscsiAddresses(
  nodes: readonly (Draft<Node> | undefined)[],
): ReadonlyMap<Ipv4, IscsiAddress> {
  const found = new Map<Ipv4, IscsiAddress>();
  for (const node of nodes) {
    const { iscsi, boot, name } = node ?? {};
    const { target, server } = (boot ?? {}) as BootInput;
    const address = iscsi?.address;
    if (!iscsi || !address || target === undefined || server !== address || found.has(address)) continue;
    found.set(address, { address, whose: `the iSCSI server of ${name}`, at: locationOf(iscsi, 'address') });
  }
  return found;
}
