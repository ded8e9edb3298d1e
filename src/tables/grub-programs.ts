/**
 * GRUB's programs for machines that boot from the network, and where Debian's packages have them. Sources: the lists of files
 * of grub-efi-amd64-bin, grub-efi-arm64-bin, grub-efi-amd64-signed and shim-signed in Debian 12. Each of these GRUBs speaks TFTP
 * and HTTP, and reads `/grub/grub.cfg` from where it was loaded (debian/build-efi-images).
 */

/** The Debian package that has a program, and where it puts it. */
export interface GrubSource {
  readonly package: string;
  readonly path: string;
}

/** What firmware of an architecture loads, by what it is to come to. */
export interface GrubLoaders {
  readonly grub: string;
  /** What firmware with Secure Boot runs. It loads `second` from beside itself, and verifies that. */
  readonly shim: string;
  readonly second: string;
}

const AMD64: GrubLoaders = { grub: 'grubnetx64.efi', shim: 'shimx64.efi', second: 'grubx64.efi' };
const ARM64: GrubLoaders = { grub: 'grubnetaa64.efi', shim: 'shimaa64.efi', second: 'grubaa64.efi' };

/** By the names of `DHCP_ARCHITECTURES`; there is no GRUB for those that are not here: their firmware loads iPXE. */
export const GRUB_LOADERS: Readonly<Record<string, GrubLoaders>> = {
  'efi-x86_64': AMD64,
  'http-x86_64': AMD64,
  'efi-arm64': ARM64,
  'http-arm64': ARM64,
};

/** By the name that DHCP gives to firmware, and that shim looks for. */
export const GRUB_PROGRAMS: Readonly<Record<string, GrubSource>> = {
  'grubnetx64.efi': {
    package: 'grub-efi-amd64-bin',
    path: '/usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi',
  },
  'grubnetaa64.efi': {
    package: 'grub-efi-arm64-bin',
    path: '/usr/lib/grub/arm64-efi/monolithic/grubnetaa64.efi',
  },
  'shimx64.efi': { package: 'shim-signed', path: '/usr/lib/shim/shimx64.efi.signed' },
  'grubx64.efi': {
    package: 'grub-efi-amd64-signed',
    path: '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed',
  },
  'shimaa64.efi': { package: 'shim-signed', path: '/usr/lib/shim/shimaa64.efi.signed' },
  'grubaa64.efi': {
    package: 'grub-efi-arm64-signed',
    path: '/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed',
  },
};
