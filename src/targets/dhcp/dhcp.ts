import { DHCP_ARCHITECTURES } from '../../knowledge/boot-programs.ts';
import type { Network, Nic, Node, Site } from '../../site/model.ts';
import { bmcNics } from '../../site/nics.ts';
import { BOOT_SCRIPT, urlOf } from '../../tree/paths.ts';
import { type Ipv4, ipv4Number, ipv4Text } from '../../values/addresses.ts';
import type { Mac } from '../../values/identifiers.ts';
import { type LoaderKind, loaderKindOf, loadersOfKind } from '../programs.ts';

/** A lease that does not end, as DHCP has it. Source: RFC 2131, section 3.3. */
export const ENDLESS = 0xffff_ffff;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** What every DHCP server says of a network, whoever runs it. */
export type NetworkFacts = ReturnType<typeof networkFacts>;

/** Gives what every DHCP server says of a network that has DHCP. */
export function networkFacts(site: Site, network: Network) {
  const { pool, lease = 'infinite' } = network.dhcp ?? {};
  return {
    // The addresses for who is not known.
    pool: pool && { from: ipv4Text(pool.first), to: ipv4Text(pool.last) },
    // The time servers that DHCP can name. Names in `ntp` reach the nodes by their configuration.
    ntpAddresses: network.ntp.filter((server) => ipv4Number(server) !== undefined),
    leaseSeconds: leaseSeconds(lease),
    reservations: reservationsOf(site, network),
  };
}

/** Gives a lease time such as 45m, 7d or infinite in seconds. */
export function leaseSeconds(lease: string): number {
  if (lease === 'infinite') return ENDLESS;
  const seconds = Number(lease.slice(0, -1)) * (SECONDS[lease.slice(-1)] ?? 1);
  return Math.min(seconds, ENDLESS);
}

/** Gives the NICs that a server of these networks listens on: those of the networks, if each names its own; else none, for all. */
export function interfacesOf(networks: readonly Network[]): string[] {
  const names = networks.flatMap((network) => network.interface ?? []);
  return names.length === networks.length ? [...new Set(names)] : [];
}

/** A reservation: all MACs that may ask for the address, the address, and what else is said to who asks. */
interface Reservation {
  readonly macs: readonly Mac[];
  readonly ip: string;
  /** Where the address is the node's own, or its management controller's. */
  readonly hostname?: string;
  /** What firmware is handed that asks for it; a management controller boots nothing. */
  readonly loads?: LoaderKind;
}

/** Gives the reservations of a network: of its nodes' NICs, VIPs that come by DHCP, and management controllers. */
export function reservationsOf(site: Site, network: Network): Reservation[] {
  const vips = site.clusters.flatMap(({ members, vip, vipMode, vipHwAddr }): Reservation[] => {
    const here = members.some((node) => node.bootNic.network === network);
    return here && vipMode === 'dhcp' && vipHwAddr ? [{ macs: [vipHwAddr], ip: vip, loads: 'ipxe' }] : [];
  });
  const ofNodes = site.nodes.flatMap((node) => node.nics.flatMap((nic) => ofNic(node, nic, network)));
  return [...ofNodes, ...vips, ...controllersOf(site, network)];
}

function controllersOf({ nodes, networks }: Site, network: Network): Reservation[] {
  const here = [...bmcNics(nodes, networks)].filter(({ bmc }) => bmc.network === network);
  return here.map(({ bmc: { mac, ip, name } }) => ({ macs: [mac], ip, hostname: name }));
}

function ofNic(node: Node, nic: Nic, network: Network): Reservation[] {
  const { ip, mac } = nic;
  // An address without a MAC is on a network whose DHCP server is somebody else's: missing-mac.
  if (nic.network !== network || ip === undefined || mac === undefined) return [];
  // On any other network iPXE finds the node's script by its other NICs, too: GRUB knows the one that it boots from.
  if (nic !== node.bootNic) return [{ macs: [mac], ip, loads: 'ipxe' }];
  // Any NIC of the management bond may be the one that asks: the firmware's choice, or the bond's.
  const macs = node.bond.flatMap((one) => one.mac ?? []);
  return [{ macs, ip, hostname: node.name, loads: loaderKindOf(node) }];
}

/** Gives what any DHCP server says of a boot in two stages: firmware gets its program, and iPXE the first script. */
export function stagesOf(site: Site, networks: readonly Network[]) {
  const known = loadersOfKind(site, 'ipxe');
  const http = known.filter(({ transport }) => transport === 'http');
  const others = othersOf(site.nodes.filter(({ bootNic }) => networks.includes(bootNic.network)));
  const files = new Set(known.map(({ file }) => file));
  // Firmware that GRUB or PXELINUX has no program for loads iPXE on any node.
  const different = others.flatMap(({ tag }) =>
    loadersOfKind(site, tag).flatMap(({ name, file }) =>
      files.has(file) ? [] : [{ name, file, tag, notFor: [] }],
    ),
  );
  return {
    architectures: DHCP_ARCHITECTURES,
    // What firmware that boots by HTTP calls itself in option 60, and the name of its architecture.
    vendorClasses: http.flatMap(({ name, vendorClasses }) =>
      vendorClasses.map((vendorClass) => ({ name, vendorClass })),
    ),
    // What firmware of an architecture loads, as a TFTP file or a URL, and the tags of the nodes that it is for, or not for.
    loaders: [
      ...known.map(({ name, file }) => {
        return { name, file, notFor: different.flatMap((one) => (one.name === name ? one.tag : [])) };
      }),
      ...different,
    ],
    httpNames: http.map(({ name }) => name),
    others,
    othersLoad: [...new Set(others.map(({ tag }) => PEOPLE_SAY[tag]))].join(' or '),
    // They get the tag `bmc` and boot nothing.
    controllers: networks.flatMap((network) => controllersOf(site, network).flatMap(({ macs }) => macs)),
    bootUrl: urlOf(site, BOOT_SCRIPT),
  };
}

/** What nodes are handed that load no iPXE, for people. */
const PEOPLE_SAY = { grub: 'GRUB', shim: 'GRUB', pxelinux: 'PXELINUX' } as const;

/** The nodes whose firmware loads something else than iPXE, by a tag. Any NIC of the management network may be the one that asks. */
function othersOf(nodes: readonly Node[]) {
  return (['grub', 'shim', 'pxelinux'] as const).flatMap((tag) => {
    const members = nodes.filter((node) => loaderKindOf(node) === tag);
    const macs = members.flatMap(({ bond }) => bond.flatMap(({ mac }) => mac ?? []));
    return macs.length > 0 ? [{ tag, macs }] : [];
  });
}

/** Gives the address of TFTP; undefined where it is left to the DHCP server: for a name, or pods, which do no TFTP. */
export function tftpAddress({ server }: Site): Ipv4 | undefined {
  return server.kubernetes || ipv4Number(server.host) === undefined ? undefined : server.host;
}
