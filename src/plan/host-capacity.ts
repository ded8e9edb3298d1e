import { type CloudSize, knownSize, smallestSize } from '../knowledge/cloud-sizes.ts';
import { FILE_SYSTEM_OVERHEAD } from '../knowledge/hosts.ts';
import type { DomainDisk, Host, Network, Node, Site } from '../site/model.ts';
import type { HostDisk } from '../site/model-host.ts';
import { lacks, mayHaveMore } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { grouped } from '../values/grouped.ts';
import { memoryMib, parseSize } from '../values/size.ts';

/** The size of a host's data disk as text and in bytes, and the bytes available for files. */
export interface Room {
  readonly text: string;
  readonly bytes: number;
  readonly free: number;
}

/** Returns the space on a data disk of the host, or undefined if its size or file system is unknown. */
export function roomOn({ size, filesystem }: Draft<HostDisk>): Room | undefined {
  const bytes = size === undefined ? undefined : parseSize(size);
  if (size === undefined || bytes === undefined || !filesystem) return undefined;
  const { share, fixed } = FILE_SYSTEM_OVERHEAD[filesystem];
  return { text: size, bytes, free: Math.max(0, Math.floor(bytes * (1 - share) - fixed)) };
}

/** Returns the size that a data disk of the host needs for a number of bytes of files. */
export function diskFor(files: number, filesystem: HostDisk['filesystem']): number {
  const { share, fixed } = FILE_SYSTEM_OVERHEAD[filesystem];
  return Math.ceil((files + fixed) / (1 - share));
}

/** An image on the host, and its owner. */
export interface Image {
  readonly node: Draft<Node>;
  readonly disk: Draft<DomainDisk>;
}

/** Returns the images of all domains on a data disk of the host. */
export function imagesOn({ name }: Draft<HostDisk>, nodes: readonly (Draft<Node> | undefined)[]): Image[] {
  return nodes.flatMap((node) =>
    (node?.domain?.disks ?? []).flatMap((disk) =>
      node && disk && name !== undefined && disk.on?.name === name ? [{ node, disk }] : [],
    ),
  );
}

/**
 * Returns the bytes of an image on the host after the machine has written to its whole disk. A qcow2 image adds tables to its
 * clusters of 64 KiB, 8 bytes for the position of each and 2 for its use, and some clusters of its own.
 * Source: docs/interop/qcow2.txt of QEMU; `qemu-img measure` returns the same size.
 */
export function grownSize({ size, format }: Draft<DomainDisk>): number {
  if (size === undefined) return 0;
  if (format === 'raw') return size;
  const clusters = Math.ceil(size / QCOW2_CLUSTER);
  const tables = Math.ceil((clusters * 8) / QCOW2_CLUSTER) + Math.ceil((clusters * 2) / QCOW2_CLUSTER);
  return (clusters + tables + QCOW2_OWN) * QCOW2_CLUSTER;
}

const QCOW2_CLUSTER = 65_536;

/** The header, the tables of tables, and the first block of each. */
const QCOW2_OWN = 8;

/** Returns the memory of the host in MiB, if it is set. */
export function memoryOfHost({ memory }: Draft<Host>): number | undefined {
  return memory === undefined ? undefined : memoryMib(memory);
}

/** The memory of the host itself, in MiB: its kernel and services, and the overhead of QEMU for each machine. */
export const HOST_ITSELF = 2048;

/**
 * Returns the machines that are not virtual but have a NIC on a network of libvirt, by network. They can never be on it,
 * because it exists only on the host.
 */
export function offHost({
  host,
  nodes = [],
}: Pick<Draft<Site>, 'host' | 'nodes'>): ReadonlyMap<Draft<Network>, readonly Draft<Node>[]> {
  const found = nodes.flatMap((node) => {
    if (!host || !node?.facts || mayHaveMore(node) || !lacks(node.facts, 'vm')) return [];
    const made = (node.nics ?? []).flatMap((nic) => (nic?.network?.libvirt ? nic.network : []));
    return [...new Set(made)].map((network) => [network, node] as const);
  });
  return grouped(found);
}

/** Returns the CPUs of all virtual machines of a site and their memory in GiB; undefined if one is unknown. */
export function machinesTotal({
  nodes = [],
}: Pick<Draft<Site>, 'nodes'>): Pick<CloudSize, 'threads' | 'gib'> | undefined {
  const domains = nodes.flatMap((node) => node?.domain ?? []);
  const [threads, mib] = [0, 0].map((_, index) =>
    domains.reduce((sum, domain) => sum + ((index === 0 ? domain.vcpus : domain.memory) ?? Number.NaN), 0),
  ) as [number, number];
  return Number.isNaN(threads + mib) ? undefined : { threads, gib: mib / 1024 };
}

/** Returns the size of a site's cloud VM: its name and, if they are known, its threads and memory. */
export function cloudSizeOf(site: Pick<Draft<Site>, 'host' | 'nodes'>): Partial<CloudSize> | undefined {
  const { provider, region, size } = site.host?.cloud ?? {};
  if (!provider || size === undefined) return undefined;
  if (size !== 'auto') return knownSize(provider, size) ?? { name: size };
  const total = machinesTotal(site);
  return total && region !== undefined ? smallestSize(provider, region, total) : undefined;
}

/** The room for the operating system, packages and the media of releases, in GiB. */
const OS_GIB = 50;

/** The least room for them: the system and its packages, and the media of one release. */
export const LEAST_OS_GIB = 20;

/** The subnet of a new network, by default. */
export const NEW_NETWORK = '10.10.0.0/24';

/** Returns the size of the OS disk in GiB: by default with room for all images that are on no data disk. */
export function osDiskGib({ host, nodes }: Pick<Site, 'host' | 'nodes'>): number {
  const size = host?.cloud?.osDisk.size;
  if (size !== undefined) return gib(size);
  const images = nodes.flatMap(({ domain }) => domain?.disks ?? []).filter(({ on }) => !on);
  return OS_GIB + imagesGib(images);
}

/** Returns the room for full-grown images, in GiB. */
export function imagesGib(images: readonly Draft<DomainDisk>[]): number {
  return Math.ceil(images.reduce((sum, disk) => sum + grownSize(disk), 0) / 2 ** 30);
}

/** Returns a size of the inventory in whole GiB, rounded up. */
export function gib(size: string): number {
  return Math.ceil((parseSize(size) ?? 0) / 2 ** 30);
}
