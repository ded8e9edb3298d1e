import type { Network } from '../site/model.ts';
import { ipv4Number } from '../values/addresses.ts';

/** An option of DHCP that every server sends to the machines of a network. */
interface DhcpOption {
  /** Its name in dhcpd and Kea. Source: dhcp-options(5); Kea, Administrator Reference Manual, section 8.2.10. */
  readonly name: string;
  /** Its name in dnsmasq: `dnsmasq --help dhcp`. */
  readonly dnsmasq: string;
  /** Whether dnsmasq sends an address of its own unless the option is set, if only to nothing. */
  readonly dnsmasqDefault?: true;
  /** The plugin of coredhcp that sends it; undefined if coredhcp has none. */
  readonly coredhcp?: string;
  /** Whether libvirt sends it to its dnsmasq itself, from an element of the network's XML. */
  readonly libvirtElement?: true;
  /** Whether dhcpd wants the value in quotes. */
  readonly isText?: true;
  /** Returns its values for a network; none if the server must not send it. */
  values(network: Pick<Network, 'gateway' | 'dns' | 'ntp' | 'domain' | 'mtu'>): readonly (string | number)[];
}

/** The options, in the order in which servers' configurations have them. A new one needs an entry here and nothing in a target. */
const DHCP_OPTIONS: readonly DhcpOption[] = [
  {
    name: 'routers',
    dnsmasq: 'router',
    dnsmasqDefault: true,
    coredhcp: 'router',
    values: ({ gateway }) => present(gateway),
  },
  {
    name: 'domain-name-servers',
    dnsmasq: 'dns-server',
    dnsmasqDefault: true,
    coredhcp: 'dns',
    values: ({ dns }) => dns,
  },
  { name: 'ntp-servers', dnsmasq: 'ntp-server', values: ntpAddresses },
  {
    name: 'domain-name',
    dnsmasq: 'domain-name',
    coredhcp: 'searchdomains',
    libvirtElement: true,
    isText: true,
    values: ({ domain }) => present(domain),
  },
  {
    name: 'interface-mtu',
    dnsmasq: 'mtu',
    coredhcp: 'mtu',
    libvirtElement: true,
    values: ({ mtu }) => present(mtu),
  },
];

/** Returns the options of a network, each with its values; servers send none without values. */
export function dhcpOptions(network: Parameters<DhcpOption['values']>[0]) {
  const none = { dnsmasqDefault: false, coredhcp: undefined, libvirtElement: false, isText: false };
  return DHCP_OPTIONS.map((option) => ({ ...none, ...option, values: option.values(network).map(String) }));
}

/** Returns the IP addresses of time servers. DHCP supports no names: those in `ntp` reach the nodes by their configuration. */
export function ntpAddresses({ ntp }: Pick<Network, 'ntp'>): string[] {
  return ntp.filter((server) => ipv4Number(server) !== undefined);
}

function present<T extends string | number>(value: T | undefined): T[] {
  return value ? [value] : [];
}
