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
