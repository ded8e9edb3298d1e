/**
 * The client architectures that a machine's firmware sends in DHCP option 93, and the iPXE binary for each.
 * Source: IANA, "Processor Architecture Types" (RFC 5970 and its registry). Code 9 is registered for EFI byte code,
 * but x86-64 firmware sends it too; code 7 is x86-64 in the field (RFC 4578 errata). Every DHCP target reads this table.
 */

export interface DhcpArchitecture {
  readonly code: number;
  /** The name of the architecture in the rules of a DHCP server. */
  readonly name: string;
  readonly what: string;
  /** How the firmware downloads its boot file: by TFTP, or from a URL (UEFI HTTP boot). */
  readonly transport: 'tftp' | 'http';
  /**
   * The iPXE binary for the architecture. Under UEFI this is `snponly.efi`, which drives the NIC through the firmware, as
   * undionly.kpxe does under BIOS. With its own drivers, Debian 12's ipxe.efi hangs when it returns to a firmware with IPv6.
   */
  readonly loader: string;
}

export const DHCP_ARCHITECTURES: readonly DhcpArchitecture[] = (
  [
    [0, 'bios', 'x86 BIOS', 'tftp', 'undionly.kpxe'],
    [6, 'efi-i386', '32-bit x86 UEFI', 'tftp', 'snponly-i386.efi'],
    [7, 'efi-x86_64', 'x86-64 UEFI', 'tftp', 'snponly.efi'],
    [9, 'efi-x86_64', 'x86-64 UEFI, code of some firmware', 'tftp', 'snponly.efi'],
    [11, 'efi-arm64', 'arm64 UEFI', 'tftp', 'snponly-arm64.efi'],
    [15, 'http-i386', '32-bit x86 UEFI, HTTP boot', 'http', 'snponly-i386.efi'],
    [16, 'http-x86_64', 'x86-64 UEFI, HTTP boot', 'http', 'snponly.efi'],
    [17, 'http-x86_64', 'x86-64 UEFI, HTTP boot, code of some firmware', 'http', 'snponly.efi'],
    [19, 'http-arm64', 'arm64 UEFI, HTTP boot', 'http', 'snponly-arm64.efi'],
  ] as const
).map(([code, name, what, transport, loader]) => ({ code, name, what, transport, loader }));

/**
 * The DHCP servers that can run on the boot server: each with its display name, its systemd unit on Debian, and its Debian
 * package. Only dnsmasq also serves TFTP.
 */
export const OWN_DHCP_SERVERS = {
  dnsmasq: { name: 'dnsmasq', unit: 'dnsmasq', package: 'dnsmasq' },
  isc: { name: "ISC's dhcpd", unit: 'isc-dhcp-server', package: 'isc-dhcp-server' },
  kea: { name: 'Kea', unit: 'kea-dhcp4-server', package: 'kea-dhcp4-server' },
  coredhcp: { name: 'coredhcp', unit: 'coredhcp-server', package: 'coredhcp-server' },
} as const;

export type OwnDhcpServer = keyof typeof OWN_DHCP_SERVERS;

/** Whether a DHCP server runs on the boot server. libvirt's and external servers do not. */
export function isOwnDhcpServer(server: string | undefined): server is OwnDhcpServer {
  return server !== undefined && Object.hasOwn(OWN_DHCP_SERVERS, server);
}

/**
 * The sources of iPXE binaries: Debian's package `ipxe` contains the first three in /usr/lib/ipxe; the others are built in
 * iPXE's source directory `src`. Source: the package's list of files in Debian 12; iPXE, src/Makefile.
 */

/** The make target of each binary, and its Debian package. Keys are the boot files of DHCP and of PXELINUX' menu. */
export const IPXE_PROGRAMS: Readonly<Record<string, { readonly build: string; readonly package?: string }>> =
  {
    'undionly.kpxe': { build: 'bin/undionly.kpxe', package: 'ipxe' },
    'ipxe.lkrn': { build: 'bin/ipxe.lkrn', package: 'ipxe' },
    'snponly.efi': { build: 'bin-x86_64-efi/snponly.efi', package: 'ipxe' },
    'snponly-i386.efi': { build: 'bin-i386-efi/snponly.efi' },
    'snponly-arm64.efi': { build: 'bin-arm64-efi/snponly.efi' },
  };

/**
 * GRUB binaries for network boot: they read `/grub/grub.cfg` from the server that they were loaded from. Sources: the
 * lists of files of Debian's packages grub-efi-amd64-bin, grub-efi-arm64-bin, grub-efi-amd64-signed, grub-efi-arm64-signed and
 * shim-signed; their content: grub2's debian/build-efi-images.
 */

/** The boot loaders for the firmware of an architecture. */
export interface GrubLoaders {
  readonly grub: string;
  /** For firmware with Secure Boot. It loads `second` from its own directory and verifies it. */
  readonly shim: string;
  readonly second: string;
}

const AMD64: GrubLoaders = { grub: 'grubnetx64.efi', shim: 'shimx64.efi', second: 'grubx64.efi' };
const ARM64: GrubLoaders = { grub: 'grubnetaa64.efi', shim: 'shimaa64.efi', second: 'grubaa64.efi' };

/** GRUB loaders by the names of `DHCP_ARCHITECTURES`; other architectures have no GRUB, and their firmware loads iPXE. */
export const GRUB_LOADERS: Readonly<Record<string, GrubLoaders>> = {
  'efi-x86_64': AMD64,
  'http-x86_64': AMD64,
  'efi-arm64': ARM64,
  'http-arm64': ARM64,
};

/** The source of a binary: built from the modules in a Debian package, or copied from the package to keep its signature. */
export type GrubProgram =
  | { readonly package: string; readonly format: 'x86_64-efi' | 'arm64-efi' }
  | { readonly package: string; readonly path: string };

/**
 * GRUB binaries by name: the boot files of DHCP, and the files that shim loads. The unsigned binary is built, because that of
 * Debian 12 lacks HTTP. The signed binary of Debian 12 also lacks it; that of Debian 13 has HTTP.
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

/** The built-in modules: network, and all commands of a tree's scripts, because GRUB cannot load modules later. */
export const GRUB_MODULES: readonly string[] = (
  'all_video boot configfile echo efinet eval gzio halt http linux ls memdisk minicmd net ' +
  'normal reboot regexp serial sleep tar terminal test tftp true'
).split(' ');

/**
 * The files that a BIOS loads by TFTP to boot with PXELINUX, and their paths in distributions. PXELINUX loads ldlinux.c32 from
 * its own directory; menu.c32 needs libutil.c32, and other modules need libcom32.c32. Sources: the lists of files of Debian's packages
 * pxelinux, syslinux-common and ipxe; syslinux.spec and ipxe.spec of Fedora and RHEL (packages syslinux, syslinux-nonlinux and
 * ipxe-bootimgs-x86) and of openSUSE (syslinux, ipxe-bootimgs); Syslinux' wiki, PXELINUX and Library modules.
 */

/** The boot file of DHCP. */
export const PXELINUX = 'lpxelinux.0';

/** The iPXE binary that PXELINUX loads like a kernel. */
export const IPXE_KERNEL = 'ipxe.lkrn';

const MODULES = ['ldlinux.c32', 'menu.c32', 'libutil.c32', 'libcom32.c32'];

/** The files of PXELINUX, their Debian packages, and their possible paths in search order. */
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
