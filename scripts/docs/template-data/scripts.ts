import type { Ipv4 } from '../../../src/values/addresses.ts';
import type { Mac } from '../../../src/values/identifiers.ts';
import type { ServedFolder, SiteData } from './common.ts';

/** An iPXE binary in images. */
export interface ImageProgram {
  /** The target of `make`. */
  readonly program: string;
  /** The variable with the prefix of the compiler. */
  readonly cross: string;
  /** The name of the separate file, for UEFI. */
  readonly efi?: string;
  /** The name of the file on a boot medium, for UEFI. */
  readonly boot?: string;
}

/** An iPXE binary that firmware loads. */
export interface BuiltLoader {
  /** The target of `make`. */
  readonly program: string;
  /** The variable with the prefix of the compiler. */
  readonly cross: string;
  /** The name of the boot file. */
  readonly loader: string;
}

/** Generates `scripts/build-ipxe-iso.sh`, which builds iPXE images and binaries, if the site has an embedded script or needs its own iPXE. */
export interface BuildIpxe extends SiteData {
  /** The path of the embedded script in the output tree. */
  readonly script?: string;
  /** Whether iPXE verifies signatures. */
  readonly authority: boolean;
  /** Whether iPXE downloads by https. */
  readonly https: boolean;
  /** Whether iPXE needs a CA, because its default root is insufficient. */
  readonly needsCa: boolean;
  /** The name of the site's iPXE configuration. */
  readonly config: string;
  /** The binaries in images. */
  readonly images: readonly ImageProgram[];
  /** The binaries that firmware loads. */
  readonly loaders: readonly BuiltLoader[];
  /** The file names of the certificates that iPXE trusts. */
  readonly trust: readonly string[];
  /** The additions to the default configuration. */
  readonly defines: readonly string[];
  /** The possible arguments of the script. */
  readonly known: readonly string[];
  /** The default arguments of the script. */
  readonly what: readonly string[];
  /** The binary of images for BIOS. */
  readonly bootsBios?: string;
  /** The arguments that build something for BIOS. */
  readonly bios: readonly string[];
  /** Whether the script builds anything for x86. */
  readonly x86: boolean;
  /** Whether the script builds anything for arm64. */
  readonly arm64: boolean;
}

/** A file with its pinned checksum. */
export interface PinnedFile {
  readonly name: string;
  /** The pinned SHA-512. */
  readonly sha512?: string;
}

/** A release to download. */
export interface FetchedRelease {
  readonly version: string;
  readonly arch: 'amd64' | 'arm64';
  /** The name of the checksum file. */
  readonly checksums: string;
  readonly files: readonly PinnedFile[];
}

/**
 * Generates `scripts/fetch-media.sh` if a node installs Harvester, or boots Linux from files of the boot server: it downloads and
 * verifies the Harvester files, and reports missing Linux and VM images.
 */
export interface FetchMedia extends SiteData {
  /** The releases, each once. */
  readonly releases: readonly FetchedRelease[];
  /** The base URL of releases. */
  readonly from: string;
  /** The target directory on the boot server. */
  readonly folder: string;
  /** The Linux and VM images. */
  readonly images?: ServedFolder;
}

/** A node for a kubeconfig. */
export interface ScriptNode {
  readonly name: string;
  readonly ip: Ipv4;
}

/** A cluster of a libvirt host. */
export interface ScriptCluster {
  readonly name: string;
  readonly vip: Ipv4;
  /** The IP address, and the port if it differs, at which the host exposes port 443 of the VIP. */
  readonly web?: string;
  /** The IP address, and the port if it differs, at which the host exposes port 6443 of the VIP. */
  readonly api?: string;
  /** The nodes that can have a kubeconfig. The node that creates the cluster is first. */
  readonly nodes: readonly ScriptNode[];
}

/** Generates `scripts/kubeconfig.sh` on a site with a libvirt host and a cluster: it downloads the kubeconfig. */
export interface KubeconfigScript extends SiteData {
  readonly clusters: readonly ScriptCluster[];
}

/** Generates `scripts/wait-ready.sh` on a site with a libvirt host and a cluster: it waits until the cluster is ready. */
export interface WaitReady extends KubeconfigScript {}

/** Generates `scripts/dump-cluster.sh` on a site with a Harvester cluster: it prints what the cluster runs. */
export interface DumpCluster extends SiteData {
  /** The resources, as kubectl names them. */
  readonly resources: readonly string[];
  /** The beginning of the first line of the output. */
  readonly header: string;
  /** The text in place of a credential. */
  readonly credential: string;
}

/** A GRUB binary. */
export interface GrubProgram {
  /** The name of the boot file. */
  readonly name: string;
  /** The Debian package that contains it or its modules. */
  readonly package: string;
  /** The GRUB format of a binary to build. */
  readonly format?: 'x86_64-efi' | 'arm64-efi';
  /** The path of a signed binary in the package. */
  readonly path?: string;
  /** Whether shim loads it. */
  readonly isSecond: boolean;
  /** The name of its architecture in packages of Red Hat. */
  readonly rpm?: string;
}

/** Generates `scripts/put-grub.sh` if DHCP sends GRUB to firmware: it builds GRUB and copies it to the TFTP directory. */
export interface PutGrub extends SiteData {
  readonly programs: readonly GrubProgram[];
  /** The built-in modules of GRUB. */
  readonly modules: readonly string[];
}

/** A file of PXELINUX. */
export interface PxelinuxProgram {
  readonly name: string;
  /** The Debian package. */
  readonly package: string;
  /** The possible paths. */
  readonly paths: readonly string[];
}

