import type { ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { ImportNote } from '../kind.ts';

/** A fact of a file, and where it stands there. */
export interface Sourced<T> {
  readonly value: T;
  readonly at: SourceLocation;
}

/** What one file says of the machines of a site. Files of several kinds are joined into one site. */
export interface Gathered {
  readonly machines: readonly GatheredMachine[];
  /** Whether it makes a site even where no file names a machine: it says all but these. */
  readonly isSite?: boolean;
  /** Management controllers that the file lists alone, without their machines. */
  readonly bmcs?: readonly GatheredBmc[];
  readonly networks?: readonly GatheredNetwork[];
  readonly groups?: readonly GatheredGroup[];
  /** What machines boot that are named elsewhere. */
  readonly boots?: readonly GatheredBoot[];
  /** The VLANs of networks, of which the file says no more. */
  readonly vlans?: readonly GatheredVlan[];
  readonly server?: GatheredServer | undefined;
  /** What the iSCSI server has for machines. */
  readonly targets?: readonly GatheredTarget[];
  readonly cluster?: GatheredCluster | undefined;
  readonly notes: readonly ImportNote[];
}

/** A machine, as far as the file tells. Files meet in what they have in common: xname, MAC address, name, address. */
export interface GatheredMachine {
  readonly at: SourceLocation;
  /** Whether it is known by a lease alone: what a file states goes before it. */
  readonly isLease?: boolean;
  readonly name?: Sourced<string> | undefined;
  readonly xname?: Sourced<string> | undefined;
  readonly nid?: Sourced<number> | undefined;
  /** What BSS may select it by, such as Compute. */
  readonly role?: Sourced<string> | undefined;
  readonly groups?: readonly Sourced<string>[];
  readonly nics?: readonly GatheredNic[];
  readonly bmc?: GatheredBmc | undefined;
  readonly uuid?: Sourced<string> | undefined;
  readonly serial?: Sourced<string> | undefined;
  readonly arch?: Sourced<'amd64' | 'arm64'> | undefined;
  readonly firmware?: Sourced<'uefi' | 'bios'> | undefined;
  readonly vm?: GatheredVm | undefined;
  /** What cloud-init finds on it in its meta-data. */
  readonly metaData?: Sourced<ValueMap> | undefined;
  /** Whose it is, where several share the machines. */
  readonly tenant?: Sourced<string> | undefined;
  /** What its firmware loads, where that is not iPXE itself. */
  readonly loader?: Sourced<'pxelinux'> | undefined;
  /** What it boots of a SAN, or that it boots its own disk. */
  readonly disk?: GatheredDisk | undefined;
}

/** The disk that a machine boots. */
export interface GatheredDisk {
  readonly at: SourceLocation;
  /** Undefined for its own. */
  readonly san?: GatheredSan | undefined;
}

/** An iSCSI disk, and how a machine logs in to it. */
export interface GatheredSan {
  readonly target: Sourced<string>;
  /** Its address or name. */
  readonly server?: Sourced<string> | undefined;
  readonly port?: Sourced<number> | undefined;
  readonly lun?: Sourced<number> | undefined;
  /** What the machine calls itself there. */
  readonly initiator?: Sourced<string> | undefined;
  readonly login?: GatheredLogin | undefined;
  /** What the target shows for itself. */
  readonly targetLogin?: GatheredLogin | undefined;
  /** What is booted where the target is away. */
  readonly fallback?: Sourced<'disk'> | undefined;
}

/** A name and its password, as CHAP has them. */
export interface GatheredLogin {
  readonly user: Sourced<string>;
  readonly password?: Sourced<string> | undefined;
}

/** A target of an iSCSI server. */
export interface GatheredTarget {
  readonly at: SourceLocation;
  readonly name: Sourced<string>;
  /** The number of its first disk, where the file says it. */
  readonly lun?: Sourced<number> | undefined;
  /** What is behind its first disk: a file or device, or `pool/image` of Ceph. */
  readonly store?: Sourced<string> | undefined;
  readonly login?: GatheredLogin | undefined;
  readonly targetLogin?: GatheredLogin | undefined;
  /** Who may come; empty where anybody may. */
  readonly addresses: readonly Sourced<string>[];
}

/** What a file says of the boot server, and of the iSCSI server that may be the same machine. */
export interface GatheredServer {
  /** The folder that TFTP serves. */
  readonly tftp?: Sourced<string> | undefined;
  readonly iscsi?: GatheredIscsi | undefined;
}

/** What a file says of an iSCSI server, and of where its disks are. */
export interface GatheredIscsi {
  readonly address?: Sourced<string> | undefined;
  readonly driver?: Sourced<'tgt' | 'lio' | 'iet'> | undefined;
  /** What the names of its images and disks begin with. */
  readonly prefix?: Sourced<string> | undefined;
  readonly snapshot?: Sourced<string> | undefined;
  readonly pool?: Sourced<string> | undefined;
  /** Who it is to Ceph, and by which files. */
  readonly id?: Sourced<string> | undefined;
  readonly conf?: Sourced<string> | undefined;
  readonly keyring?: Sourced<string> | undefined;
}

/** The VLAN of a network. */
export interface GatheredVlan {
  readonly network: Sourced<string>;
  readonly vlan: Sourced<number>;
}

/** What a hypervisor gives a machine. */
export interface GatheredVm {
  /** With its unit, as inventories write it. */
  readonly memory?: Sourced<string> | undefined;
  readonly vcpus?: Sourced<number> | undefined;
  readonly secureBoot?: Sourced<boolean> | undefined;
}

/** A NIC of a machine. */
export interface GatheredNic {
  /** Lower case, with colons. */
  readonly mac?: Sourced<string> | undefined;
  readonly ips?: readonly Sourced<string>[];
  /** What the file calls the network that it is on. */
  readonly network?: Sourced<string> | undefined;
  /** As the installed system calls it. */
  readonly name?: Sourced<string> | undefined;
  /** Whether the file says that the machine boots from it. */
  readonly boots?: boolean;
}

/** A management controller. Whose it is that is listed alone follows from its xname, or from its name (`cg02-bmc`). */
export interface GatheredBmc {
  /** Where the file begins to speak of it; needed where it is listed alone. */
  readonly at?: SourceLocation | undefined;
  readonly name?: Sourced<string> | undefined;
  readonly xname?: Sourced<string> | undefined;
  readonly mac?: Sourced<string> | undefined;
  readonly address?: Sourced<string> | undefined;
  readonly user?: Sourced<string> | undefined;
  readonly protocol?: Sourced<'redfish' | 'ipmi'> | undefined;
}

/** A network. */
export interface GatheredNetwork {
  readonly at: SourceLocation;
  readonly name?: Sourced<string> | undefined;
  /** As a CIDR. */
  readonly subnet: Sourced<string>;
  readonly gateway?: Sourced<string> | undefined;
  readonly dns?: readonly Sourced<string>[];
  readonly ntp?: readonly Sourced<string>[];
  readonly domain?: Sourced<string> | undefined;
  readonly mtu?: Sourced<number> | undefined;
  /** First and last address. */
  readonly pool?: readonly [Sourced<string>, Sourced<string>] | undefined;
  /** As dnsmasq writes it. */
  readonly lease?: Sourced<string> | undefined;
}

/** A group of machines, with what cloud-init finds on them. */
export interface GatheredGroup {
  readonly at: SourceLocation;
  readonly name: Sourced<string>;
  readonly description?: Sourced<string> | undefined;
  readonly members?: readonly Sourced<string>[];
  readonly metaData?: Sourced<ValueMap> | undefined;
  /** The text of its cloud-config, or of what else cloud-init takes. */
  readonly userData?: Sourced<string> | undefined;
}

/** What the machines of a list boot. */
export interface GatheredBoot {
  readonly at: SourceLocation;
  /** xnames, names, groups, or BSS' tags such as Default; `*`, `?` and `[0-9]` stand for what they do in names of files. */
  readonly hosts?: readonly Sourced<string>[];
  readonly macs?: readonly Sourced<string>[];
  readonly nids?: readonly Sourced<number>[];
  /** What a machine is known by where it is by nothing of these. */
  readonly ips?: readonly Sourced<string>[];
  readonly uuids?: readonly Sourced<string>[];
  readonly kernel?: Sourced<string> | undefined;
  readonly initrd?: Sourced<string> | undefined;
  readonly params?: Sourced<string> | undefined;
  /** Of two entries that name a machine as closely, the higher one counts. */
  readonly priority?: number | undefined;
}

/** What a file says of all machines of a cluster. */
export interface GatheredCluster {
  readonly at: SourceLocation;
  readonly name?: Sourced<string> | undefined;
  /** What host names begin with, where machines have none: the NID follows, padded with zeros to `nidLength`. */
  readonly shortName?: Sourced<string> | undefined;
  readonly nidLength?: Sourced<number> | undefined;
  /** What cloud-init finds in the meta-data of all of them. */
  readonly metaData?: ValueMap | undefined;
}
