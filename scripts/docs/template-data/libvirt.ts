import type { Domain, DomainDisk, Network, Node } from '../../../src/site/model.ts';
import type { Ipv4 } from '../../../src/values/addresses.ts';
import type { Mac } from '../../../src/values/identifiers.ts';
import type { SiteData } from './common.ts';
import type { BootStages, Pool, Reservation } from './dhcp.ts';

/** A disk of a domain, with its position. */
export interface PlacedDisk extends DomainDisk {
  /** The position in the boot order. */
  readonly order?: number;
  /** The position on the SCSI controller. */
  readonly unit?: number;
}

/** A NIC of a domain. */
export interface DomainNic {
  readonly mac: Mac;
  /** The name of its libvirt network. */
  readonly network?: string;
  /** The bridge of the host, if libvirt does not create its network. */
  readonly bridge?: string;
  /** The MTU of this bridge. */
  readonly mtu?: number;
  /** The position in the boot order. */
  readonly order?: number;
}

/** Generates `libvirt/domains/<node>.xml` for each node that is a virtual machine, on a site with `host`. */
export interface LibvirtDomain extends SiteData {
  readonly node: Node;
  readonly domain: Domain;
  /** The type of the domain. */
  readonly type: 'kvm' | 'qemu';
  readonly arch: 'amd64' | 'arm64';
  readonly disks: readonly PlacedDisk[];
  /** Whether the domain has a SCSI controller. */
  readonly hasScsi: boolean;
  readonly nics: readonly DomainNic[];
  /** The file on the host that the serial console is written to. */
  readonly console: string;
  /** Whether the domain boots only by UEFI HTTP boot, without PXE. */
  readonly httpBoot: boolean;
  /** Whether the firmware runs only signed boot files. */
  readonly secureBoot: boolean;
}

/** Generates the options of dnsmasq in the XML of a libvirt network, one in a line. Comments and empty lines are omitted. */
export interface LibvirtDnsmasq extends SiteData, BootStages {
  readonly network: Network;
  /** Whether dnsmasq forwards queries for unknown names. */
  readonly resolves: boolean;
  /** Whether libvirt serves DHCP on the network. */
  readonly dhcp: boolean;
  /** Whether the XML has reservations. */
  readonly hasHosts: boolean;
  /** The reservations that the XML of libvirt cannot express. */
  readonly reservations: readonly Reservation[];
  /** The time servers with an IP address. */
  readonly ntpAddresses: readonly Ipv4[];
}

/** The lease time of a libvirt network. */
export interface LibvirtLease {
  /** The number of units. 0 means that a lease does not end. */
  readonly expiry: number;
  readonly unit: string;
}

/** A reservation in the XML of a libvirt network. */
export interface LibvirtHost {
  readonly mac?: Mac;
  readonly ip: Ipv4;
  /** The name of the node or of its BMC. */
  readonly hostname?: string;
}

/**
 * Generates `libvirt/network.xml` for the first network that libvirt creates on the host, and `libvirt/networks/<network>.xml` for each
 * further one.
 */
export interface LibvirtNetworkXml extends SiteData {
  readonly network: Network;
  /** The UUID of the network, which is derived from the names of the site and the network. */
  readonly uuid: string;
  /** Whether libvirt serves DNS on the network. */
  readonly dns: boolean;
  readonly pool?: Pool;
  /** The reserved IP addresses, if there is a pool. Each is its own range, because a full pool would leave no lease for them. */
  readonly reserved: readonly Ipv4[];
  /** The lease time, if libvirt serves DHCP on the network. */
  readonly lease?: LibvirtLease;
  /** The reservations. */
  readonly hosts: readonly LibvirtHost[];
  /** The options for dnsmasq from `libvirt/network.dnsmasq.eta`. */
  readonly options: readonly string[];
}