/**
 * Generates `scripts/put-pxelinux.sh` if DHCP sends PXELINUX to a BIOS, or the site has iSCSI disks or images. The script copies PXELINUX
 * and its files to the TFTP directory, and removes the files of earlier output trees.
 */
export interface PutPxelinux extends SiteData {
  /** Whether a machine loads PXELINUX. */
  readonly isLoaded: boolean;
  /** The files in packages. */
  readonly programs: readonly PxelinuxProgram[];
  /** The names of files to build for the site. */
  readonly own: readonly string[];
  /** The script of the output tree that builds them. */
  readonly build: string;
}

/** A file to sign. */
export interface SignedFile {
  /** The release. */
  readonly version: string;
  readonly name: string;
  /** The pinned SHA-512. */
  readonly sha512?: string;
}

/** Generates the start of `scripts/sign-media.sh` if boots are signed: it signs scripts, kernels and initrds. */
export interface SignMedia extends SiteData {
  /** The common name of the signing certificate. */
  readonly signer: string;
  /** The directory of the releases. */
  readonly media: string;
  /** The directory of the signatures. */
  readonly signatures: string;
  /** The files of each release that iPXE loads. */
  readonly files: readonly SignedFile[];
}

/** The variables of an OCI instance. */
export interface LaunchedNode {
  readonly name: string;
  /** The variables that differ between nodes, with the same names as `shared`. */
  readonly own: readonly (readonly string[])[];
}

/**
 * Generates the start of `scripts/oci-launch.sh`, which launches OCI instances. These variables are in `shared` or `own`: `ip`, `cidr`,
 * `region`, `compartment`, `availability_domain`, `fault_domain`, `shape`, `image`, `subnet`, `public_ip`, `nsgs` and `tags`. The variable
 * `label` is the DNS label. The public key of the console is `key`, or `key_at_home` in the home directory. If the VIP is in the subnet,
 * there are also `cluster` and `vip`. Lists and maps are JSON.
 */
export interface OciLaunch extends SiteData {
  /** The variables that are the same for all nodes, each with its value for the CLI. */
  readonly shared: readonly (readonly string[])[];
  /** The nodes that are OCI instances. */
  readonly nodes: readonly LaunchedNode[];
  /** The maximum size of the launch script for iPXE in bytes. */
  readonly limit: number;
}

/** A console. */
export interface Console {
  /** The name of the node. */
  readonly name: string;
  /** The address of its BMC. */
  readonly address: string;
}

/** A node that shares the BMC of another node. */
export interface SharedBmc {
  /** The name of the node. */
  readonly name: string;
  /** The name of the first node with this BMC. */
  readonly first: string;
}

/** Generates `ops/conman.conf` if a node has `bmc.address`: consoles by IPMI Serial over LAN. */
export interface ConmanConf extends SiteData {
  readonly consoles: readonly Console[];
  /** The nodes without a console, because another node has the console of their BMC. */
  readonly others: readonly SharedBmc[];
}

/** A node that a program of powermand switches. */
export interface PluggedNode {
  /** The name of the node. */
  readonly node: string;
  /** The name of the node for the program. */
  readonly plug: string;
}

/** A program that powermand runs. */
export interface PowermanDevice {
  readonly name: string;
  readonly type: string;
  /** The command in the syntax of powerman. */
  readonly command: string;
  readonly nodes: readonly PluggedNode[];
}

/** Generates `ops/powerman.conf` if a node has `bmc.address`. */
export interface PowermanConf extends SiteData {
  /** The programs that powermand runs. */
  readonly devices: readonly PowermanDevice[];
  /** The nodes that IPMI cannot switch, because they share the BMC of another node. */
  readonly others: readonly SharedBmc[];
  /** The path of `redfish.dev` on the boot server, if a program uses Redfish. */
  readonly redfish?: string;
}

/** A node that a script boots by its BMC. */
export interface BmcNode {
  readonly name: string;
  /** The address of the BMC. */
  readonly address: string;
  /** The boot mode of the firmware, in the words of Redfish: UEFI or Legacy. */
  readonly mode: string;
  readonly uuid?: string;
  readonly serial?: string;
  readonly macs: readonly Mac[];
}

/** Generates the start of `scripts/redfish-boot.sh` if a node has `bmc.address` and its protocol is not `ipmi`. */
export interface RedfishBoot extends SiteData {
  readonly nodes: readonly BmcNode[];
}

/** Generates the start of `scripts/ipmi-boot.sh` if a node has `bmc.address` and its protocol is not `redfish`. */
export interface IpmiBoot extends SiteData {
  /** The nodes, one of each BMC. */
  readonly nodes: readonly BmcNode[];
}

/** Generates `ops/redfish.dev` if a node has `bmc.protocol: redfish`: the commands of powermand for `scripts/redfish-boot.sh`. */
export interface RedfishDevice extends SiteData {}

/** A step of `scripts/apply-cluster.sh`. */
export interface ApplyStep {
  /** The name that the script prints. */
  readonly name: string;
  /** The paths of the objects in the tree; that of an add-on is after `addon:<namespace>/<name>:`. */
  readonly files: readonly string[];
}

/** A cluster in `scripts/apply-cluster.sh`. */
export interface ApplyClusterData {
  readonly name: string;
  /** The host names of its nodes. */
  readonly nodes: readonly string[];
  readonly steps: readonly ApplyStep[];
}

/** Generates the start of `scripts/apply-cluster.sh` if there are objects of a cluster. */
export interface ApplyCluster extends SiteData {
  readonly clusters: readonly ApplyClusterData[];
}
