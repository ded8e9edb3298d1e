import type { Cluster, Network, Node } from '../../../src/site/model.ts';
import type { Kubernetes } from '../../../src/site/model-server.ts';
import type { Ipv4 } from '../../../src/values/addresses.ts';
import type { Mac } from '../../../src/values/identifiers.ts';
import type { ServedFolder, SiteData } from './common.ts';
import type { ClientArchitecture } from './dhcp.ts';
import type { ServedDisk } from './iscsi.ts';

/** The TFTP server of the boot server. */
export interface TftpFacts {
  readonly server: 'dnsmasq' | 'tftpd-hpa' | 'xinetd' | 'systemd';
  /** The directory of its files in the output tree. */
  readonly folder?: string;
  /** The Debian packages. dnsmasq needs none. */
  readonly packages: readonly string[];
  /** The commands that install its files. dnsmasq needs none. */
  readonly commands: readonly string[];
}

/** A DHCP server of the boot server, other than dnsmasq. */
export interface DhcpServer {
  readonly key: 'isc' | 'kea' | 'coredhcp';
  /** The display name. */
  readonly name: string;
  /** The Debian package. */
  readonly package: string;
  /** The unit on Debian. */
  readonly unit: string;
  /** The path of its configuration in the output tree. */
  readonly path: string;
  /** The path of its configuration on the boot server. */
  readonly to: string;
  /** The command that tests the configuration. */
  readonly test?: string;
  readonly networks: readonly Network[];
  /** The NICs to listen on. An empty list means all NICs. */
  readonly interfaces: readonly string[];
}

/** An iPXE binary to build. */
export interface IpxeBuild {
  /** The target of `make`. */
  readonly program: string;
  /** The name of the boot file. */
  readonly loader: string;
}

/** The file of nginx with the values of secrets. */
export interface IncludeFile {
  readonly directory: string;
  readonly file: string;
}

/** The NICs in the bond of a node, for an external DHCP server. */
export interface NodeBond {
  /** The name of the node. */
  readonly name: string;
  readonly ip?: Ipv4;
  readonly macs: readonly Mac[];
}

/** The order in which to switch on machines that install Harvester. */
export interface BootOrder {
  /** The names of the nodes that create a cluster. */
  readonly creates: readonly string[];
  /** Whether other nodes join. */
  readonly joins: boolean;
  /** Whether machines boot from an image. */
  readonly image: boolean;
}

/** The boot file of a node for an external DHCP server. */
export interface NodeBootFile {
  /** The name of the node. */
  readonly node: string;
  /** The values of DHCP option 93, separated by commas. */
  readonly codes: string;
  /** The boot file: a path for TFTP or a URL. */
  readonly file: string;
}

/** The deployment on Oracle Cloud Infrastructure. */
export interface OciFacts {
  /** The path of the launch script in the output tree. */
  readonly launch: string;
  /** The path of the ingress rules in the output tree. */
  readonly ingress: string;
  /** The path of the egress rules in the output tree. */
  readonly egress: string;
  /** The OCID of the subnet. */
  readonly subnet: string;
  readonly region?: string;
  /** The name of the node that creates the cluster. */
  readonly creates: string;
  readonly vip?: Ipv4;
  /** Whether the inventory allows clients outside the subnet. */
  readonly isOpen: boolean;
}

/** A script that boots nodes by their BMCs. */
export interface BmcScript {
  /** The protocol: Redfish or IPMI. */
  readonly by: string;
  /** The path in the output tree. */
  readonly script: string;
  /** The name of a node that it supports. */
  readonly first: string;
}

/** The tools for BMCs. */
export interface OpsFacts {
  /** The path of the configuration of powermand in the output tree. */
  readonly powerman: string;
  /** The path of the configuration of conmand in the output tree. */
  readonly conman: string;
  /** The name of a node with a BMC. */
  readonly first: string;
  /** The scripts that boot nodes. */
  readonly boots: readonly BmcScript[];
}

/** An image that is copied from a node's disk. */
export interface CopiedImage {
  readonly name: string;
  /** The name of the node. */
  readonly node: string;
}

