import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../knowledge/boot-programs.ts';
import { loaderKindOf } from '../plan/programs.ts';
import type { Site } from '../site/model.ts';
import { UserError } from '../values/user-error.ts';
import { kernels } from './initramfs.ts';
import type { Rehearsal } from './kinds.ts';
import { IPXE_FOLDER } from './servers.ts';

/** Throws UserError with every program and file that a rehearsal lacks, and Debian's package of each. */
export function requirePrograms(site: Site, rehearsals: readonly Rehearsal[]): void {
  const missing = [...neededBy(site, rehearsals)].filter(([program]) => !isThere(program));
  if (kernels().length === 0)
    missing.push(['a kernel in /boot that you may read, with its modules', 'linux-image-cloud-amd64']);
  if (!existsSync('/dev/net/tun')) missing.push(['/dev/net/tun', 'the kernel module tun']);
  if (missing.length === 0) return;
  const lines = missing.map(([program, source]) => `  ${program} (${source})`);
  throw new UserError(
    `the rehearsal needs programs that are missing, with their Debian packages:\n${lines.join('\n')}`,
  );
}

/** Returns the programs and files of the boots, with their Debian packages. */
function neededBy(site: Site, rehearsals: readonly Rehearsal[]): Map<string, string> {
  const needed = new Map([
    ['qemu-system-x86_64', 'qemu-system-x86'],
    ['nginx', 'nginx-light'],
    ['dnsmasq', 'dnsmasq-base'],
    ['ip', 'iproute2'],
    ['unshare', 'util-linux'],
    ['cpio', 'cpio'],
    ['modprobe', 'kmod'],
    ['/bin/busybox', 'busybox-static'],
  ]);
  for (const { dhcp } of site.networks)
    if (isOwnDhcpServer(dhcp?.server) && dhcp.server !== 'dnsmasq')
      needed.set(DAEMONS[dhcp.server], OWN_DHCP_SERVERS[dhcp.server].package);
  for (const { node, firmware, disk } of rehearsals) {
    if (firmware === 'bios-pxe')
      needed
        .set('/usr/lib/ipxe/qemu/pxe-virtio.rom', 'ipxe-qemu')
        .set(join(IPXE_FOLDER, 'undionly.kpxe'), 'ipxe');
    if (firmware === 'bios-embedded') needed.set(join(IPXE_FOLDER, 'ipxe.lkrn'), 'ipxe');
    if (firmware.startsWith('uefi'))
      needed.set('/usr/share/OVMF/OVMF_CODE_4M.fd', 'ovmf').set(join(IPXE_FOLDER, 'snponly.efi'), 'ipxe');
    if (firmware.startsWith('uefi') && (disk === 'installed' || node.loader === 'grub')) {
      needed
        .set('grub-mkimage', 'grub-common')
        .set('/usr/lib/grub/x86_64-efi/moddep.lst', 'grub-efi-amd64-bin');
      needed.set('mkfs.fat', 'dosfstools').set('mcopy', 'mtools');
    }
    if (node.iscsi) needed.set('tgtd', 'tgt').set('tgt-admin', 'tgt');
    if (loaderKindOf(node) === 'pxelinux')
      needed
        .set('/usr/lib/PXELINUX/lpxelinux.0', 'pxelinux')
        .set('/usr/lib/syslinux/modules/bios/menu.c32', 'syslinux-common');
  }
  return needed;
}

const DAEMONS = { isc: 'dhcpd', kea: 'kea-dhcp4', coredhcp: 'coredhcp' } as const;

/** Whether a file is there, or a program in a directory of root's PATH. */
function isThere(name: string): boolean {
  if (name.startsWith('/')) return existsSync(name);
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).includes(name));
}
