/**
 * The client architectures that a machine's firmware sends in DHCP option 93, and the iPXE program that each can run.
 * Source: IANA, "Processor Architecture Types" (RFC 5970 and its registry). Code 9 is registered for EFI byte code,
 * but x86-64 firmware sends it too; code 7 is x86-64 in the field (RFC 4578 errata). Every DHCP target reads this table.
 */

export interface DhcpArchitecture {
  readonly code: number;
  /** The name under which rules of a DHCP server refer to it. */
  readonly name: string;
  readonly what: string;
  /** How the firmware fetches its boot program: by TFTP, or as a URL (UEFI HTTP boot). */
  readonly transport: 'tftp' | 'http';
  /**
   * iPXE's program for it. Under UEFI that is `snponly.efi`, which drives the NIC by the firmware, as undionly.kpxe does
   * under BIOS: with drivers of its own, Debian 12's ipxe.efi hangs as it hands back to a firmware that speaks IPv6.
   */
  readonly loader: string;
}

export const DHCP_ARCHITECTURES: readonly DhcpArchitecture[] = (
  [
    [0, 'bios', 'x86 BIOS', 'tftp', 'undionly.kpxe'],
    [6, 'efi-i386', 'x86 UEFI of 32 bits', 'tftp', 'snponly-i386.efi'],
    [7, 'efi-x86_64', 'x86-64 UEFI', 'tftp', 'snponly.efi'],
    [9, 'efi-x86_64', 'x86-64 UEFI, as some firmware says it', 'tftp', 'snponly.efi'],
    [11, 'efi-arm64', 'arm64 UEFI', 'tftp', 'snponly-arm64.efi'],
    [15, 'http-i386', 'x86 UEFI of 32 bits, HTTP boot', 'http', 'snponly-i386.efi'],
    [16, 'http-x86_64', 'x86-64 UEFI, HTTP boot', 'http', 'snponly.efi'],
    [17, 'http-x86_64', 'x86-64 UEFI, HTTP boot, as some firmware says it', 'http', 'snponly.efi'],
    [19, 'http-arm64', 'arm64 UEFI, HTTP boot', 'http', 'snponly-arm64.efi'],
  ] as const
).map(([code, name, what, transport, loader]) => ({ code, name, what, transport, loader }));

/**
 * The DHCP servers that run on the boot server, and what each is called: by people, by systemd on Debian, and by Debian's package.
 * dnsmasq has TFTP, too; of the others none has.
 */
export const OWN_DHCP_SERVERS = {
  dnsmasq: { name: 'dnsmasq', unit: 'dnsmasq', package: 'dnsmasq' },
  isc: { name: "ISC's dhcpd", unit: 'isc-dhcp-server', package: 'isc-dhcp-server' },
  kea: { name: 'Kea', unit: 'kea-dhcp4-server', package: 'kea-dhcp4-server' },
  coredhcp: { name: 'coredhcp', unit: 'coredhcp-server', package: 'coredhcp-server' },
} as const;

export type OwnDhcpServer = keyof typeof OWN_DHCP_SERVERS;

/** Says whether a DHCP server runs on the boot server; libvirt's and somebody else's do not. */
export function isOwnDhcpServer(server: string | undefined): server is OwnDhcpServer {
  return server !== undefined && Object.hasOwn(OWN_DHCP_SERVERS, server);
}

/**
 * Where iPXE's programs come from: Debian's package `ipxe` has the first three in /usr/lib/ipxe; the others are built in
 * iPXE's source folder `src`. Source: the package's list of files in Debian 12; iPXE, src/Makefile.
 */

/** What make builds a program as, and the Debian package that has it: by the name that DHCP gives to firmware, and PXELINUX' menu to PXELINUX. */
export const IPXE_PROGRAMS: Readonly<Record<string, { readonly build: string; readonly package?: string }>> =
  {
    'undionly.kpxe': { build: 'bin/undionly.kpxe', package: 'ipxe' },
    'ipxe.lkrn': { build: 'bin/ipxe.lkrn', package: 'ipxe' },
    'snponly.efi': { build: 'bin-x86_64-efi/snponly.efi', package: 'ipxe' },
    'snponly-i386.efi': { build: 'bin-i386-efi/snponly.efi' },
    'snponly-arm64.efi': { build: 'bin-arm64-efi/snponly.efi' },
  };

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
export const GRUB_MODULES: readonly string[] = (
  'all_video boot configfile echo efinet eval gzio halt http linux ls memdisk minicmd net ' +
  'normal reboot regexp serial sleep tar terminal test tftp true'
).split(' ');

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

const MODULES = ['ldlinux.c32', 'menu.c32', 'libutil.c32', 'libcom32.c32'];

/** The files of PXELINUX, Debian's packages of them, and where they may be, in the order in which they are looked for. */
export const PXELINUX_PROGRAMS = [
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
