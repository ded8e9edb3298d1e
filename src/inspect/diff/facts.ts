/**
 * What the files of a tree say of a site: no more than is needed to tell what changes. The tree may be that of another
 * version, or have been edited, so nearly everything may be missing.
 */
export interface SiteFacts {
  readonly name?: string;
  /** Where machines fetch from. */
  readonly url?: string;
  /** Where they fetch their configurations from. */
  readonly configUrl?: string;
  /** Whether it has a libvirt host, and by which name or address people reach that. */
  readonly hasHost?: boolean;
  readonly hostAddress?: string;
  /** What is said of its iSCSI server, where nodes have disks there. */
  readonly iscsi?: Readonly<Record<string, unknown>>;
  readonly tenants: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly images: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly networks: ReadonlyMap<string, NetworkFacts>;
  readonly clusters: ReadonlyMap<string, ClusterFacts>;
  readonly nodes: ReadonlyMap<string, NodeFacts>;
}

/** What is said of a network, by dotted key: `gateway`, `dns`, `dhcp.pool`. */
export type NetworkFacts = Readonly<Record<string, unknown>>;

export interface ClusterFacts {
  readonly vip?: string;
  /** Harvester's version. */
  readonly release?: string;
  readonly arch?: string;
}

export interface NodeFacts {
  readonly name: string;
  readonly os?: string;
  readonly cluster?: string;
  readonly mode?: string;
  readonly role?: string;
  readonly install?: string;
  readonly firmware?: string;
  readonly ip?: string;
  /** Of the NIC that it boots from: by it its files are named, or by its address without one. */
  readonly mac?: string;
  /** What its firmware says of it: by these its script is there once more. */
  readonly uuid?: string;
  readonly serial?: string;
  /** What it boots Linux by. */
  readonly linux?: LinuxFacts;
  /** The disk that it has by iSCSI, and all networks of its site: by one of them it comes to that. */
  readonly iscsi?: IscsiFacts;
  readonly networks?: ReadonlyMap<string, NetworkFacts>;
  readonly tenant?: string;
  /** What its firmware loads, where that is not iPXE. */
  readonly loader?: string;
  /** The disk that it boots, as firmware counts; the first where nothing is said. */
  readonly drive?: number;
  /** The site that it belongs to. */
  readonly site?: string;
  /** The network that it boots from: its name, and what is said of it. */
  readonly networkName?: string;
  readonly network?: NetworkFacts;
  /** Whether that has DHCP. */
  readonly leases?: boolean;
  readonly nics?: readonly NicFacts[];
  /** The one of these that it boots from. */
  readonly bootNic?: NicFacts;
  /** Where it fetches from, and where its configuration from. */
  readonly url?: string;
  readonly configUrl?: string;
  /** What its cluster says. */
  readonly release?: string;
  readonly arch?: string;
  readonly vip?: string;
  /** What is declared of the machine, by key: labels, disks, hardware, bmc, vm. */
  readonly declared: Readonly<Record<string, unknown>>;
  /** The libvirt domain that it is: what is said of it by key, dotted, disks by their place: `disks.vda.file`. */
  readonly domain?: DomainFacts;
  /** The text of that domain. */
  readonly definition?: string;
  /** The text of its script and of its configuration. */
  readonly script?: string;
  /** That of GRUB's. */
  readonly grubScript?: string;
  readonly config?: string;
  /** The texts of what cloud-init finds on it, by the files' names. */
  readonly cloudInit?: Readonly<Record<string, string | undefined>>;
}

/** What a node boots Linux by, as www/inventory.json has it. */
export interface LinuxFacts {
  readonly kernel?: string;
  readonly initrds: readonly string[];
  readonly squashfs?: string;
  readonly args: readonly string[];
  readonly loader?: string;
}

/** A disk by iSCSI, as www/inventory.json has it, and the node's script: that alone says how both prove who they are. */
export interface IscsiFacts {
  readonly image?: string;
  /** What it is called in the site's own store; undefined of somebody else's. */
  readonly disk?: string;
  readonly size?: string;
  readonly target?: string;
  readonly lun?: number;
  readonly address?: string;
  readonly port?: number;
  readonly initiator?: string;
  readonly fallback?: string;
  /** Passwords are marks. */
  readonly chap?: {
    readonly user: string;
    readonly password: string;
    readonly targetUser?: string;
    readonly targetPassword?: string;
  };
}

export type DomainFacts = Readonly<Record<string, unknown>>;

export interface NicFacts {
  readonly mac?: string;
  readonly name?: string;
  readonly network?: string;
  readonly ip?: string;
}

/** What is declared of a machine, and changes nothing of what it boots. */
export const DECLARED = ['xname', 'nid', 'groups', 'labels', 'disks', 'hardware', 'bmc', 'vm'] as const;
