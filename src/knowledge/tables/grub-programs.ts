/**
 * GRUB's programs for machines that boot from the network: they read `/grub/grub.cfg` from where they were loaded. Sources: the
 * lists of files of Debian's packages grub-efi-amd64-bin, grub-efi-arm64-bin, grub-efi-amd64-signed, grub-efi-arm64-signed and
 * shim-signed; what is in each, from grub2's debian/build-efi-images.
 */

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

/** How a program is had: built of modules, which are in a Debian package, or as the package has it, since its signature holds then. */
export type GrubProgram =
  | { readonly package: string; readonly format: 'x86_64-efi' | 'arm64-efi' }
  | { readonly package: string; readonly path: string };

/**
 * By the name that DHCP gives to firmware, and that shim looks for. The unsigned one is built, since that of Debian 12 has all but
 * HTTP; so has its signed one: Debian 13's has HTTP.
 */
export const GRUB_PROGRAMS: Readonly<Record<string, GrubProgram>> = {
  'grubnetx64.efi': { package: 'grub-efi-amd64-bin', format: 'x86_64-efi' },
  'grubnetaa64.efi': { package: 'grub-efi-arm64-bin', format: 'arm64-efi' },
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

/** What is built in: the network, and all that the scripts of a tree say, of which nothing can be fetched later. */
export const GRUB_MODULES = [
  'all_video',
  'boot',
  'configfile',
  'echo',
  'efinet',
  'eval',
  'gzio',
  'halt',
  'http',
  'linux',
  'ls',
  'memdisk',
  'minicmd',
  'net',
  'normal',
  'reboot',
  'regexp',
  'serial',
  'sleep',
  'tar',
  'terminal',
  'test',
  'tftp',
  'true',
] as const;