/** The iSCSI server. */
export interface IscsiFacts {
  readonly address?: Ipv4;
  readonly disks: readonly ServedDisk[];
  /** The names of the nodes with a disk, or their number if they are many. */
  readonly machines: string;
  /** The display name of the driver. */
  readonly program: string;
  /** Whether it is the boot server. */
  readonly isBootServer: boolean;
  /** The names of the secrets in targets. */
  readonly secrets: readonly string[];
  /** These names as text, or their number if they are many. */
  readonly values: string;
  /** The file of their values on the iSCSI server. */
  readonly secretsFile: string;
  /** The path of `put-targets.sh` in the output tree. */
  readonly put: string;
  /** The files to import as images. */
  readonly sources: readonly string[];
  /** The images that are copied from disks of nodes. */
  readonly copied: readonly CopiedImage[];
  /** The name of the driver's service. */
  readonly service?: string;
  /** The path of the unit that exports a qcow2 file as a raw file, in the output tree. */
  readonly unit?: string;
  /** The Debian packages. */
  readonly packages: readonly string[];
  /** The location of the disks, for a sentence. */
  readonly where: string;
}

/** The pods that serve the output tree. */
export interface KubernetesFacts extends Kubernetes {
  /** The name of the objects. */
  readonly name: string;
  /** The workload of the pods in the syntax of kubectl. */
  readonly workload: string;
  /** Whether harvgen creates the namespace. */
  readonly ownsNamespace: boolean;
  /** The name of the Secret with the values of secrets. */
  readonly secret?: string;
  /** The name of the Secret with the certificate. */
  readonly tls?: string;
  /** Whether the output tree has a Containerfile. */
  readonly hasContainerfile: boolean;
}

/** A disk of a virtual machine. */
export interface MachineDisk {
  /** The size in the inventory. */
  readonly size: string;
  /** The device name in the machine. */
  readonly device: string;
  /** The image on the host. */
  readonly file: string;
}

/** A virtual machine of the host. */
export interface HostMachine {
  readonly name: string;
  readonly mode: 'create' | 'join';
  /** Whether it starts with the host, and the watchdog starts it. */
  readonly autostart: boolean;
  readonly vcpus: number;
  /** The memory with its unit. */
  readonly memory: string;
  /** The image of the system disk. */
  readonly system: string;
  /** The file on the host that the serial console is written to. */
  readonly console: string;
  readonly disks: readonly MachineDisk[];
}

/** A port of the host that leads to a VIP. */
export interface ReachedPort {
  readonly port: number;
  /** The port of the VIP. */
  readonly vipPort: number;
  /** The URL of the dashboard, for port 443 of the VIP. */
  readonly url?: string;
}

/** A cluster of the host. */
export interface ReachedCluster {
  readonly name: string;
  readonly vip: Ipv4;
  /** The arguments of scripts that select the cluster, if the site has several clusters. */
  readonly flags: string;
  /** The exposed ports. */
  readonly to: readonly ReachedPort[];
  /** Whether only the host can reach the VIP. */
  readonly inside: boolean;
  /** Whether an exposed port leads to the Kubernetes API. */
  readonly api: boolean;
  /** A placeholder for the address and the port of the Kubernetes API, if the inventory has no address of the host. */
  readonly apiAddress?: string;
}

/** The directories of a cluster's objects in the output tree. */
export interface ClusterFolders {
  /** The name of the cluster. */
  readonly name: string;
  /** The objects without secrets. */
  readonly open: string;
  /** The objects that contain secrets, or lose them in the cluster. */
  readonly secrets?: string | undefined;
}

