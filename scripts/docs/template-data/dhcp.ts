import type { Network, Node } from '../../../src/site/model.ts';
import type { Ipv4 } from '../../../src/values/addresses.ts';
import type { Mac } from '../../../src/values/identifiers.ts';
import type { SiteData } from './common.ts';

/** A client architecture of DHCP option 93. */
export interface ClientArchitecture {
  /** The value of option 93. */
  readonly code: number;
  /** The name in the rules of DHCP servers. Several values can have one name. */
  readonly name: string;
  /** A description for comments. */
  readonly what: string;
  /** The protocol for the first boot file. UEFI HTTP boot uses a URL. */
  readonly transport: 'tftp' | 'http';
  /** The file name of the iPXE binary. */
  readonly loader: string;
}

/** The IP addresses for unknown machines. */
export interface Pool {
  /** The first IP address. */
  readonly from: Ipv4;
  /** The last IP address. */
  readonly to: Ipv4;
}

/** A reservation: an IP address for a node, a BMC or a VIP. */
export interface Reservation {
  /** All MACs that may request the IP address. */
  readonly macs: readonly Mac[];
  readonly ip: Ipv4;
  /** The name of the node or of its BMC. */
  readonly hostname?: string;
  /** The boot loader for the client's firmware. A BMC, which boots nothing, has none. */
  readonly loads?: 'ipxe' | 'grub' | 'shim' | 'pxelinux';
}

/** A network with the facts that a DHCP server needs. */
export interface DhcpNetwork extends Network {
  readonly pool?: Pool;
  /** The time servers with an IP address. DHCP supports no names. */
  readonly ntpAddresses: readonly Ipv4[];
  /** The lease time in seconds. */
  readonly leaseSeconds: number;
  readonly reservations: readonly Reservation[];
}

/** A network of dnsmasq. */
export interface TaggedNetwork extends DhcpNetwork {
  /** The tag of the network in dnsmasq. */
  readonly tag: string;
}

/** A network of a dnsmasq that reads its reservations from a file. */
export interface ListedNetwork extends TaggedNetwork {
  /** The lease time in the syntax of dnsmasq: `12h`. */
  readonly lease?: string;
  /** Whether an external dnsmasq serves the network. */
  readonly boots: boolean;
}

/** An architecture that boots by HTTP, and the vendor class in its requests. */
export interface VendorClass {
  /** The name of the architecture. */
  readonly name: string;
  /** The value of DHCP option 60. */
  readonly vendorClass: string;
}

/** The first boot file of an architecture. */
export interface StageLoader {
  /** The name of the architecture. */
  readonly name: string;
  /** The boot file: a path for TFTP or a URL. */
  readonly file: string;
  /** The tag of the nodes that load this file. By default, all nodes load it. */
  readonly tag?: string;
  /** The tags of the nodes that do not load this file. */
  readonly notFor: readonly string[];
}

/** Nodes whose firmware does not load iPXE. */
export interface OtherClients {
  /** The boot loader of the nodes, which is also their tag. */
  readonly tag: 'grub' | 'shim' | 'pxelinux';
  readonly macs: readonly Mac[];
}

/** The boot files that a DHCP server sends: the first one to firmware, the second one to iPXE. */
export interface BootStages {
  /** The client architectures of DHCP option 93. */
  readonly architectures: readonly ClientArchitecture[];
  /** The vendor classes of firmware that boots by HTTP. */
  readonly vendorClasses: readonly VendorClass[];
  /** The first boot file of each architecture. */
  readonly loaders: readonly StageLoader[];
  /** The names of the architectures that boot by HTTP. */
  readonly httpNames: readonly string[];
  /** The nodes whose firmware does not load iPXE. */
  readonly others: readonly OtherClients[];
  /** The display name of the boot loader of these nodes: `GRUB`, `PXELINUX` or both. */
  readonly othersLoad: string;
  /** The MACs of BMCs, which boot nothing. */
  readonly controllers: readonly Mac[];
  /** The URL of the entry script. */
  readonly bootUrl: string;
}

/** The leases of dnsmasq. */
export interface LeaseLimits {
  /** The number of leases, or 0 if the networks need at most 1,000, the default. */
  readonly leaseMax: number;
  /** Whether dnsmasq keeps no file of leases, because it has more than 1,000 reservations. */
  readonly withoutFile: boolean;
}

/**
 * Generates `dnsmasq/<site>.hosts` for networks with `hosts_files`: a line for each reservation. No line sets a tag, because
 * dnsmasq 2.90 exits at the first SIGHUP after a reply to a client with such a tag.
 */
export interface DnsmasqHosts extends SiteData, LeaseLimits {
  /** The networks with `hosts_files`. */
  readonly networks: readonly ListedNetwork[];
  /** The path of the reservations on the boot server. */
  readonly hostsFile: string;
  /** The path of the DHCP options on the boot server. */
  readonly optionsFile: string;
  /** The boot files for networks with an external dnsmasq. */
  readonly stages?: BootStages;
  /** The IP address of the TFTP server. A boot server with only a DNS name has none. */
  readonly tftp?: Ipv4;
}

