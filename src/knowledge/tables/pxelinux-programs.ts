/**
 * What a BIOS loads by TFTP that boots by PXELINUX, and where distributions have it. PXELINUX looks for ldlinux.c32 beside
 * itself, menu.c32 for libutil.c32, and libcom32.c32 is what other modules want. Sources: the lists of files of Debian's packages
 * pxelinux, syslinux-common and ipxe; syslinux.spec and ipxe.spec of Fedora and RHEL (packages syslinux, syslinux-nonlinux and
 * ipxe-bootimgs-x86) and of openSUSE (syslinux, ipxe-bootimgs); Syslinux' wiki, PXELINUX and Library modules.
 */

/** The program that DHCP has firmware load. */
export const PXELINUX = 'lpxelinux.0';

/** The iPXE that PXELINUX loads, as a kernel is. */
export const IPXE_KERNEL = 'ipxe.lkrn';

/** A file of PXELINUX', and where it may be. */
export interface PxelinuxProgram {
  readonly name: string;
  /** Of Debian. */
  readonly package: string;
  /** In the order in which they are looked for. */
  readonly paths: readonly string[];
}

const MODULES = ['ldlinux.c32', 'menu.c32', 'libutil.c32', 'libcom32.c32'];

export const PXELINUX_PROGRAMS: readonly PxelinuxProgram[] = [
  {
    name: PXELINUX,
    package: 'pxelinux',
    paths: [`/usr/lib/PXELINUX/${PXELINUX}`, `/usr/share/syslinux/${PXELINUX}`],
  },
  ...MODULES.map((name) => ({
    name,
    package: 'syslinux-common',
    paths: [`/usr/lib/syslinux/modules/bios/${name}`, `/usr/share/syslinux/${name}`],
  })),
  {
    name: IPXE_KERNEL,
    package: 'ipxe',
    paths: [`/usr/lib/ipxe/${IPXE_KERNEL}`, `/usr/share/ipxe/${IPXE_KERNEL}`],
  },
];
