import type { SiteFile } from '../inventory/own-files.ts';
import type { Arch } from '../knowledge/harvester.ts';
import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Cidr, Ipv4, Ipv4Range } from '../values/addresses.ts';
import type { Mac } from '../values/identifiers.ts';
import type { Version } from '../values/version.ts';
import type { CloudVm, HostDisk, Lun } from './model-host.ts';
import type { Server } from './model-server.ts';

/**
 * The resolved site: the merged values of the inventory, with all derived values, immutable. Rules check it and targets write
 * it. Each object records the source locations of its values (`locationOf` and similar functions).
 */
export interface Site {
  readonly name: string;
  /** The boot server. */
  readonly server: Server;
  /** The libvirt host of virtual machines. */
  readonly host?: Host;
  /** The SHA-512 pins of the inventory, by file name. */
  readonly sha512: Readonly<Record<string, string>>;
  /** The sizes of files in bytes, by file name. */
  readonly size: Readonly<Record<string, number>>;
  readonly networks: readonly Network[];
  readonly clusters: readonly Cluster[];
  readonly groups: readonly Group[];
  /** The owners of machines, in the inventory's order. */
  readonly tenants: readonly Tenant[];
  /** The sources of diskless nodes' disks, in the inventory's order. */
  readonly images: readonly Image[];
  readonly nodes: readonly Node[];
  /** The boots of machines outside the inventory, the one for all other architectures last. */
  readonly unknownMachines: readonly UnknownBoot[];
  /** Whether the site has no internet access. */
  readonly airGapped: boolean;
  /** Silenced rules for the whole site, by code, each with the reason. */
  readonly silence: Silence;
  /** The site files. */
  readonly files: readonly SiteFile[];
  /** The Kubernetes objects of the clusters in `manifests/`, in the order of the clusters and files. */
  readonly manifests: readonly Manifest[];
}

/** A Kubernetes object of a cluster, with its layers merged and the values of the site substituted. */
export interface Manifest {
  readonly cluster: Cluster;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** The namespace; undefined for an object of the whole cluster, and of an unknown kind if it sets none. */
  readonly namespace?: string;
  /** The whole object. Texts can refer to secrets. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether the installation of the cluster creates the object: `cluster.bootstrap`. */
  readonly bootstrap: boolean;
}

/** Silenced rules by code, each with the reason. */
export type Silence = Readonly<Record<string, string>>;

/** An owner of machines. */
export interface Tenant {
  readonly name: string;
  /** The network of the tenant, which no other tenant uses. */
  readonly network: Network;
  readonly description?: string;
  /** IP addresses and subnets that may download the files of the tenant's nodes. */
  readonly allow: readonly string[];
}

/** The source of diskless nodes' disks, which are clones of it. */
export interface Image {
  readonly name: string;
  /** The name in the store. */
  readonly stored: string;
  /** The file that a golden image is made from. */
  readonly source?: string;
  /** The name of the node whose disk the image is made from. */
  readonly snapshotOf?: string;
  /** The image that this image was made from. */
  readonly parent?: Image;
  readonly tenant?: Tenant;
  /** Whether nodes of every tenant may boot the image. */
  readonly public: boolean;
}

/** The libvirt host of a site, which runs its virtual machines. */
export interface Host {
  /** The address for people and their tools. */
  readonly address?: string;
  /** The cloud VM that is the host, if harvgen describes it. */
  readonly cloud?: CloudVm;
  readonly domainType: 'kvm' | 'qemu';
  readonly threads?: number;
  /** The memory as in the inventory: 128Gi. */
  readonly memory?: string;
  /** The directory of disk images, which contains the mount points of data disks. */
  readonly images: string;
  readonly disks: readonly HostDisk[];
  readonly luns: readonly Lun[];
  readonly expose: readonly Exposed[];
  /** The URL at which `host/cloud-config` is published. */
  readonly userDataUrl?: string;
}

/** A port of the host that is forwarded to a cluster's VIP. */
export interface Exposed {
  /** The port of the host. */
  readonly port: number;
  /** The port of the VIP. */
  readonly to: number;
  /** The cluster with this VIP. */
  readonly cluster: Cluster;
  /** The host's IP address to listen on (default: all). */
  readonly address?: Ipv4;
  /** The clients that may connect (default: all). */
  readonly allow: readonly string[];
}

/** A network of the site, with its settings for DHCP and configurations. */
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
  /** The boot server's IP address on this network, if it differs from the host of its URL. */
  readonly bootServer?: Ipv4;
  /** The iSCSI server's IP address on this network, if it differs from the server's own. */
  readonly iscsi?: Ipv4;
  readonly libvirt?: LibvirtNetwork;
}

/** A network that libvirt creates. */
export interface LibvirtNetwork {
  /** The name in libvirt: `<site>-<network>`. */
  readonly name: string;
  readonly bridge: string;
  readonly forward: 'nat' | 'route' | 'open' | 'isolated';
  /** The host's own IP address on the network. */
  readonly address?: Ipv4;
}

