import type { Chap, IscsiBoot, Network, Nic, Node } from '../../../src/site/model.ts';
import type { Mac } from '../../../src/values/identifiers.ts';
import type { SiteData } from './common.ts';

/** A way to find the script of a machine. */
export interface LookUp {
  /** The name of the download in iPXE. */
  readonly image: string;
  /** The iPXE setting that the request needs. */
  readonly setting: string;
  /** The path of the script, relative to the entry script, with a setting that iPXE substitutes. */
  readonly script: string;
}

/** Generates `www/boot.ipxe`, the entry script of every machine: it finds the node and chains to its script. */
export interface IpxeBoot extends SiteData {
  /** The signer of the boot files, if boots are signed. */
  readonly signer?: string;
  /** The requests for a script, in order, without those that cannot find a node of the site. */
  readonly lookUps: readonly LookUp[];
  /** The boots of machines without a script, the one for all other architectures last. */
  readonly unknown: readonly UnknownLinux[];
}

/** The Linux of machines without a script. */
export interface UnknownLinux {
  /** The label of the boot in the script. */
  readonly label: string;
  /** The values of iPXE's `buildarch` for which it applies; undefined for all others. */
  readonly builds?: readonly string[];
  /** The URL of the kernel. */
  readonly kernel: string;
  /** The initrds, in order. */
  readonly initrds: readonly Initrd[];
  /** The kernel's arguments, each part without a space. */
  readonly words: readonly string[];
}

/** The installer of a Harvester node. */
export interface Installer {
  /** The release. */
  readonly version: string;
  /** The URL of the kernel. */
  readonly kernel: string;
  /** The URL of the initrd. */
  readonly initrd: string;
  /** The kernel's arguments. */
  readonly args: readonly string[];
  /** The argument before the MAC of the boot NIC, which iPXE adds if the inventory has no MAC and no name of it. */
  readonly nicArg?: string;
}

/** A signed file. */
export interface SignedImage {
  /** The name of the file in iPXE. */
  readonly image: string;
  /** The URL of its signature. */
  readonly url: string;
}

/** The signatures of a node's boot files. */
export interface Signatures {
  /** The URL of the signature of this script. */
  readonly self: string;
  /** The installer's kernel. */
  readonly kernel?: SignedImage;
  /** The installer's initrd. */
  readonly initrd?: SignedImage;
}

/** The iSCSI disk of a Harvester node. */
export interface San {
  /** The credentials, with placeholders for passwords. */
  readonly chap?: Chap;
  /** The iPXE settings of an earlier script to unset. */
  readonly unset?: readonly string[];
  /** The URI of the disk for iPXE. */
  readonly uri?: string;
  /** The NIC for the iSCSI server, if its MAC is known. */
  readonly nic?: Nic;
  /** Whether this is not the boot NIC. */
  readonly isOther: boolean;
}

/**
 * Generates `www/ipxe/<mac>.ipxe`, or `www/ipxe/<ip>.ipxe` without a MAC: the script of a node, which boots its disk or installs.
 * `www/ipxe/<uuid>.ipxe` and `www/ipxe/serial/<serial>.ipxe` have the same content.
 */
export interface IpxeNode extends SiteData {
  readonly node: Node;
  /** The URL of this script. */
  readonly self: string;
  /** Whether the script boots an installed disk. */
  readonly triesDisk: boolean;
  /** The BIOS number of the disk to boot: `0x80` is the first disk. */
  readonly drive: string;
  /** The label of the file system by which iPXE under UEFI identifies an installed Harvester. */
  readonly installedLabel: string;
  /** The URL by which iPXE under UEFI finds a file of an installed Harvester. */
  readonly installedFile?: string;
  /** Whether an iSCSI disk boots only if it has this file: a disk outside the site's store may contain something else. */
  readonly looksInside: boolean;
  /** The iSCSI disk. */
  readonly san?: San;
  /** The installer, if the node installs Harvester. */
  readonly installer?: Installer;
  /** The signer of the boot files, if boots are signed. */
  readonly signer?: string;
  /** The signatures, if boots are signed. */
  readonly signatures?: Signatures;
}

/** An initrd of a Linux node. */
export interface Initrd {
  /** The name by which the kernel finds the initrd under UEFI. */
  readonly name: string;
  readonly url: string;
}

/** A kernel argument with the MAC of the boot NIC. */
export interface BootedWord {
  /** The whole word. */
  readonly word: string;
  /** The text before the MAC. */
  readonly before: string;
  /** The text after the MAC. */
  readonly after: string;
}

