import { factsOf } from './facts.ts';

/** A client architecture that a machine's firmware sends in DHCP option 93. */
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

/** The boot loaders for the firmware of an architecture. */
export interface GrubLoaders {
  readonly grub: string;
  /** For firmware with Secure Boot. It loads `second` from its own directory and verifies it. */
  readonly shim: string;
  readonly second: string;
}

/** The source of a binary: built from the modules in a Debian package, or copied from the package to keep its signature. */
export type GrubProgram =
  | { readonly package: string; readonly format: 'x86_64-efi' | 'arm64-efi' }
  | { readonly package: string; readonly path: string };

const FACTS = factsOf<{
  readonly architectures: readonly DhcpArchitecture[];
  readonly ipxe: Readonly<Record<string, { readonly build: string; readonly package?: string }>>;
  readonly grubLoaders: Readonly<Record<string, GrubLoaders>>;
  readonly grub: Readonly<Record<string, GrubProgram>>;
  readonly grubModules: readonly string[];
  readonly pxelinux: readonly {
    readonly name: string;
    readonly package: string;
    readonly paths: readonly string[];
  }[];
}>('boot-programs');

/** The client architectures, and the iPXE binary for each. Every DHCP target reads this table. */
export const DHCP_ARCHITECTURES = FACTS.architectures;

/** The make target of each iPXE binary, and its Debian package. Keys are the boot files of DHCP and of PXELINUX' menu. */
export const IPXE_PROGRAMS = FACTS.ipxe;

/** GRUB loaders by the names of `DHCP_ARCHITECTURES`; other architectures have no GRUB, and their firmware loads iPXE. */
export const GRUB_LOADERS = FACTS.grubLoaders;

/** GRUB binaries by name: the boot files of DHCP, and the files that shim loads. */
export const GRUB_PROGRAMS = FACTS.grub;

/** The built-in modules of GRUB binaries that are built. */
export const GRUB_MODULES = FACTS.grubModules;

/** The files of PXELINUX, their Debian packages, and their possible paths in search order. */
export const PXELINUX_PROGRAMS = FACTS.pxelinux;

/** The boot file of DHCP for PXELINUX. */
export const PXELINUX = 'lpxelinux.0';

/** The iPXE binary that PXELINUX loads like a kernel. */
export const IPXE_KERNEL = 'ipxe.lkrn';

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