/** The DHCP server of a network. */
export interface Dhcp {
  readonly server: 'dnsmasq' | 'isc' | 'kea' | 'coredhcp' | 'libvirt' | 'external';
  readonly pool?: Ipv4Range;
  /** The lease time in the notation of dnsmasq: 45m, 12h, 7d, infinite. */
  readonly lease: string;
  /** Whether reservations are also lists that a dnsmasq reads again on SIGHUP. */
  readonly hostsFiles: boolean;
  /** Whether the boot server's dnsmasq only adds the boot file to the answers of the external server. */
  readonly proxy: boolean;
}

/** A Harvester cluster: its release, its VIP, and its members. */
export interface Cluster {
  readonly name: string;
  readonly version: Version;
  readonly arch: Arch;
  /** The management network, if it is set: by default, each node's is the one that it boots from. */
  readonly network?: Network;
  readonly vip: Ipv4;
  readonly vipMode: 'static' | 'dhcp';
  readonly vipHwAddr?: Mac;
  /** The token as in the inventory, usually a reference to a secret: a template cannot write it. */
  readonly token: string;
  /** Whether the cluster is running already, with members that the site may not contain: all nodes join it. */
  readonly exists: boolean;
  readonly members: readonly Node[];
  /** The manifests that the installation creates, as in the inventory: `Kind`, `Kind/name` or `Kind/namespace/name`. */
  readonly bootstrap: readonly string[];
}

/** A NIC of a machine, with its network. */
export interface Nic {
  /** The name in the installed system. */
  readonly name?: string;
  /** The MAC address; undefined if unknown, for example before the first launch of a machine in a cloud. */
  readonly mac?: Mac;
  readonly network: Network;
  readonly ip?: Ipv4;
  /** Whether the inventory selects it as the boot NIC. */
  readonly boot?: boolean;
}

/** A machine: its boot, its identity on each network, and its Harvester configuration. */
export interface Node {
  /** The host name. */
  readonly name: string;
  readonly os: 'harvester' | 'linux' | 'iscsi' | 'local';
  /** The inventory's `boot` of the node, with its layers merged. */
  readonly boot: BootInput;
  /** The boot of a Linux by kernel and initrd. */
  readonly linux?: LinuxBoot;
  /**
   * The arguments that the inventory adds to the kernel of Harvester's installer: its consoles, then `boot.args`, with the node's
   * values substituted.
   */
  readonly installerArgs?: readonly string[];
  /** The iSCSI disk that the node boots from, or that Harvester is installed on. */
  readonly iscsi?: IscsiBoot;
  /** The boot loader of the firmware. */
  readonly loader: 'ipxe' | 'grub' | 'pxelinux';
  /** The data for cloud-init: on a node that boots Linux, or its disk if the inventory sets any. */
  readonly cloudInit?: CloudInit;
  readonly cluster?: Cluster;
  readonly mode: 'create' | 'join';
  readonly role?: 'default' | 'management' | 'worker' | 'witness';
  readonly install: 'once' | 'always' | 'never';
  readonly firmware: 'uefi' | 'bios';
  /** The architecture of its cluster; without a cluster, of the site. */
  readonly arch: Arch;
  readonly nics: readonly Nic[];
  /** The SMBIOS UUID that firmware reports, in lower case, if the inventory sets it. */
  readonly uuid?: string;
  /** The serial number that firmware reports. */
  readonly serial?: string;
  /** The location of the machine in a rack: `x1000c1s7b0n0`. */
  readonly xname?: string;
  /** The number in the cluster. */
  readonly nid?: number;
  /** The role and subrole in OpenCHAMI's SMD: `Application`. */
  readonly smdRole?: string;
  readonly subrole?: string;
  /** The rack with the machine, and its lowest rack unit there, counted from the bottom. */
  readonly rack?: string;
  readonly position?: number;
  /** The height in rack units; undefined by default, for one. */
  readonly height?: number;
  /** The groups of the node, in order of precedence. */
  readonly groups: readonly Group[];
  /** The owner. */
  readonly tenant?: Tenant;
  /** The number of the boot disk in firmware (default: the first, 0x80). */
  readonly drive?: number;
  /** The boot NIC. Its MAC or, without one, its IP address names the node's files. */
  readonly bootNic: Nic;
  /** The NICs that firmware may boot from: all on the network of the boot NIC, which is first. */
  readonly bootNics: readonly Nic[];
  /** The NICs of the management bond: all on the management network, with the boot NIC or the one with the IP address first. */
  readonly bond: readonly Nic[];
  /** The IP address after the installation: on the management network. While a node installs, it has that of its boot NIC. */
  readonly ip: Ipv4;
  /** The Harvester configuration in the inventory for this node, with its layers merged. */
  readonly userConfig: HarvesterConfig;
  /** In a cluster that exists: the same with the keys of a create node, whose settings and add-ons the cluster gets. */
  readonly clusterConfig?: HarvesterConfig;
  /** The values that are derived from the rest of the site. */
  readonly derived: HarvesterConfig;
  /** The whole configuration: the user's configuration merged over the derived one. */
  readonly config: HarvesterConfig;
  /** The configuration that the node itself sets, without its layers. */
  readonly own: HarvesterConfig;
  readonly facts: Facts;
  /** The libvirt domain, if the node is a virtual machine of the host. */
  readonly domain?: Domain;
  /** The instance, if the node runs on Oracle Cloud Infrastructure. */
  readonly oci?: OciInstance;
  /** Silenced rules for this node, by code, each with the reason. */
  readonly silence: Silence;
}