/** Generates the script of a node that boots Linux, with the same paths as `ipxe/node.ipxe.eta`. */
export interface IpxeLinux extends SiteData {
  readonly node: Node;
  /** The URL of this script. */
  readonly self: string;
  /** The URL of the kernel. */
  readonly kernel: string;
  /** The initrds, in order. */
  readonly initrds: readonly Initrd[];
  /** The kernel's arguments, split at spaces: a quoted argument with a space is two words. */
  readonly words: readonly string[];
  /** The words with the MAC of the boot NIC, if harvgen adds them: iPXE replaces it by that of the NIC that booted. */
  readonly booted: readonly BootedWord[];
}

/**
 * Generates the script of a node that boots an iSCSI disk, with the same paths as `ipxe/node.ipxe.eta`. nginx substitutes the
 * placeholders for secrets: the script must not print them.
 */
export interface IpxeIscsi extends SiteData {
  readonly node: Node;
  /** The disk of the node. */
  readonly iscsi: IscsiBoot;
  /** The MACs of the possible boot NICs. The list is empty if the MAC of the boot NIC is unknown. */
  readonly macs: readonly Mac[];
  /** The iPXE settings of an earlier script to unset. */
  readonly unset: readonly string[];
  /** The credentials, with placeholders for passwords. */
  readonly chap?: Chap;
  /** The URI of the disk for iPXE, with a hexadecimal LUN and placeholders for secrets. */
  readonly uri: string;
  /** The BIOS number of the local disk. */
  readonly drive: string;
  /** The URL of this script. */
  readonly self: string;
}

/**
 * Generates `embed/<site>.ipxe`, the script to embed in an iPXE image, if boots are signed or a machine is not a libvirt domain
 * or an OCI instance.
 */
export interface EmbedScript extends SiteData {
  /** The nodes with a known MAC. */
  readonly nodes: readonly Node[];
  /** The nodes with a known UUID or serial number. */
  readonly byFirmware: readonly Node[];
  /** Whether some nodes have no identifier except their IP address. */
  readonly asksByAddress: boolean;
  /** The networks that nodes boot from. */
  readonly networks: readonly Network[];
  /** Whether an unknown machine tries DHCP on each NIC. */
  readonly asksAll: boolean;
  /** Returns a MAC with hyphens, as in labels: `52-54-00-aa-01-01`. */
  readonly keyOf: (mac: Mac) => string;
  /** The seconds to wait after the first failure, the second failure and so on. The last number applies to all further failures. */
  readonly pauses: readonly number[];
  /** The seconds to show the menu after a key was pressed. */
  readonly menuByKey: number;
  /** The milliseconds to wait for the link of a NIC. */
  readonly linkWait: number;
  /** The URL of the entry script. */
  readonly bootUrl: string;
  /** The signer of the boot files, if boots are signed. */
  readonly signer?: string;
  /** The URL of the entry script's signature, if boots are signed. */
  readonly bootSignature?: string;
}

/** Generates `www/grub/grub.cfg` if a node boots Linux by GRUB: it finds the node by the MAC that booted. */
export interface GrubFirst extends SiteData {
  /** The path of this script in GRUB. The path of a node's script has `-01-<mac>` at its end. */
  readonly first: string;
}

/**
 * Generates `www/grub/grub.cfg-01-<mac>` for each possible boot NIC of a node that boots Linux by GRUB. The entry script of GRUB
 * sources it and continues after an error; the script sets `harvgen_node` to show that it exists.
 */
export interface GrubNode extends SiteData {
  readonly node: Node;
  /** The path of the entry script in GRUB. */
  readonly first: string;
  /** The path of the kernel in GRUB: `(http,10.1.0.1)/images/vmlinuz`. */
  readonly kernel: string;
  /** The paths of the initrds in GRUB. */
  readonly initrds: readonly string[];
  /** The kernel's arguments, which are quoted: write them with `<%~ … %>`. */
  readonly args: readonly string[];
}

/**
 * Generates `tftp/grub/grub.cfg` if DHCP sends GRUB to firmware: the script of a GRUB that was loaded by TFTP. `scripts/put-grub.sh`
 * copies it. It is the same for every site, so that sites can share the directory.
 */
export interface GrubTftpFirst extends SiteData {}

/** Generates `tftp/grub/grub.cfg-01-<mac>` for each possible boot NIC of such a node: it leads to the web server. */
export interface GrubTftpNode extends SiteData {
  readonly node: Node;
  /** The path of the entry script on the web server in GRUB. */
  readonly first: string;
}

/** Generates `oci/first-stage.ipxe` if nodes are OCI instances: the script to pass to the launch, of at most 10,240 bytes. */
export interface OciFirstStage extends SiteData {
  /** The URL of the entry script. */
  readonly bootUrl: string;
  /** The seconds to wait after the first failure, the second failure and so on. The last number applies to all further failures. */
  readonly pauses: readonly number[];
}
