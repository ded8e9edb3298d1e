import { declaredDisk, domainDisk, namesOf } from '../site/disks.ts';
import type { DomainDisk, Nic, Node } from '../site/model.ts';

/** A domain's disk or NIC that its firmware tries to boot from. */
export type BootDevice = { readonly disk: DomainDisk } | { readonly nic: Nic };

/** Returns the disk with a domain's system: the one that the node installs to, else the first. */
export function systemDisk({ domain, config, facts }: Node): DomainDisk | undefined {
  const device = config.install?.device;
  const declared = device === undefined ? undefined : declaredDisk(facts, device);
  const names = device === undefined ? [] : [device, ...(declared ? namesOf(declared) : [])];
  const found = domain?.disks.find((disk) => names.some((name) => domainDisk(domain, name) === disk));
  return found ?? domain?.disks[0];
}

/**
 * Returns the boot devices of a domain, in the order in which its firmware tries them: the disk of the system, the other
 * disks, and the NIC. The NIC is first on a machine that reinstalls at each boot, because its disk would otherwise always
 * boot. It is also first on a machine that gets its Linux or its disk from the network at each boot.
 * Every disk has a position in the order, because firmware skips devices without one if any device has one.
 */
export function bootOrder(node: Node): BootDevice[] {
  const { domain, install, os, iscsi, bootNic } = node;
  const system = systemDisk(node);
  if (!domain || !system) return [{ nic: bootNic }];
  const disks = [system, ...domain.disks.filter((disk) => disk !== system)].map((disk) => ({ disk }));
  const isDiskless = os === 'linux' || iscsi !== undefined;
  return install === 'always' || isDiskless ? [{ nic: bootNic }, ...disks] : [...disks, { nic: bootNic }];
}

/** The first hard disk in BIOS numbering, which iPXE also uses for UEFI. */
export const FIRST_DRIVE = 0x80;

/** Returns the number of a disk in the notation of iPXE's pages, 0x81; by default that of the first. */
export function driveText(drive: number = FIRST_DRIVE): string {
  return `0x${drive.toString(16)}`;
}