/** Generates `README.md`: a description of the output tree, and the commands that deploy it. */
export interface Readme extends SiteData {
  /** All nodes. */
  readonly nodes: readonly Node[];
  /** Returns the identifiers of a node as text: its MAC or IP address, its UUID, its serial number. */
  readonly knownBy: (node: Node) => string;
  /** Returns a description of a node's iSCSI disk, or an empty text. */
  readonly byIscsi: (node: Node) => string;
  /** Returns the kernel of a Linux node as in the inventory. */
  readonly kernelOf: (node: Node) => string;
  /** The names of the secrets to substitute. */
  readonly secrets: readonly string[];
  /** Returns the value of a new secret for a shell's here-document, or a comment. */
  readonly valueOf: (secret: string) => string;
  /** The file with the values on the boot server. */
  readonly include?: IncludeFile;
  /** Whether there is a dnsmasq configuration. */
  readonly dnsmasq: boolean;
  /** The TFTP server, if the boot server has one. */
  readonly tftp?: TftpFacts;
  /** The unit of the dnsmasq that serves DHCP. */
  readonly dhcpUnit?: string;
  /** The units of all DHCP servers of the boot server. */
  readonly dhcpUnits: readonly string[];
  /** The DHCP servers other than dnsmasq. */
  readonly dhcpServers: readonly DhcpServer[];
  /** The path of the configuration of OpenCHAMI's plugin for coredhcp in the output tree. */
  readonly coresmd?: string;
  /** Whether dnsmasq has files that it reads again on SIGHUP. */
  readonly hostsFiles: boolean;
  /** The networks of an external dnsmasq with such files. */
  readonly listed: readonly Network[];
  /** The paths that other users than root and nginx must read in an output tree with the values of secrets. */
  readonly openPaths: readonly string[];
  /** The clusters whose VIP uses DHCP. */
  readonly vips: readonly Cluster[];
  /** The networks with an external DHCP server. */
  readonly external: readonly Network[];
  /** The nodes with several NICs in their management bond on such a network. */
  readonly bonds: readonly NodeBond[];
  /** The order in which to switch on machines that install Harvester. */
  readonly boot?: BootOrder;
  /** Whether a node installs Harvester. */
  readonly installs: boolean;
  /** The Linux images on the boot server. */
  readonly linux?: ServedFolder;
  /** Whether iPXE downloads by https. */
  readonly https: boolean;
  /** Whether this iPXE needs a CA. */
  readonly needsCa: boolean;
  /** Whether the iPXE of distributions is insufficient, because it supports neither https nor signatures. */
  readonly ownIpxe: boolean;
  /** The Debian packages for the boot server. */
  readonly packages: readonly string[];
  /** The iPXE binaries to build. */
  readonly builds: readonly IpxeBuild[];
  /** The script that copies GRUB, if machines load it. */
  readonly grub?: string;
  /** The boot files of nodes that boot by GRUB, for an external DHCP server. */
  readonly grubBootFiles: readonly NodeBootFile[];
  /** The script that copies PXELINUX, if machines load it. */
  readonly pxelinux?: string;
  /** The boot files of nodes that boot by PXELINUX, for an external DHCP server. */
  readonly pxelinuxBootFiles: readonly NodeBootFile[];
  /** Whether some machines can boot only from an image, because their network has no DHCP. */
  readonly image: boolean;
  /** Whether there is a script to embed in an image. */
  readonly mayImage: boolean;
  /** The client architectures of DHCP option 93. */
  readonly architectures: readonly ClientArchitecture[];
  /** The base URL of boot loaders, with a trailing slash. */
  readonly loaderUrl: string;
  /** Whether a web server other than nginx can serve the tree: it contains secrets and the URLs of older boot servers as files. */
  readonly plainServer: boolean;
  /** The filters of rsync that keep other files in the document root of such a server. */
  readonly kept: string;
  /** The deployment on Oracle Cloud Infrastructure. */
  readonly oci?: OciFacts;
  /** The tools for BMCs, if BMCs are known. */
  readonly ops?: OpsFacts;
  /** The iSCSI server of the site. */
  readonly iscsi?: IscsiFacts;
  /** The pods that serve the output tree. */
  readonly kubernetes?: KubernetesFacts;
  /** The directories with objects of each cluster that has any. */
  readonly objects: readonly ClusterFolders[];
  /** The name or address of the host, or of the boot server without a host. An unknown address is `HOST`. */
  readonly reach: string;
  /** Whether this address is known. */
  readonly isReachKnown: boolean;
  /** The cloud VM that is the host: its provider, its credentials, and `sudo` unless root logs in. */
  readonly cloud?: { readonly title: string; readonly login: string; readonly sudo: string };
  /** The name of the host in ssh's configuration, if its address is an IPv6 address. */
  readonly alias?: string;
  /** The virtual machines of the host. */
  readonly machines: readonly HostMachine[];
  /** The clusters of the host. */
  readonly clusters: readonly ReachedCluster[];
  /** The ports of the host that other machines can reach. */
  readonly openPorts: readonly number[];
  /** The unit of the watchdog. */
  readonly watchdog?: string;
}
