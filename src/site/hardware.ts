import { FILE_SYSTEM_OVERHEAD } from '../knowledge/hosts.ts';
import { lacks, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { grouped } from '../values/grouped.ts';
import { memoryMib, parseLinkSpeed, parseMemory, parseSize } from '../values/size.ts';
import type { DomainDisk, Facts, Host, Network, Node, Site } from './model.ts';
import type { HostDisk } from './model-host.ts';

/** A number that a machine declares, in its original form, with its source location. */
export interface Declared {
  readonly value: number;
  readonly text: string;
  readonly at: SourceLocation;
}

/** Returns the CPU threads that a machine declares; for a virtual machine, its virtual CPUs. */
export function threadsOf({ vm, hardware }: Draft<Facts>): Declared | undefined {
  if (vm?.vcpus !== undefined) return declared(vm.vcpus, vm.vcpus, locationOf(vm, 'vcpus'));
  const threads = hardware?.threads;
  return hardware && threads !== undefined
    ? declared(threads, threads, locationOf(hardware, 'threads'))
    : undefined;
}

/** Returns the memory that a machine declares, in GiB. */
export function memoryOf({ vm, hardware }: Draft<Facts>): Declared | undefined {
  const holder = vm?.memory === undefined ? hardware : vm;
  const text = holder?.memory;
  if (!holder || text === undefined) return undefined;
  const bytes = parseMemory(text);
  return bytes === undefined ? undefined : declared(bytes / 2 ** 30, text, locationOf(holder, 'memory'));
}

/** Returns the link speed that a machine declares for its management NICs, in Mbit/s. */
export function linkSpeedOf({ hardware }: Draft<Facts>): Declared | undefined {
  const text = hardware?.link_speed;
  const speed = text === undefined ? undefined : parseLinkSpeed(text);
  if (!hardware || text === undefined || speed === undefined) return undefined;
  return declared(speed, text, locationOf(hardware, 'link_speed'));
}

function declared(value: number, text: string | number, at: SourceLocation): Declared {
  return { value, text: String(text), at };
}

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
    if (!host || !node?.facts || !lacks(node.facts, 'vm')) return [];
    const made = (node.nics ?? []).flatMap((nic) => (nic?.network?.libvirt ? nic.network : []));
    return [...new Set(made)].map((network) => [network, node] as const);
  });
  return grouped(found);
}
