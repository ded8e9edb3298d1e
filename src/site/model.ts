import type { SiteFile } from '../inventory/own-files.ts';
import type { Arch } from '../knowledge/harvester.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Cidr, Ipv4, Ipv4Range } from '../values/addresses.ts';
import type { Mac } from '../values/identifiers.ts';
import type { Version } from '../values/version.ts';
import type { Server } from './model-server.ts';

/**
 * The resolved site: every fact stated once in the inventory, merged, derived where it can be, and immutable. Rules
 * check it and targets write it. Each object knows where its values came from (`placeOf` and its kin).
 */
export interface Site {
  readonly name: string;
  /** The boot server. */
  readonly server: Server;
  /** The libvirt host of virtual machines. */
  readonly host?: Host;
  /** The pinned SHA-512 checksums, by file name. */
  readonly sha512: Readonly<Record<string, string>>;
  /** The sizes of files in bytes, by file name. */
  readonly size: Readonly<Record<string, number>>;
  readonly networks: readonly Network[];
  readonly clusters: readonly Cluster[];
  readonly groups: readonly Group[];
  /** Who machines belong to, in the inventory's order. */
  readonly tenants: readonly Tenant[];
  /** What the disks of diskless nodes are clones of, in the inventory's order. */
  readonly images: readonly Image[];
  readonly nodes: readonly Node[];
  /** Whether the site has no internet access. */
  readonly airGapped: boolean;
  /** Rules that say nothing in the whole site, by code, each with the reason. */
  readonly silence: Silence;
  /** The site files. */
  readonly files: readonly SiteFile[];
}

/** Rules that say nothing, by code, each with the reason. */
export type Silence = Readonly<Record<string, string>>;

/** Whom machines belong to. */
export interface Tenant {
  readonly name: string;
  /** Nobody else's. */
  readonly network: Network;
  readonly description?: string;
  /** Addresses and subnets that may fetch the files of the tenant's nodes. */
  readonly allow: readonly string[];
}

/** What disks of diskless nodes are clones of. */
export interface Image {
  readonly name: string;
  /** The name in the store. */
  readonly stored: string;
  /** The file that a golden one is made of. */
  readonly source?: string;
  /** The name of the node whose disk it is made from. */
  readonly snapshotOf?: string;
  /** The image that it was made from. */
  readonly parent?: Image;
  readonly tenant?: Tenant;
  /** Whether nodes of every tenant may boot it. */
  readonly public: boolean;
}

/** The libvirt host of a site: what its virtual machines live on. */
export interface Host {
  /** By which people and their tools reach it. */
  readonly address?: string;
  readonly domainType: 'kvm' | 'qemu';
  readonly threads?: number;
  /** As the inventory says it: 128Gi. */
  readonly memory?: string;
  /** The folder of disk images, in which data disks are mounted. */
  readonly images: string;
  readonly disks: readonly HostDisk[];
  readonly expose: readonly Exposed[];
}

/** A data disk of the host. */
export interface HostDisk {
  readonly name: string;
  readonly device: string;
  /** As the inventory says it. */
  readonly size?: string;
  readonly filesystem: 'ext4' | 'xfs';
  /** The directory that it is mounted at. */
  readonly mount: string;
}

/** A port of the host that leads to a cluster's VIP. */
export interface Exposed {
  /** The port of the host. */
  readonly port: number;
  /** The port of the VIP. */
  readonly to: number;
  /** The cluster with this VIP. */
  readonly cluster: Cluster;
  /** The host's address to listen at; all of them where it is not said. */
  readonly address?: Ipv4;
  /** Who may connect; everybody where nothing is said. */
  readonly allow: readonly string[];
}

/** A network of the site, with what DHCP and configurations say of it. */
export interface Network {
  readonly name: string;
  readonly subnet: Cidr;
  readonly gateway?: Ipv4;
  readonly dns: readonly Ipv4[];
  /** IP addresses or names. */
  readonly ntp: readonly string[];
  readonly domain?: string;
  readonly vlan?: number;
  readonly mtu?: number;
  /** The boot server's NIC on this network. */
  readonly interface?: string;
  readonly dhcp?: Dhcp;
  /** The iSCSI server's address here, where it is another one than the server's own. */
  readonly iscsi?: Ipv4;
  readonly libvirt?: LibvirtNetwork;
}

