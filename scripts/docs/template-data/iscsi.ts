import type { Chap } from '../../../src/site/model.ts';
import type { FileStore, RbdStore } from '../../../src/site/model-server.ts';
import type { Ipv4 } from '../../../src/values/addresses.ts';
import type { SiteData } from './common.ts';

/** The node of a disk, or the LUN of the host: `lun_<name>`. */
export interface DiskOwner {
  readonly name: string;
}

/** How a disk is served. */
export interface DiskTarget {
  readonly lun: number;
  /** The IP address and port of the iSCSI server. */
  readonly address: Ipv4;
  readonly port: number;
  /** The initiator name of the node; empty for a LUN. */
  readonly initiator: string;
}

/** The disk of a node on the site's iSCSI server. */
export interface ServedDisk {
  readonly node: DiskOwner;
  readonly iscsi: DiskTarget;
  /** The name of the disk in the store. */
  readonly disk: string;
  /** The name of the target, with placeholders for secrets. */
  readonly target: string;
  /** The file, or the pool and image of Ceph, that the server opens. */
  readonly backing: string;
  /** The IP addresses of the node that can connect. */
  readonly addresses: readonly Ipv4[];
  /** The credentials, with placeholders for passwords. */
  readonly chap?: Chap;
  /** The serial number of the disk: 32 unique hexadecimal digits. */
  readonly serial: string;
}

/** A disk that IET serves. */
export interface IetDisk extends ServedDisk {
  /** The path of the file or block device. */
  readonly path: string;
  /** The type of the backing store. */
  readonly type: string;
  /** The first 16 digits of the serial number. */
  readonly scsiId: string;
  /** `wb` for a write cache. */
  readonly mode?: string;
}

/** Generates `iscsi/iet/ietd.conf` if the driver is `iet`. `put-targets.sh` reads the line `# node <name>` before each target. */
export interface IetTargets extends SiteData {
  readonly disks: readonly IetDisk[];
}

/** Generates `iscsi/iet/initiators.allow` if the driver is `iet`: the IP addresses that can connect to each target. */
export interface IetInitiators extends IetTargets {}

/** Generates the start of `scripts/put-targets.sh` on a site with images or iSCSI disks: it deploys targets to the iSCSI server. */
export interface PutTargets extends SiteData {
  /** The store of images and disks. */
  readonly store: FileStore | RbdStore;
  /** The iSCSI driver. */
  readonly driver: 'tgt' | 'lio' | 'iet';
  /** The display name of the driver. */
  readonly program: string;
  /** The file with the values of secrets on the iSCSI server. */
  readonly secretsFile: string;
  /** Whether Ceph images must be mapped to block devices. */
  readonly maps: boolean;
}

/**
 * Generates `iscsi/tgt/<node>.conf` for each disk on the site's iSCSI server if its driver is `tgt`. `put-targets.sh` removes only
 * files whose first line names the site.
 */
export interface TgtTarget extends SiteData, ServedDisk {
  /** The store of images and disks. */
  readonly store: FileStore | RbdStore;
  /** The first 24 digits of the serial number. */
  readonly scsiId: string;
}

/** An image of the script. */
export interface ScriptImage {
  readonly name: string;
  /** The file to import, or an empty text. */
  readonly source: string;
  /** The node whose disk is copied, or an empty text. */
  readonly of: string;
}

/** A disk of the script. */
export interface ScriptDisk {
  /** The name of the node. */
  readonly node: string;
  /** The name of the disk in the store. */
  readonly name: string;
  /** The name of the image. It is empty for a blank disk. */
  readonly image: string;
  /** The minimum size in bytes, or 0. */
  readonly bytes: number;
}

/** A node with a disk on another iSCSI server. */
export interface OtherDisk {
  /** The name of the node. */
  readonly node: string;
  /** The IP address of the iSCSI server. */
  readonly address: Ipv4;
}

/**
 * Generates the start of `scripts/images.sh` on a site with images or iSCSI disks: it creates and maintains them. This part contains
 * the desired state; the parts for the store, the driver and the commands follow.
 */
export interface ImagesScript extends SiteData {
  /** The iSCSI driver. */
  readonly driver: 'tgt' | 'lio' | 'iet';
  /** The store, if it is a Ceph pool. */
  readonly rbd?: RbdStore;
  /** The directory of images and disks, or of files to import. */
  readonly folder: string;
  /** The format of disks that are files. */
  readonly format: 'raw' | 'qcow2';
  /** The unit that exports a qcow2 file to tgt, without `@` and suffix. */
  readonly unit: string;
  /** The prefix of names in the store. */
  readonly prefix: string;
  /** The protected snapshot that disks in Ceph are clones of. */
  readonly snapshot: string;
  readonly images: readonly ScriptImage[];
  readonly disks: readonly ScriptDisk[];
  /** The nodes with a disk on another iSCSI server. */
  readonly elsewhere: readonly OtherDisk[];
}

/** Generates `systemd/harvgen-<site>-disk@.service` if disks are qcow2 files: it exports each to tgt as a raw file. */
export interface DiskUnit extends SiteData {
  /** The directory of images and disks. */
  readonly folder: string;
  /** The name of the unit without `@` and suffix. */
  readonly unit: string;
}
