/**
 * The client architectures that a machine's firmware sends in DHCP option 93, and the iPXE program that each can run.
 * Source: IANA, "Processor Architecture Types" (RFC 5970 and its registry). Code 9 is registered for EFI byte code,
 * but x86-64 firmware sends it too; code 7 is x86-64 in the field (RFC 4578 errata). Every DHCP target reads this table.
 */

export interface DhcpArchitecture {
  /** The value of option 93. */
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

export const DHCP_ARCHITECTURES: readonly DhcpArchitecture[] = [
  { code: 0, name: 'bios', what: 'x86 BIOS', transport: 'tftp', loader: 'undionly.kpxe' },
  { code: 6, name: 'efi-i386', what: 'x86 UEFI of 32 bits', transport: 'tftp', loader: 'snponly-i386.efi' },
  { code: 7, name: 'efi-x86_64', what: 'x86-64 UEFI', transport: 'tftp', loader: 'snponly.efi' },
  {
    code: 9,
    name: 'efi-x86_64',
    what: 'x86-64 UEFI, as some firmware says it',
    transport: 'tftp',
    loader: 'snponly.efi',
  },
  { code: 11, name: 'efi-arm64', what: 'arm64 UEFI', transport: 'tftp', loader: 'snponly-arm64.efi' },
  {
    code: 15,
    name: 'http-i386',
    what: 'x86 UEFI of 32 bits, HTTP boot',
    transport: 'http',
    loader: 'snponly-i386.efi',
  },
  { code: 16, name: 'http-x86_64', what: 'x86-64 UEFI, HTTP boot', transport: 'http', loader: 'snponly.efi' },
  {
    code: 17,
    name: 'http-x86_64',
    what: 'x86-64 UEFI, HTTP boot, as some firmware says it',
    transport: 'http',
    loader: 'snponly.efi',
  },
  {
    code: 19,
    name: 'http-arm64',
    what: 'arm64 UEFI, HTTP boot',
    transport: 'http',
    loader: 'snponly-arm64.efi',
  },
];
