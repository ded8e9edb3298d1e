import type { ValueMap } from '../../source/origin.ts';
import type { Place } from '../../source/source.ts';
import type { ImportNote } from '../kind.ts';

/** A fact of a file, and where it stands there. */
export interface Said<T> {
  readonly value: T;
  readonly at: Place;
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
  readonly at: Place;
  /** Whether it is known by a lease alone: what a file states goes before it. */
  readonly isLease?: boolean;
  readonly name?: Said<string> | undefined;
  readonly xname?: Said<string> | undefined;
  readonly nid?: Said<number> | undefined;
  /** What BSS may select it by, such as Compute. */
  readonly role?: Said<string> | undefined;
  readonly groups?: readonly Said<string>[];
  readonly nics?: readonly GatheredNic[];
  readonly bmc?: GatheredBmc | undefined;
  readonly uuid?: Said<string> | undefined;
  readonly serial?: Said<string> | undefined;
  readonly arch?: Said<'amd64' | 'arm64'> | undefined;
  readonly firmware?: Said<'uefi' | 'bios'> | undefined;
  readonly vm?: GatheredVm | undefined;
  /** What cloud-init finds on it in its meta-data. */
  readonly metaData?: Said<ValueMap> | undefined;
  /** Whose it is, where several share the machines. */
  readonly tenant?: Said<string> | undefined;
  /** What its firmware loads, where that is not iPXE itself. */
  readonly loader?: Said<'pxelinux'> | undefined;
  /** What it boots of a SAN, or that it boots its own disk. */
  readonly disk?: GatheredDisk | undefined;
}

/** The disk that a machine boots. */
export interface GatheredDisk {
  readonly at: Place;
  /** Undefined for its own. */
  readonly san?: GatheredSan | undefined;
}

/** An iSCSI disk, and how a machine logs in to it. */
export interface GatheredSan {
  readonly target: Said<string>;
  /** Its address or name. */
  readonly server?: Said<string> | undefined;
  readonly port?: Said<number> | undefined;
  readonly lun?: Said<number> | undefined;
  /** What the machine calls itself there. */
  readonly initiator?: Said<string> | undefined;
  readonly login?: GatheredLogin | undefined;
  /** What the target shows for itself. */
  readonly targetLogin?: GatheredLogin | undefined;
  /** What is booted where the target is away. */
  readonly fallback?: Said<'disk'> | undefined;
}

/** A name and its password, as CHAP has them. */
export interface GatheredLogin {
  readonly user: Said<string>;
  readonly password?: Said<string> | undefined;
}

/** A target of an iSCSI server. */
export interface GatheredTarget {
  readonly at: Place;
  readonly name: Said<string>;
  /** The number of its first disk, where the file says it. */
  readonly lun?: Said<number> | undefined;
  /** What is behind its first disk: a file or device, or `pool/image` of Ceph. */
  readonly store?: Said<string> | undefined;
  readonly login?: GatheredLogin | undefined;
  readonly targetLogin?: GatheredLogin | undefined;
  /** Who may come; empty where anybody may. */
  readonly addresses: readonly Said<string>[];
}

/** What a file says of the boot server, and of the iSCSI server that may be the same machine. */
export interface GatheredServer {
  /** The folder that TFTP serves. */
  readonly tftp?: Said<string> | undefined;
  readonly iscsi?: GatheredIscsi | undefined;
}

/** What a file says of an iSCSI server, and of where its disks are. */
export interface GatheredIscsi {
  readonly address?: Said<string> | undefined;
  readonly driver?: Said<'tgt' | 'lio' | 'iet'> | undefined;
  /** What the names of its images and disks begin with. */
  readonly prefix?: Said<string> | undefined;
  readonly snapshot?: Said<string> | undefined;
  readonly pool?: Said<string> | undefined;
  /** Who it is to Ceph, and by which files. */
  readonly id?: Said<string> | undefined;
  readonly conf?: Said<string> | undefined;
  readonly keyring?: Said<string> | undefined;
}

/** The VLAN of a network. */
export interface GatheredVlan {
  readonly network: Said<string>;
  readonly vlan: Said<number>;
}

/** What a hypervisor gives a machine. */
export interface GatheredVm {
  /** With its unit, as inventories write it. */
  readonly memory?: Said<string> | undefined;
  readonly vcpus?: Said<number> | undefined;
  readonly secureBoot?: Said<boolean> | undefined;
}

/** A NIC of a machine. */
export interface GatheredNic {
  /** Lower case, with colons. */
  readonly mac?: Said<string> | undefined;
  readonly ips?: readonly Said<string>[];
  /** What the file calls the network that it is on. */
  readonly network?: Said<string> | undefined;
  /** As the installed system calls it. */
  readonly name?: Said<string> | undefined;
  /** Whether the file says that the machine boots from it. */
  readonly boots?: boolean;
}

/** A management controller. Whose it is that is listed alone follows from its xname, or from its name (`cg02-bmc`). */
export interface GatheredBmc {
  /** Where the file begins to speak of it; needed where it is listed alone. */
  readonly at?: Place | undefined;
  readonly name?: Said<string> | undefined;
  readonly xname?: Said<string> | undefined;
  readonly mac?: Said<string> | undefined;
  readonly address?: Said<string> | undefined;
  readonly user?: Said<string> | undefined;
  readonly protocol?: Said<'redfish' | 'ipmi'> | undefined;
}

/** A network. */
export interface GatheredNetwork {
  readonly at: Place;
  readonly name?: Said<string> | undefined;
  /** As a CIDR. */
  readonly subnet: Said<string>;
  readonly gateway?: Said<string> | undefined;
  readonly dns?: readonly Said<string>[];
  readonly ntp?: readonly Said<string>[];
  readonly domain?: Said<string> | undefined;
  readonly mtu?: Said<number> | undefined;
  /** First and last address. */
  readonly pool?: readonly [Said<string>, Said<string>] | undefined;
  /** As dnsmasq writes it. */
  readonly lease?: Said<string> | undefined;
}

/** A group of machines, with what cloud-init finds on them. */
export interface GatheredGroup {
  readonly at: Place;
  readonly name: Said<string>;
  readonly description?: Said<string> | undefined;
  readonly members?: readonly Said<string>[];
  readonly metaData?: Said<ValueMap> | undefined;
  /** The text of its cloud-config, or of what else cloud-init takes. */
  readonly userData?: Said<string> | undefined;
}

/** What the machines of a list boot. */
export interface GatheredBoot {
  readonly at: Place;
  /** xnames, names, groups, or BSS' tags such as Default; `*`, `?` and `[0-9]` stand for what they do in names of files. */
  readonly hosts?: readonly Said<string>[];
  readonly macs?: readonly Said<string>[];
  readonly nids?: readonly Said<number>[];
  /** What a machine is known by where it is by nothing of these. */
  readonly ips?: readonly Said<string>[];
  readonly uuids?: readonly Said<string>[];
  readonly kernel?: Said<string> | undefined;
  readonly initrd?: Said<string> | undefined;
  readonly params?: Said<string> | undefined;
  /** Of two entries that name a machine as closely, the higher one counts. */
  readonly priority?: number | undefined;
}

/** What a file says of all machines of a cluster. */
export interface GatheredCluster {
  readonly at: Place;
  readonly name?: Said<string> | undefined;
  /** What host names begin with, where machines have none: the NID follows, padded with zeros to `nidLength`. */
  readonly shortName?: Said<string> | undefined;
  readonly nidLength?: Said<number> | undefined;
  /** What cloud-init finds in the meta-data of all of them. */
  readonly metaData?: ValueMap | undefined;
}