/** A group of nodes, with the data for cloud-init on its members. */
export interface Group {
  readonly name: string;
  readonly description?: string;
  /** A map is cloud-config; a text is passed on unchanged. */
  readonly userData?: CloudInitData;
  readonly metaData?: Readonly<Record<string, unknown>>;
}

/** A map is cloud-config; the first line of a text sets its format. */
export type CloudInitData = Readonly<Record<string, unknown>> | string;

/** The `boot` settings of a node as in the inventory: some may be for another `os`. */
export type BootInput = Readonly<Record<string, unknown>>;

/** A Linux by its kernel, with the node's values substituted. */
export interface LinuxBoot {
  /** The URL of the kernel. */
  readonly kernel: string;
  /** The URLs of the initrds, in order. */
  readonly initrds: readonly string[];
  /** The image of the root file system, if the initrd downloads one. */
  readonly squashfs?: string;
  /** The kernel's arguments, with `root=` first, but without those for the boot NIC and for cloud-init. */
  readonly args: readonly string[];
}

/** The Linux that machines outside the inventory boot. */
export interface UnknownBoot extends LinuxBoot {
  /** The architecture of the machines; undefined for all that have no boot of their own. */
  readonly arch?: Arch;
}

/** An iSCSI disk. */
export interface IscsiBoot {
  /** The name of the disk in the site's own store; undefined for a target of another server. */
  readonly disk?: string;
  /** The image that the disk is a clone of; undefined for a blank disk, and for a target of another server. */
  readonly image?: Image;
  /** The size as in the inventory: 40Gi. */
  readonly size?: string;
  /** The name of the target, which may refer to a secret. */
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

/** The credentials that node and target authenticate with. The passwords refer to secrets. */
export interface Chap {
  /** The user name of the node. */
  readonly user: string;
  readonly password: string;
  /** The user name of the target, for mutual authentication. */
  readonly targetUser?: string;
  readonly targetPassword?: string;
}

/** The data for cloud-init on a node: NoCloud. */
export interface CloudInit {
  readonly userData: readonly CloudInitData[];
  readonly vendorData: readonly CloudInitData[];
  /** The meta-data without the values that are derived from the node: instance-id and host name. */
  readonly metaData: Readonly<Record<string, unknown>>;
  /** The network configuration, in place of the one that is derived from the NICs. */
  readonly networkConfig?: Readonly<Record<string, unknown>>;
}

/** The declared properties of a machine, for checks and lists; no values are derived from them. */
export type Facts = Readonly<
  Pick<NonNullable<SiteInventory['defaults']>, 'labels' | 'disks' | 'hardware' | 'bmc' | 'vm'>
>;

/** A disk of a machine. */
export type Disk = NonNullable<Facts['disks']>[number];

/** A node as a domain of libvirt. */
export interface Domain {
  /** The node's UUID, else one derived from the site and the boot NIC's MAC: the same in each build. */
  readonly uuid: string;
  readonly vcpus: number;
  /** The memory in MiB. */
  readonly memory: number;
  readonly disks: readonly DomainDisk[];
  readonly vnc: { readonly listen: Ipv4; readonly port?: number; readonly websocket?: number };
  readonly autostart: boolean;
}

/** An instance of Oracle Cloud Infrastructure: its launch parameters. */
export interface OciInstance {
  readonly region?: string;
  readonly compartment: string;
  readonly subnet: string;
  readonly image: string;
  readonly shape: string;
  /** The availability domain, with the prefix of the tenancy. */
  readonly availabilityDomain: string;
  readonly faultDomain?: string;
  /** The OCIDs of network security groups. */
  readonly nsgs: readonly string[];
  readonly publicIp: boolean;
  /** IP addresses and subnets from which users may connect. */
  readonly allow: readonly string[];
  /** The file with the public key of the console connection, on the machine that runs the launch. */
  readonly sshPublicKey?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A disk of a domain. */
export interface DomainDisk {
  /** The name of the disk among those of its domain: set, its serial number, or by default its position from 0. */
  readonly name: string;
  /** The image on the host, which has the name of the disk. */
  readonly file: string;
  /** The size in bytes, a multiple of 512. */
  readonly size: number;
  readonly format: 'qcow2' | 'raw';
  readonly bus: 'virtio' | 'scsi' | 'sata';
  /** libvirt's name for the position of the disk on the bus: vda, sda. */
  readonly target: string;
  readonly serial: string;
  /** World Wide Name, 16 hexadecimal digits: only for SCSI disks. */
  readonly wwn?: string;
  /** The persistent name of the disk in the machine. */
  readonly device: string;
  /** The data disk of the host that contains the image. */
  readonly on?: HostDisk;
}
