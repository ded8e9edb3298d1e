import type { ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';

/** A value from a file, with its source location. */
export interface Sourced<T> {
  readonly value: T;
  readonly at: SourceLocation;
}

/** Values from a file, each with its source location; any can be missing. */
export type Facts<T> = { readonly [K in keyof T]?: Sourced<T[K]> | undefined };

/** A migration note for the user. Notes are in the order of the file. */
export interface ImportNote {
  /** `left` is not imported, `changed` is imported differently, and `open` must be filled in by the user. */
  readonly kind: 'left' | 'changed' | 'open';
  /** The source location; undefined for settings that the file lacks. */
  readonly at?: SourceLocation | undefined;
  /** The name of the variable or key that the note is about. */
  readonly of: string;
  /** The advice, or how it was converted; never contains a value that can be a secret. */
  readonly text: string;
}

/** The data of one file on the machines of a site. Files of several formats are joined into one site. */
export interface Gathered {
  readonly machines: readonly GatheredMachine[];
  /** Whether it makes a site even if no file contains machines. */
  readonly isSite?: boolean;
  /** BMCs that the file lists alone, without their machines. */
  readonly bmcs?: readonly GatheredBmc[];
  readonly networks?: readonly GatheredNetwork[];
  readonly networkDetails?: readonly GatheredNetworkDetails[];
  readonly groups?: readonly GatheredGroup[];
  /** The boot of machines that other files describe. */
  readonly boots?: readonly GatheredBoot[];
  /** The VLANs of networks, for which the file has no other data. */
  readonly vlans?: readonly GatheredVlan[];
  /** The VIPs of Harvester clusters for which a DHCP server reserves an IP address. */
  readonly vips?: readonly GatheredVip[];
  readonly server?: GatheredServer | undefined;
  /** The targets of the iSCSI server. */
  readonly targets?: readonly GatheredTarget[];
  readonly cluster?: GatheredCluster | undefined;
  /** The release of a running Harvester cluster, whose token is not in the file. */
  readonly release?: Sourced<string> | undefined;
  readonly notes: readonly ImportNote[];
}

/** A machine in a file. Files are joined by common identifiers: xname, MAC address, name, IP address. */
export interface GatheredMachine {
  readonly at: SourceLocation;
  /** Whether it is only in a lease or in a hosts file, so that other files take precedence. */
  readonly isLease?: boolean;
  /** Whether its file shows that it is another machine than all before, whatever they have in common. */
  readonly isOther?: boolean;
  readonly name?: Sourced<string> | undefined;
  /** Further names, by which its DHCP server looks up its IP address. */
  readonly aliases?: readonly Sourced<string>[] | undefined;
  /** The host name that its system sets, if a file contains it: it takes precedence over any name. */
  readonly hostName?: Sourced<string> | undefined;
  readonly xname?: Sourced<string> | undefined;
  readonly nid?: Sourced<number> | undefined;
  /** The role in SMD, such as Compute, by which BSS can select it. */
  readonly role?: Sourced<string> | undefined;
  readonly subrole?: Sourced<string> | undefined;
  readonly groups?: readonly Sourced<string>[];
  readonly nics?: readonly GatheredNic[];
  readonly bmc?: GatheredBmc | undefined;
  readonly uuid?: Sourced<string> | undefined;
  readonly serial?: Sourced<string> | undefined;
  readonly arch?: Sourced<'amd64' | 'arm64'> | undefined;
  readonly firmware?: Sourced<'uefi' | 'bios'> | undefined;
  readonly vm?: GatheredVm | undefined;
  /** Its meta-data for cloud-init. */
  readonly metaData?: Sourced<ValueMap> | undefined;
  /** Its owner, if several share the machines. */
  readonly tenant?: Sourced<string> | undefined;
  /** The boot loader of its firmware, if not iPXE itself. */
  readonly loader?: Sourced<'pxelinux'> | undefined;
  /** The disk that it boots: on a SAN, or its own. */
  readonly disk?: GatheredDisk | undefined;
  /** The installation of Harvester on it. */
  readonly harvester?: GatheredHarvester | undefined;
  /** The boot files that its DHCP server names for it. */
  readonly bootFiles?: readonly Sourced<string>[];
}

/** The installation of Harvester on a machine. */
export interface GatheredHarvester {
  /** The configuration, in any spelling of its keys that the installer accepts. */
  readonly config: ValueMap;
  /** The file name in the URL of the configuration, by which scripts request it. */
  readonly file?: string | undefined;
  /** URLs of the installation media on another server, only for the release. */
  readonly media?: readonly Sourced<string>[];
  /** The URL of its ISO, if that is not with the other media. */
  readonly iso?: Sourced<string> | undefined;
  /** The `consoles` and `args` of `boot` in an inventory, from its kernel command line. */
  readonly boot?: ValueMap | undefined;
  /** The names of further NICs of the management bond, without MAC addresses. */
  readonly bond?: readonly Sourced<string>[];
}

/** A reservation for the VIP of a Harvester cluster. */
export interface GatheredVip {
  readonly at: SourceLocation;
  readonly name: string;
  readonly ip?: Sourced<string> | undefined;
  readonly mac?: Sourced<string> | undefined;
}

/** The disk that a machine boots. */
export interface GatheredDisk {
  readonly at: SourceLocation;
  /** Undefined for its own disk. */
  readonly san?: GatheredSan | undefined;
  /** Whether an entry for all machines says so. */
  readonly isDefault?: boolean;
}

/** An iSCSI disk, with the login of a machine. */
export interface GatheredSan
  extends Facts<{
    /** The IP address or name. */
    server: string;
    port: number;
    lun: number;
    /** The IQN of the machine. */
    initiator: string;
    /** The boot if the target is unreachable. */
    fallback: 'disk';
  }> {
  readonly target: Sourced<string>;
  readonly login?: GatheredLogin | undefined;
  /** The login with which the target authenticates itself. */
  readonly targetLogin?: GatheredLogin | undefined;
}

/** A CHAP user name with its password. */
export interface GatheredLogin {
  readonly user: Sourced<string>;
  readonly password?: Sourced<string> | undefined;
}

/** A target of an iSCSI server. */
export interface GatheredTarget {
  readonly at: SourceLocation;
  readonly name: Sourced<string>;
  /** The number of its first disk, if the file contains it. */
  readonly lun?: Sourced<number> | undefined;
  /** The store of its first disk: a file or device, or `pool/image` of Ceph. */
  readonly store?: Sourced<string> | undefined;
  readonly login?: GatheredLogin | undefined;
  readonly targetLogin?: GatheredLogin | undefined;
  /** The IP addresses of the allowed clients; empty for any client. */
  readonly addresses: readonly Sourced<string>[];
}

/** The settings of the boot server, and of the iSCSI server, which can be the same machine. */
export interface GatheredServer {
  /** The URL that machines download from. */
  readonly url?: Sourced<string> | undefined;
  /** The directory that TFTP serves. */
  readonly tftp?: Sourced<string> | undefined;
  readonly iscsi?: GatheredIscsi | undefined;
}

/** The settings of an iSCSI server and of its store; `prefix` begins the names of its images, `id` is the user for Ceph. */
export type GatheredIscsi = Facts<
  { driver: 'tgt' | 'lio' } & Record<
    'address' | 'prefix' | 'snapshot' | 'pool' | 'id' | 'conf' | 'keyring',
    string
  >
>;

/** The VLAN of a network. */
export interface GatheredVlan {
  readonly network: Sourced<string>;
  readonly vlan: Sourced<number>;
}

/** The settings of a virtual machine; the sizes of its memory and disk have units, as in an inventory. */
export type GatheredVm = Facts<{ memory: string; vcpus: number; secureBoot: boolean; disk: string }>;

/** A NIC of a machine. */
export interface GatheredNic {
  /** Lower case, with colons. */
  readonly mac?: Sourced<string> | undefined;
  readonly ips?: readonly Sourced<string>[];
  /** The name of its network in the file. */
  readonly network?: Sourced<string> | undefined;
  /** The name in the installed system. */
  readonly name?: Sourced<string> | undefined;
  /** Whether the machine boots from it, according to the file. */
  readonly boots?: boolean;
}

/** A BMC. If it is listed alone, its machine is derived from its xname or its name (`cg02-bmc`). */
export interface GatheredBmc
  extends Facts<
    Record<'name' | 'xname' | 'mac' | 'address' | 'user', string> & { protocol: 'redfish' | 'ipmi' }
  > {
  /** The source location of the whole BMC; required if it is listed alone. */
  readonly at?: SourceLocation | undefined;
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
  /** The first and last IP address. */
  readonly pool?: readonly [Sourced<string>, Sourced<string>] | undefined;
  /** In the notation of dnsmasq. */
  readonly lease?: Sourced<string> | undefined;
  /** Why it is left out if there are other networks and no NIC has an IP address in it. */
  readonly idle?: string | undefined;
  /** Whether IP addresses are static, or from the existing DHCP server, also beside proxyDHCP (default: from that of the site). */
  readonly dhcp?: 'none' | 'external' | 'proxy';
  /** How libvirt forwards the traffic of a network that it creates, and the IP address of its host there. */
  readonly libvirt?: Facts<{ forward: 'nat' | 'route' | 'open' | 'isolated'; address: string }> | undefined;
}

/** Values of the network of IP addresses whose subnet the file does not contain. */
export interface GatheredNetworkDetails extends Omit<GatheredNetwork, 'subnet'> {
  /** Without any, the gateway determines the network. */
  readonly ips: readonly Sourced<string>[];
}

/** A group of machines, with its data for cloud-init. */
export interface GatheredGroup {
  readonly at: SourceLocation;
  readonly name: Sourced<string>;
  readonly description?: Sourced<string> | undefined;
  readonly members?: readonly Sourced<string>[];
  readonly metaData?: Sourced<ValueMap> | undefined;
  /** The text of its cloud-config, or of another format of cloud-init. */
  readonly userData?: Sourced<string> | undefined;
}

/** The boot of several machines. */
export interface GatheredBoot {
  readonly at: SourceLocation;
  /** xnames, names, groups, or BSS' tags such as Default; `*`, `?` and `[0-9]` are wildcards, as in file names. */
  readonly hosts?: readonly Sourced<string>[];
  readonly macs?: readonly Sourced<string>[];
  readonly nids?: readonly Sourced<number>[];
  /** Further identifiers of machines. */
  readonly ips?: readonly Sourced<string>[];
  readonly uuids?: readonly Sourced<string>[];
  readonly kernel?: Sourced<string> | undefined;
  readonly initrd?: Sourced<string> | undefined;
  readonly params?: Sourced<string> | undefined;
  /** Whether the machine boots its own disk. */
  readonly isDisk?: boolean;
  /** Whether its server adds `xname=` and `nid=` of the machine to the arguments, as BSS does. */
  readonly addsIdentity?: boolean;
  /** If two entries are equally specific for a machine, the one with the higher priority applies. */
  readonly priority?: number | undefined;
}

/** The settings of all machines of a cluster. */
export interface GatheredCluster {
  readonly at: SourceLocation;
  readonly name?: Sourced<string> | undefined;
  /** The beginning of host names; the NID, padded to `nidLength`, is appended. */
  readonly shortName?: Sourced<string> | undefined;
  readonly nidLength?: Sourced<number> | undefined;
  /** The meta-data of all of them for cloud-init. */
  readonly metaData?: ValueMap | undefined;
}
