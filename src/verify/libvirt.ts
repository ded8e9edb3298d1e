import { existsSync } from 'node:fs';
import { HOST_SETUP, libvirtNetworks } from '../tree/paths.ts';
import type { Run } from './findings.ts';

/** Checks, on the libvirt host itself, that every network of the site is active: libvirt creates its bridge then. */
export function verifyLibvirt({ site, findings }: Run): void {
  const networks = libvirtNetworks(site).flatMap(({ libvirt }) => libvirt ?? []);
  const inactive = networks.filter(({ bridge }) => !existsSync(`/sys/class/net/${bridge}`));
  // Another machine has none of the bridges.
  if (networks.length > 0 && inactive.length === networks.length)
    findings.notes.add(
      'the networks of libvirt were not checked: this machine is not the host, or none is active',
    );
  else
    for (const { name, bridge } of inactive)
      findings.add(
        'libvirt',
        `the network ${name} is not active: it has no bridge ${bridge}`,
        `\`virsh net-start ${name}\`; if it is not defined, run ${HOST_SETUP}`,
      );
}