/** A network that libvirt makes. */
export interface LibvirtNetwork {
  /** The name in libvirt: `<site>-<network>`. */
  readonly name: string;
  readonly bridge: string;
  readonly forward: 'nat' | 'route' | 'open' | 'isolated';
  /** The host's own address on it. */
  readonly address?: Ipv4;
}

/** How addresses are given out on a network. */
export interface Dhcp {
  readonly server: 'dnsmasq' | 'isc' | 'kea' | 'coredhcp' | 'libvirt' | 'external';
  readonly pool?: Ipv4Range;
  /** As dnsmasq writes it: 45m, 12h, 7d, infinite. */
  readonly lease: string;
  /** Whether reservations are also lists that a dnsmasq reads again on SIGHUP. */
  readonly hostsFiles: boolean;
}

/** A Harvester cluster: its release, its address, and its members. */
export interface Cluster {
  readonly name: string;
  readonly version: Version;
  readonly arch: Arch;
  readonly vip: Ipv4;
  readonly vipMode: 'static' | 'dhcp';
  readonly vipHwAddr?: Mac;
  /** The token as in the inventory, usually a reference to a secret: a template cannot write it. */
  readonly token: string;
  readonly members: readonly Node[];
}

/** A NIC of a machine, and the network that it is on. */
export interface Nic {
  /** The name in the installed system. */
  readonly name?: string;
  /** Undefined where it is not known, as that of a machine in a cloud before its first launch. */
  readonly mac?: Mac;
  readonly network: Network;
  readonly ip?: Ipv4;
  /** Whether the inventory says that the machine boots from this one. */
  readonly boot?: boolean;
}

/** A machine: what it boots, who it is on which network, and its Harvester configuration. */
export interface Node {
  /** The host name. */
  readonly name: string;
  readonly os: 'harvester' | 'linux' | 'iscsi' | 'local';
  /** What the inventory says of what it boots, its layers merged. */
  readonly boot: BootInput;
  /** What it boots, where that is a Linux by kernel and initrd. */
  readonly linux?: LinuxBoot;
  /** The disk that it boots by iSCSI, or that Harvester is installed on. */
  readonly iscsi?: IscsiBoot;
  /** The boot loader of the firmware. */
  readonly loader: 'ipxe' | 'grub' | 'pxelinux';
  /** What cloud-init finds on it, where it boots Linux. */
  readonly cloudInit?: CloudInit;
  readonly cluster?: Cluster;
  readonly mode: 'create' | 'join';
  readonly role?: 'default' | 'management' | 'worker' | 'witness';
  readonly install: 'once' | 'always' | 'never';
  readonly firmware: 'uefi' | 'bios';
  /** That of its cluster; of a machine without one, the site's. */
  readonly arch: Arch;
  readonly nics: readonly Nic[];
  /** What the machine's firmware says of it, where the inventory does, in lower case: SMBIOS' UUID. */
  readonly uuid?: string;
  /** The serial number that firmware reports. */
  readonly serial?: string;
  /** Where it is: `x1000c1s7b0n0`. */
  readonly xname?: string;
  /** The number in the cluster. */
  readonly nid?: number;
  /** In the order in which they count. */
  readonly groups: readonly Group[];
  /** The owner. */
  readonly tenant?: Tenant;
  /** The disk that it boots, as its firmware counts; the first (0x80) where nothing is said. */
  readonly drive?: number;
  /** The NIC that the machine boots from: its network is the management network, its MAC names the node's files, or its address without one. */
  readonly bootNic: Nic;
  /** The NICs of the management bond: all on the management network, the one that boots first. */
  readonly bond: readonly Nic[];
  /** The IP address on the management network. */
  readonly ip: Ipv4;
  /** What the inventory says of Harvester's configuration for this node, its layers merged. */
  readonly userConfig: HarvesterConfig;
  /** What follows from the rest of the site. */
  readonly derived: HarvesterConfig;
  /** The whole: what is said over what is derived. */
  readonly config: HarvesterConfig;
  /** What the node itself, not a layer below it, says of the configuration. */
  readonly own: HarvesterConfig;
  readonly facts: Facts;
  /** The libvirt domain, if it is a virtual machine of the host. */
  readonly domain?: Domain;
  /** The instance, if it runs on Oracle Cloud Infrastructure. */
  readonly oci?: OciInstance;
  /** Rules that say nothing of this node, by code, each with the reason. */
  readonly silence: Silence;
}

