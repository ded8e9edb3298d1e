import { DHCP_ARCHITECTURES } from '../knowledge/boot-programs.ts';
import type { Network, Nic, Node, Site } from '../site/model.ts';
import { bmcNics } from '../site/nics.ts';
import { isOciNetwork } from '../site/nodes.ts';
import { BOOT_SCRIPT, urlOf } from '../tree/paths.ts';
import { type Ipv4, ipv4Number, ipv4Text } from '../values/addresses.ts';
import type { Mac } from '../values/identifiers.ts';
import { dhcpOptions, ntpAddresses } from './dhcp-options.ts';
import { type LoaderKind, loaderKindOf, loadersOfKind } from './programs.ts';

/** The DHCP value of a lease without an end. Source: RFC 2131, section 3.3. */
export const ENDLESS = 0xffff_ffff;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The facts that every kind of DHCP server needs of a network. */
export type NetworkFacts = ReturnType<typeof networkFacts>;

/** Returns the facts that every kind of DHCP server needs of a network with DHCP. */
export function networkFacts(site: Site, network: Network) {
  const { pool, lease = 'infinite' } = network.dhcp ?? {};
  return {
    // The IP addresses for unknown machines.
    pool: pool && { from: ipv4Text(pool.first), to: ipv4Text(pool.last) },
    ntpAddresses: ntpAddresses(network),
    options: dhcpOptions(network),
    leaseSeconds: leaseSeconds(lease),
    reservations: reservationsOf(site, network),
  };
}

/** Returns a lease time such as 45m, 7d or infinite in seconds. */
export function leaseSeconds(lease: string): number {
  if (lease === 'infinite') return ENDLESS;
  const seconds = Number(lease.slice(0, -1)) * (SECONDS[lease.slice(-1)] ?? 1);
  return Math.min(seconds, ENDLESS);
}

/** Returns the interfaces that a server of these networks listens on, or an empty list for all if a network sets none. */
export function interfacesOf(networks: readonly Network[]): string[] {
  const names = networks.flatMap((network) => network.interface ?? []);
  return names.length === networks.length ? [...new Set(names)] : [];
}

/** A reservation: an IP address, all MACs that may request it, and other values for the client. */
export interface Reservation {
  readonly macs: readonly Mac[];
  readonly ip: string;
  /** The name of the node or its BMC; undefined for other NICs and VIPs. */
  readonly hostname?: string;
  /** The boot loader for the client's firmware; undefined for a BMC, which boots nothing. */
  readonly loads?: LoaderKind;
}

/** Returns the reservations of a network: for its nodes' NICs, VIPs that use DHCP, and BMCs. */
export function reservationsOf(site: Site, network: Network): Reservation[] {
  const vips = site.clusters.flatMap(({ members, vip, vipMode, vipHwAddr }): Reservation[] => {
    const here = members.some(({ bond }) => bond[0]?.network === network);
    return here && vipMode === 'dhcp' && vipHwAddr ? [{ macs: [vipHwAddr], ip: vip, loads: 'ipxe' }] : [];
  });
  const ofNodes = site.nodes.flatMap((node) => node.nics.flatMap((nic) => ofNic(node, nic, network)));
  return [...ofNodes, ...vips, ...bmcsOf(site, network)];
}

function bmcsOf({ nodes, networks }: Site, network: Network): Reservation[] {
  const here = [...bmcNics(nodes, networks)].filter(({ bmc }) => bmc.network === network);
  return here.map(({ bmc: { mac, ip, name } }) => ({ macs: [mac], ip, hostname: name }));
}

function ofNic(node: Node, nic: Nic, network: Network): Reservation[] {
  const { ip, mac } = nic;
  // An IP address without a MAC is on a network with an external DHCP server: missing-mac.
  if (nic.network !== network || ip === undefined || mac === undefined) return [];
  const macsOf = (nics: readonly Nic[]) => nics.flatMap(({ mac }) => mac ?? []);
  // Any NIC on the network may send the request: the firmware or the bond selects it.
  if (nic === node.bootNic)
    return [{ macs: macsOf(node.bootNics), ip, hostname: node.name, loads: loaderKindOf(node) }];
  // On other networks NICs load iPXE, which finds the node's script by any NIC. GRUB finds it only by the boot NIC.
  if (nic === node.bond[0]) return [{ macs: macsOf(node.bond), ip, hostname: node.name, loads: 'ipxe' }];
  return [{ macs: [mac], ip, loads: 'ipxe' }];
}