/**
 * Generates `dnsmasq/<site>.options` for networks with `hosts_files`: the DHCP options. Comments contain the lines that an
 * external dnsmasq needs in its own configuration.
 */
export interface DnsmasqOptions extends DnsmasqHosts {}

/**
 * Generates `dnsmasq/<site>.conf`: DHCP for the networks of dnsmasq, and TFTP, unless `server.tftp_server` sets another
 * server. The networks of ISC dhcpd, Kea and external DHCP servers also use its TFTP.
 */
export interface DnsmasqSite extends SiteData, BootStages, LeaseLimits {
  /** The networks with DHCP by dnsmasq. */
  readonly networks: readonly TaggedNetwork[];
  /** The NICs to listen on. Without any and without `address`, all NICs. */
  readonly interfaces: readonly string[];
  /** The path of the reservations, if a network has `hosts_files`. */
  readonly hostsFile?: string;
  /** The path of the DHCP options, if a network has `hosts_files`. */
  readonly optionsFile?: string;
  /** The IP address to listen on besides the NICs, for DNS on networks without an interface. */
  readonly address?: Ipv4 | undefined;
  /** The bridges of libvirt's own dnsmasq, if this dnsmasq listens on all NICs. */
  readonly excepted: readonly string[];
  /** Its services, in words: `DHCP and TFTP`. */
  readonly serves: string;
  /** The path of the names of machines, with `server.dns: dnsmasq`. */
  readonly namesFile?: string;
  /** The domains of the networks, with `server.dns: dnsmasq`. */
  readonly domains?: readonly string[];
  /** The IP address of another TFTP server. */
  readonly tftp?: Ipv4;
}

/** Networks on one interface. */
export interface Wire {
  /** The interface, if several networks share it. */
  readonly shared?: string;
  readonly networks: readonly DhcpNetwork[];
}

/** A boot file for a kind of firmware. */
export interface FirmwareTest {
  /** An expression of dhcpd that identifies the firmware. */
  readonly test: string;
  readonly transport: 'tftp' | 'http';
  /** The boot file: a path for TFTP or a URL. */
  readonly file: string;
}

/** A host of dhcpd. */
export interface DhcpdHost {
  /** The name of the entry. */
  readonly name: string;
  readonly mac: Mac;
  readonly ip: Ipv4;
  /** The name of the node or of its BMC. */
  readonly hostname?: string;
}

/** Clients with the same boot files. */
export interface DhcpdGroup {
  /** Whether the clients are in the inventory. */
  readonly known: boolean;
  /** The boot files. Clients that boot nothing have none. */
  readonly loaders: readonly FirmwareTest[];
  readonly hosts: readonly DhcpdHost[];
}

/** Generates `dhcpd/dhcpd.conf` for networks with DHCP by ISC dhcpd. */
export interface IscSite extends SiteData {
  /** The networks of dhcpd, by interface. */
  readonly wires: readonly Wire[];
  /** The clients by boot file. Unknown machines are first. */
  readonly groups: readonly DhcpdGroup[];
  /** The IP address of the TFTP server. */
  readonly tftp?: Ipv4;
  /** The URL of the entry script. */
  readonly bootUrl: string;
}

/** Generates `systemd/harvgen-<site>-tftp.service` if `server.tftp_server` is `systemd`: it serves `server.tftp`. */
export interface TftpService extends SiteData {
  /** The name of the unit without its suffix. */
  readonly unit: string;
}

/** Generates `systemd/harvgen-<site>-tftp.socket`, which starts this service. */
export interface TftpSocket extends TftpService {}

/** Generates `xinetd/tftp` if `server.tftp_server` is `xinetd`. */
export interface TftpXinetd extends SiteData {
  /** The name of the service. */
  readonly unit: string;
}

/** Generates `tftpd/tftpd-hpa`, which is `/etc/default/tftpd-hpa` of Debian, if `server.tftp_server` is `tftpd-hpa`. */
export interface TftpdHpa extends SiteData {
  /** The name of the unit without its suffix. It is not used by the built-in template. */
  readonly unit: string;
}

/**
 * Generates `tftp/pxelinux.cfg/01-<mac>` for each possible boot NIC of a node whose BIOS loads PXELINUX. `scripts/put-pxelinux.sh`
 * copies it to PXELINUX.
 */
export interface PxelinuxMenu extends SiteData {
  readonly node: Node;
  /** The file name of the iPXE that PXELINUX loads. */
  readonly ipxe: string;
  /** The file name of the script that this iPXE runs. */
  readonly script: string;
}

/** Generates `tftp/<node>.ipxe`, which this iPXE runs: it finds the NIC and chains to the node's script. Any TFTP client can read it. */
export interface PxelinuxScript extends SiteData {
  readonly node: Node;
  /** The MACs of the possible boot NICs. */
  readonly macs: readonly Mac[];
  /** The URL of the node's script. */
  readonly next: string;
}
