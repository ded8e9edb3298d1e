import type { HarvesterConfig } from '../inventory/harvester-config.gen.ts';
import type { Arch } from '../tables/harvester-media.ts';
import type { Cidr, Ipv4, Ipv4Range } from './ipv4.ts';
import type { Mac } from './mac.ts';
import type { Version } from './version.ts';

/**
 * The resolved site: every fact stated once in the inventory, merged, derived where it can be, and immutable. Rules
 * check it and targets write it. Each object knows where its values came from (`placeOf` and its kin).
 */
export interface Site {
  readonly name: string;
  readonly server: Server;
  /** SHA-512 pins by file name. */
  readonly sha512: Readonly<Record<string, string>>;
  /** Sizes in bytes by file name. */
  readonly size: Readonly<Record<string, number>>;
  readonly networks: readonly Network[];
  readonly clusters: readonly Cluster[];
  readonly nodes: readonly Node[];
  /** Whether the site has no way to the internet. */
  readonly airGapped: boolean;
  /** Rules that say nothing in the whole site, by code, each with the reason. */
  readonly silence: Silence;
  /** The files of the site's own, which go into the tree as they are. */
  readonly files: readonly SiteFile[];
}

/** Rules that say nothing, by code, each with the reason. */
export type Silence = Readonly<Record<string, string>>;

/** A file of the site's own: `files/<path>` of its folder. */
export interface SiteFile {
  /** Where it goes in the tree, with forward slashes. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** The boot server: what machines fetch from, and where things lie on it. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Where the tree lies. */
  readonly root: string;
  readonly media: MediaSource;
  readonly tftp: string;
  /** What nginx includes to fill secrets in as it serves. Undefined where the tree itself holds their values. */
  readonly secrets?: string | undefined;
  readonly tls?: Tls;
  /** Addresses and subnets that may fetch any node's files. */
  readonly allow: readonly string[];
  /** Where the site's machines boot nothing but what is signed. */
  readonly sign?: Sign;
}

/** Signatures of what machines boot, made beside the tree. */
export interface Sign {
  /** The common name of the certificate that signs. */
  readonly signer: string;
  /** Where they lie on the boot server. */
  readonly path: string;
}

/** What nginx speaks https with. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
  /** Below which machines fetch their configurations, without a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** Where machines fetch Harvester's files: below `url`, one folder for each version. */
export interface MediaSource {
  readonly url: string;
  /** The folder on the boot server, where it serves them itself. */
  readonly path?: string;
}

/** A network of the site, with what DHCP and configurations say of it. */
export interface Network {
  readonly name: string;
  readonly subnet: Cidr;
  readonly gateway?: Ipv4;
  readonly dns: readonly Ipv4[];
  readonly ntp: readonly string[];
  readonly domain?: string;
  readonly vlan?: number;
  readonly mtu?: number;
  /** The boot server's NIC on this network. */
  readonly interface?: string;
  readonly dhcp?: Dhcp;
}

/** How addresses are given out on a network. */
export interface Dhcp {
  readonly server: 'dnsmasq' | 'external';
  readonly pool?: Ipv4Range;
  /** As dnsmasq writes it: 45m, 12h, 7d, infinite. */
  readonly lease: string;
}

/** A Harvester cluster: its release, its address, and its members. */
export interface Cluster {
  readonly name: string;
  readonly version: Version;
  readonly arch: Arch;
  readonly vip: Ipv4;
  readonly vipMode: 'static' | 'dhcp';
  readonly vipHwAddr?: Mac;
  readonly token: string;
  readonly members: readonly Node[];
}

/** A NIC of a machine, and the network that it is on. */
export interface Nic {
  /** Its name in the installed system, where the inventory says it. */
  readonly name?: string;
  readonly mac: Mac;
  readonly network: Network;
  readonly ip?: Ipv4;
  /** Whether the inventory says that the machine boots from this one. */
  readonly boot?: boolean;
}

/** A machine: what it boots, who it is on which network, and its Harvester configuration. */
export interface Node {
  readonly name: string;
  readonly os: 'harvester' | 'local';
  /** What a Harvester node belongs to. */
  readonly cluster?: Cluster;
  readonly mode: 'create' | 'join';
  readonly role?: 'default' | 'management' | 'worker' | 'witness';
  readonly install: 'once' | 'always' | 'never';
  readonly firmware: 'uefi' | 'bios';
  readonly nics: readonly Nic[];
  /** The NIC that the machine boots from: its network is the management network, its MAC names the node's files. */
  readonly bootNic: Nic;
  /** The NICs of the management bond: all on the management network, the one that boots first. */
  readonly bond: readonly Nic[];
  /** The node's address on the management network. */
  readonly ip: Ipv4;
  /** What the inventory says of Harvester's configuration for this node, its layers merged. */
  readonly said: HarvesterConfig;
  /** What follows from the rest of the site. */
  readonly derived: HarvesterConfig;
  /** The whole: what is said over what is derived. */
  readonly config: HarvesterConfig;
  /** What the node itself, not a layer below it, says of the configuration. */
  readonly own: HarvesterConfig;
  readonly facts: Facts;
  /** Rules that say nothing of this node, by code, each with the reason. */
  readonly silence: Silence;
}

/** What the inventory declares of a machine; nothing is derived from it, checks and lists use it. */
export interface Facts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly disks?: readonly Disk[];
  readonly hardware?: { readonly threads?: number; readonly memory?: string; readonly link_speed?: string };
  readonly bmc?: {
    readonly address?: string;
    readonly mac?: string;
    readonly protocol?: 'redfish' | 'ipmi';
    readonly password?: string;
  };
  readonly vm?: VirtualMachine;
}

/** A disk of a machine. */
export interface Disk {
  readonly path: string;
  /** Other names of the same disk. */
  readonly aliases?: readonly string[];
  /** As the inventory says it: 480GB, 512Gi. */
  readonly size?: string;
  /** Whether it holds what must not be lost. */
  readonly keep?: boolean;
}

/** What a machine is made of that is a virtual one. */
export interface VirtualMachine {
  readonly memory?: string;
  readonly vcpus?: number;
  readonly disks?: readonly {
    readonly size: string;
    readonly bus?: 'virtio' | 'scsi' | 'sata' | 'nvme';
    readonly format?: 'qcow2' | 'raw';
  }[];
}