/** Returns the boot files of both stages for any DHCP server: a boot loader for firmware, and the entry script for iPXE. */
export function stagesOf(site: Site, networks: readonly Network[]) {
  const known = loadersOfKind(site, 'ipxe');
  const http = known.filter(({ transport }) => transport === 'http');
  const others = othersOf(site.nodes.filter(({ bootNic }) => networks.includes(bootNic.network)));
  const files = new Set(known.map(({ file }) => file));
  // Firmware of an architecture without GRUB or PXELINUX loads iPXE on any node.
  const different = others.flatMap(({ tag }) =>
    loadersOfKind(site, tag).flatMap(({ name, file }) =>
      files.has(file) ? [] : [{ name, file, tag, notFor: [] }],
    ),
  );
  return {
    architectures: DHCP_ARCHITECTURES,
    // Option 60 of firmware that boots by HTTP, and the name of its architecture.
    vendorClasses: http.flatMap(({ name, vendorClasses }) =>
      vendorClasses.map((vendorClass) => ({ name, vendorClass })),
    ),
    // The boot file of an architecture, as a TFTP path or a URL, with the tags of the nodes to include or exclude.
    loaders: [
      ...known.map(({ name, file }) => {
        return {
          name,
          file,
          tag: undefined,
          notFor: different.flatMap((network) => (network.name === name ? network.tag : [])),
        };
      }),
      ...different,
    ],
    httpNames: http.map(({ name }) => name),
    others,
    othersLoad: [...new Set(others.map(({ tag }) => DISPLAY_NAMES[tag]))].join(' or '),
    // BMCs, which get the tag `bmc` and boot nothing.
    controllers: networks.flatMap((network) => bmcsOf(site, network).flatMap(({ macs }) => macs)),
    bootUrl: urlOf(site, BOOT_SCRIPT),
  };
}

/** The names of boot loaders other than iPXE in emitted comments. */
const DISPLAY_NAMES = { grub: 'GRUB', shim: 'GRUB', pxelinux: 'PXELINUX' } as const;

/** Returns the MACs of nodes whose firmware loads GRUB or PXELINUX, by tag. Any NIC on the network may send the request. */
function othersOf(nodes: readonly Node[]) {
  return (['grub', 'shim', 'pxelinux'] as const).flatMap((tag) => {
    const members = nodes.filter((node) => loaderKindOf(node) === tag);
    const macs = members.flatMap(({ bootNics }) => bootNics.flatMap(({ mac }) => mac ?? []));
    return macs.length > 0 ? [{ tag, macs }] : [];
  });
}

/** Returns the IP address of the TFTP server, or undefined for a host name or pods, which serve no TFTP. */
export function tftpAddress({ server }: Site): Ipv4 | undefined {
  return server.kubernetes || ipv4Number(server.host) === undefined ? undefined : server.host;
}

/** Whether the boot server needs dnsmasq for a site: for DHCP or DNS, or as its TFTP server. */
export function needsDnsmasq(site: Site): boolean {
  if (site.server.dns === 'dnsmasq' || proxied(site).length > 0) return true;
  return site.server.tftpServer === 'dnsmasq'
    ? needsTftp(site)
    : site.networks.some(({ dhcp }) => dhcp?.server === 'dnsmasq');
}

/** Returns the networks whose DHCP server is another one, to whose answers dnsmasq adds the boot file. */
export function proxied({ networks }: Site): Network[] {
  return networks.filter(({ dhcp }) => dhcp?.server === 'external' && dhcp.proxy);
}

/** Whether the boot server serves TFTP. Cloud networks, whose provider leases the IP addresses, need none. */
export function needsTftp(site: Site): boolean {
  return site.networks.some((network) => {
    const server = network.dhcp?.server;
    if (server === 'external') return !isOciNetwork(site, network);
    // coredhcp sends no boot file, and OpenCHAMI's plugin for it serves TFTP itself.
    return server === 'dnsmasq' || server === 'isc' || server === 'kea';
  });
}
