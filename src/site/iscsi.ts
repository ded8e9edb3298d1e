import { hasLocation, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { contains, type Ipv4 } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import type { BootInput, IscsiBoot, Network, Nic, Node } from './model.ts';
import type { Server } from './model-server.ts';

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

/**
 * Gives the LUN of a target that a disk is, by a text that no other has; undefined where it is not known, and at a link-local
 * address, where each machine has a server of its own: a cloud's hypervisor, which calls every boot volume the same.
 */
export function lunKey({ address, port, target, lun }: Draft<IscsiBoot>): string | undefined {
  if (!target || lun === undefined || !address || address.startsWith('169.254.')) return undefined;
  return `${address} ${port} ${target} ${lun}`;
}

/** An address of the iSCSI server that the inventory says, in which words, and where. */
export interface IscsiAddress {
  readonly address: Ipv4;
  readonly whose: string;
  readonly at: SourceLocation;
}

/** Gives the addresses of the iSCSI server as machines of a network know it. What is not said is the boot server's. */
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

/** Gives the addresses of somebody else's iSCSI servers, each as the first node says it that has a target there. */
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