/** A group of nodes: what cloud-init finds on its members. */
export interface Group {
  readonly name: string;
  readonly description?: string;
  /** A map is cloud-config, a text is handed on as it is. */
  readonly userData?: CloudInitData;
  readonly metaData?: Readonly<Record<string, unknown>>;
}

/** A map is cloud-config; a text says in its first line what it is. */
export type CloudInitData = Readonly<Record<string, unknown>> | string;

/** What is said of what a node boots, as it stands in the inventory: some of it is of another `os` than the node has. */
export type BootInput = Readonly<Record<string, unknown>>;

/** A Linux by its kernel, with the node's values filled in. */
export interface LinuxBoot {
  /** A URL. */
  readonly kernel: string;
  /** URLs, in order. */
  readonly initrds: readonly string[];
  /** The root file system's image, where the initrd fetches one. */
  readonly squashfs?: string;
  /** The kernel's arguments, `root=` first; without what is added for the NIC that it boots from and for cloud-init. */
  readonly args: readonly string[];
}

/** A disk by iSCSI. */
export interface IscsiBoot {
  /** What it is called in the site's own store; undefined where the target is somebody else's. */
  readonly disk?: string;
  /** What it is a clone of; undefined for a blank one, and for somebody else's. */
  readonly image?: Image;
  /** As the inventory says it: 40Gi. */
  readonly size?: string;
  /** The name of the target; it may refer to a secret. */
  readonly target: string;
  readonly lun: number;
  /** The IP address of the iSCSI server. */
  readonly address: Ipv4;
  readonly port: number;
  /** The initiator name of the node. */
  readonly initiator: string;
  readonly chap?: Chap;
  /** The action if the disk does not boot. */
  readonly fallback: 'retry' | 'disk';
}

/** How node and target prove who they are. The passwords refer to secrets. */
export interface Chap {
  /** The user name of the node. */
  readonly user: string;
  readonly password: string;
  /** The user name of the target, for mutual authentication. */
  readonly targetUser?: string;
  readonly targetPassword?: string;
}

/** What cloud-init finds on a node: NoCloud. */
export interface CloudInit {
  readonly userData: readonly CloudInitData[];
  readonly vendorData: readonly CloudInitData[];
  /** Without what follows from the node: instance-id and host name. */
  readonly metaData: Readonly<Record<string, unknown>>;
  /** In place of the one that follows from its NICs. */
  readonly networkConfig?: Readonly<Record<string, unknown>>;
}

/** What the inventory declares of a machine; nothing is derived from it, checks and lists use it. */
export type Facts = Readonly<
  Pick<NonNullable<SiteInventory['defaults']>, 'labels' | 'disks' | 'hardware' | 'bmc' | 'vm'>
>;

/** A disk of a machine. */
export type Disk = NonNullable<Facts['disks']>[number];

/** A node as libvirt's domain. */
export interface Domain {
  /** Follows from the site and the MAC that the node boots from: the same at each build. */
  readonly uuid: string;
  readonly vcpus: number;
  /** In MiB. */
  readonly memory: number;
  readonly disks: readonly DomainDisk[];
  readonly vnc: { readonly listen: Ipv4; readonly port?: number };
  readonly autostart: boolean;
}

/** An instance of Oracle Cloud Infrastructure: what it is launched with. */
export interface OciInstance {
  readonly region?: string;
  readonly compartment: string;
  readonly subnet: string;
  readonly image: string;
  readonly shape: string;
  /** With the prefix of the tenancy. */
  readonly availabilityDomain: string;
  readonly faultDomain?: string;
  /** The OCIDs of network security groups. */
  readonly nsgs: readonly string[];
  readonly publicIp: boolean;
  /** Addresses and subnets from which people reach it. */
  readonly allow: readonly string[];
  /** The file with the public key of the console connection, on the machine of whoever launches. */
  readonly sshPublicKey?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A disk of a domain. */
export interface DomainDisk {
  /** The image on the host. */
  readonly file: string;
  /** In bytes, a multiple of 512. */
  readonly size: number;
  readonly format: 'qcow2' | 'raw';
  readonly bus: 'virtio' | 'scsi' | 'sata';
  /** libvirt's name for its place on the bus: vda, sda. */
  readonly target: string;
  readonly serial: string;
  /** World Wide Name, 16 hexadecimal digits: of disks of SCSI only. */
  readonly wwn?: string;
  /** What the machine itself calls it, whatever else it finds. */
  readonly device: string;
  /** The data disk of the host that contains the image. */
  readonly on?: HostDisk;
}
