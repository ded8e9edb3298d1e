/**
 * Where iPXE's programs come from: Debian's package `ipxe` has the first three in /usr/lib/ipxe; the others are built in
 * iPXE's source folder `src`. Source: the package's list of files in Debian 12; iPXE, src/Makefile.
 */

/** How a program is had. */
export interface ProgramSource {
  /** What make builds it as. */
  readonly build: string;
  /** The Debian package that has it. */
  readonly package?: string;
}

/** By the name that DHCP gives to firmware, and PXELINUX' menu to PXELINUX. */
export const IPXE_PROGRAMS: Readonly<Record<string, ProgramSource>> = {
  'undionly.kpxe': { build: 'bin/undionly.kpxe', package: 'ipxe' },
  'ipxe.lkrn': { build: 'bin/ipxe.lkrn', package: 'ipxe' },
  'snponly.efi': { build: 'bin-x86_64-efi/snponly.efi', package: 'ipxe' },
  'snponly-i386.efi': { build: 'bin-i386-efi/snponly.efi' },
  'snponly-arm64.efi': { build: 'bin-arm64-efi/snponly.efi' },
};
