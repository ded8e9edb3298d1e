import type { DhcpArchitecture } from '../../knowledge/tables/dhcp-architectures.ts';

/**
 * Gives what firmware that boots by HTTP calls itself in option 60, by the code that it may leave out of option 93. None of firmware
 * that boots by TFTP: PXE firmware is known by option 93 alone. Source: UEFI specification 2.10, section 24.7.2.3.
 */
export function vendorClassesOf(
  transport: DhcpArchitecture['transport'],
  codes: readonly number[],
): string[] {
  return transport === 'http' ? codes.map((code) => `HTTPClient:Arch:${String(code).padStart(5, '0')}`) : [];
}
