import { FILE_SYSTEM_OVERHEAD } from '../knowledge/hosts.ts';
import { lacks, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { memoryMib, parseLinkSpeed, parseMemory, parseSize } from '../values/size.ts';
import type { DomainDisk, Facts, Host, HostDisk, Network, Node, Site } from './model.ts';

/** A number that a machine declares of itself, as it is written, and where. */
export interface Declared {
  readonly value: number;
  readonly text: string;
  readonly at: SourceLocation;
}

/** Gives the CPU threads that a machine declares; those of a virtual machine are its virtual CPUs. */
export function threadsOf({ vm, hardware }: Draft<Facts>): Declared | undefined {
  if (vm?.vcpus !== undefined) return declared(vm.vcpus, vm.vcpus, locationOf(vm, 'vcpus'));
  const threads = hardware?.threads;
  return hardware && threads !== undefined
    ? declared(threads, threads, locationOf(hardware, 'threads'))
    : undefined;
}

/** Gives the memory that a machine declares, in GiB. */
export function memoryOf({ vm, hardware }: Draft<Facts>): Declared | undefined {
  const holder = vm?.memory === undefined ? hardware : vm;
  const text = holder?.memory;
  if (!holder || text === undefined) return undefined;
  const bytes = parseMemory(text);
  return bytes === undefined ? undefined : declared(bytes / 2 ** 30, text, locationOf(holder, 'memory'));
}

/** Gives the link speed that a machine declares for its management NICs, in Mbit/s. */
export function linkSpeedOf({ hardware }: Draft<Facts>): Declared | undefined {
  const text = hardware?.link_speed;
  const speed = text === undefined ? undefined : parseLinkSpeed(text);
  if (!hardware || text === undefined || speed === undefined) return undefined;
  return declared(speed, text, locationOf(hardware, 'link_speed'));
}

function declared(value: number, text: string | number, at: SourceLocation): Declared {
  return { value, text: String(text), at };
}

/** The size of a host's data disk, its text and in bytes, and the bytes of files that fit on it. */
export interface Room {
  readonly text: string;
  readonly bytes: number;
  readonly free: number;
}

/** Gives the room on a data disk of the host; undefined where its size or file system is not known. */
export function roomOn({ size, filesystem }: Draft<HostDisk>): Room | undefined {
  const bytes = size === undefined ? undefined : parseSize(size);
  if (size === undefined || bytes === undefined || !filesystem) return undefined;
  const { share, fixed } = FILE_SYSTEM_OVERHEAD[filesystem];
  return { text: size, bytes, free: Math.max(0, Math.floor(bytes * (1 - share) - fixed)) };
}

/** Gives the size that a data disk of the host must have for so many bytes of files. */
export function diskFor(files: number, filesystem: HostDisk['filesystem']): number {
  const { share, fixed } = FILE_SYSTEM_OVERHEAD[filesystem];
  return Math.ceil((files + fixed) / (1 - share));
}

/** An image on the host, and whose it is. */
export interface Image {
  readonly node: Draft<Node>;
  readonly disk: Draft<DomainDisk>;
}

/** Gives the images of all domains that lie on a data disk of the host. */
export function imagesOn({ name }: Draft<HostDisk>, nodes: readonly (Draft<Node> | undefined)[]): Image[] {
  return nodes.flatMap((node) =>
    (node?.domain?.disks ?? []).flatMap((disk) =>
      node && disk && name !== undefined && disk.on?.name === name ? [{ node, disk }] : [],
    ),
  );
}

/**
 * Gives the bytes that an image takes on the host once the machine has written to all of its disk. Those of qcow2 have
 * tables beside the clusters of 64 KiB, 8 bytes for where each is and 2 for its use, and some clusters of its own.
 * Source: docs/interop/qcow2.txt of QEMU; `qemu-img measure` gives the same.
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

/** Gives the memory of the host in MiB, where it is said. */
export function memoryOfHost({ memory }: Draft<Host>): number | undefined {
  return memory === undefined ? undefined : memoryMib(memory);
}

/** What the host needs itself, in MiB: its kernel and services, and what QEMU takes beside the memory of each machine. */
export const HOST_ITSELF = 2048;

/**
 * Gives the machines that are no virtual ones and yet have a NIC on a network that libvirt makes, by network: none of
 * them is ever on it, since it exists on the host alone.
 */
export function offHost({
  host,
  nodes = [],
}: Pick<Draft<Site>, 'host' | 'nodes'>): ReadonlyMap<Draft<Network>, readonly Draft<Node>[]> {
  const found = new Map<Draft<Network>, Draft<Node>[]>();
  if (!host) return found;
  for (const node of nodes) {
    if (!node?.facts || !lacks(node.facts, 'vm')) continue;
    const made = (node.nics ?? []).flatMap((nic) => (nic?.network?.libvirt ? nic.network : []));
    for (const network of new Set(made)) {
      const those = found.get(network);
      if (those) those.push(node);
      else found.set(network, [node]);
    }
  }
  return found;
}
