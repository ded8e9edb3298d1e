import { declaredDisk, domainDisk, namesOf } from './disks.ts';
import type { DomainDisk, Nic, Node } from './model.ts';

/** A domain's disk or NIC: what its firmware tries to boot from. */
export type BootDevice = { readonly disk: DomainDisk } | { readonly nic: Nic };

/** Gives the disk that a domain's system is on: the one that the node installs to, else the first. */
export function systemDisk({ domain, config, facts }: Node): DomainDisk | undefined {
  const device = config.install?.device;
  const declared = device === undefined ? undefined : declaredDisk(facts, device);
  const names = device === undefined ? [] : [device, ...(declared ? namesOf(declared) : [])];
  const found = domain?.disks.find((disk) => names.some((name) => domainDisk(domain, name) === disk));
  return found ?? domain?.disks[0];
}

/**
 * Gives what a domain boots from, in the order in which its firmware tries it: the disk of the system, the other disks,
 * and the NIC. The NIC is first on a machine that reinstalls at each boot, since its disk would never let it ask the network, and
 * on one that gets its Linux, or its disk, from there at each boot.
 * Every disk has its place in the order, since firmware leaves out what has none where anything else has one.
 */
export function bootOrder(node: Node): BootDevice[] {
  const { domain, install, os, iscsi, bootNic } = node;
  const system = systemDisk(node);
  if (!domain || !system) return [{ nic: bootNic }];
  const disks = [system, ...domain.disks.filter((disk) => disk !== system)].map((disk) => ({ disk }));
  const isDiskless = os === 'linux' || iscsi !== undefined;
  return install === 'always' || isDiskless ? [{ nic: bootNic }, ...disks] : [...disks, { nic: bootNic }];
}
