import { isAtLeast, type Version } from '../values/version.ts';

/**
 * What harvgen knows of Harvester's releases as a whole. Source: the tags of harvester/harvester and
 * harvester/harvester-installer.
 */

/** The oldest release whose configuration has the present layout (`scheme_version`, `management_interface`). */
export const OLDEST_RELEASE = 'v1.1.0';

/** The newest release whose rules are known. A newer one is treated like it, with a warning. */
export const NEWEST_RELEASE = 'v1.9.0';

/** The first release that is published for arm64. */
export const FIRST_ARM64_RELEASE = 'v1.3.0';

/** The first release in which a host name with dots does not break the cluster (harvester/harvester#7312). */
export const FIRST_RELEASE_WITH_FQDN = 'v1.6.0';

/**
 * The files of a Harvester release that a machine boots from. Source: `scripts/package-harvester-os` of
 * harvester/harvester-installer, every release from v1.1.0 on.
 */

/** Where the releases are published; below it one folder for each version. */
export const RELEASES_URL = 'https://releases.rancher.com/harvester';

export type Arch = 'amd64' | 'arm64';

/** The names of a release's files. */
export interface Media {
  readonly kernel: string;
  readonly initrd: string;
  readonly rootfs: string;
  readonly iso: string;
  /** SHA-512 of all the others, as `<digest>  <file>` lines. */
  readonly checksums: string;
}

/** What a machine boots and installs from, in the order of the boot. */
export const BOOTED = ['kernel', 'initrd', 'rootfs', 'iso'] as const;

/** Gives the names of the files that a machine boots and installs from. */
export function bootedFiles(media: Media): string[] {
  return BOOTED.map((kind) => media[kind]);
}

/** Gives the file names of a release for an architecture; the version carries its leading v. */
export function harvesterMedia(version: string, arch: Arch): Media {
  const stem = `harvester-${version}`;
  return {
    kernel: `${stem}-vmlinuz-${arch}`,
    initrd: `${stem}-initrd-${arch}`,
    rootfs: `${stem}-rootfs-${arch}.squashfs`,
    iso: `${stem}-${arch}.iso`,
    checksums: `${stem}-${arch}.sha512`,
  };
}

/**
 * What Harvester's installer asks of a machine. Source: `pkg/preflight/checks.go`, `pkg/config/config.go`,
 * `pkg/console/validator.go` and `pkg/util/disk.go` of harvester/harvester-installer, compared over the tags of its
 * releases; the numbers are also those of "Hardware Requirements" in Harvester's documentation.
 */

/** The first release whose installer stops at hardware that is too small, unless it is told to skip that. */
export const FIRST_RELEASE_WITH_CHECKS = 'v1.3.0';

/** The first release in which skipping the checks covers the sizes of disks and partitions (harvester/harvester#6064). */
export const FIRST_RELEASE_SKIPPING_SIZES = 'v1.8.0';

/** The first release that counts booting by BIOS as hardware that is too small. */
export const FIRST_RELEASE_CHECKING_BIOS = 'v1.7.0';

/** The first release that refuses to boot by BIOS, come what may (harvester/harvester#9854). */
export const FIRST_RELEASE_WITHOUT_BIOS = 'v1.8.0';

/** Below this the checks stop the installation. */
export const FOR_PRODUCTION = { threads: 16, memoryGib: 64, linkSpeed: '10G', linkMbits: 10_000 } as const;

/** What Harvester names as the least for tests. */
export const FOR_TESTS = { threads: 8, memoryGib: 32 } as const;

/**
 * The memory below which a machine that boots from the network is not installed at all. Source: "PXE Boot Installation" in
 * Harvester's documentation (docs/install/pxe-boot-install.md of harvester/docs).
 */
export const LEAST_MEMORY_GIB = 8;

/** The largest disk that an MBR can divide: 2³² − 1 sectors of 512 bytes. */
export const LARGEST_MBR_DISK = 2_199_023_255_040;

/** The least size of the persistent partition. */
export const LEAST_PERSISTENT_MIB = 150 * 1024;

/** What the partitions of the system itself take of the disk: COS_OEM, COS_STATE, COS_RECOVERY and the ESP. */
const OF_SYSTEM_MIB = 50 + 15_360 + 8_192 + 64;

/** What the other partitions take of a disk that also holds the volumes of virtual machines, the least for volumes included. */
export const BESIDE_PERSISTENT_MIB = OF_SYSTEM_MIB + 51_200;

/**
 * The size of a disk below which there is no room for an installation, whatever checks are skipped, in whole GiB: the
 * partitions of the system, and on the persistent one the ISO, which the installer brings there (get_iso of
 * `package/harvester-os/files/usr/sbin/harv-install`): 7 GiB.
 */
export const LEAST_DISK_GIB = Math.ceil(OF_SYSTEM_MIB / 1024) + 7;

/**
 * Gives the least sizes of disks that a release installs to, in whole GiB: of `device` where it is to hold the volumes of virtual
 * machines, too (`single`), of `device` beside a data disk, and of that.
 */
export function diskMinima(release: Version) {
  return isAtLeast(release, 'v1.2.0')
    ? { single: 250, beside: 180, dataDisk: 50 }
    : { single: 60, beside: 60, dataDisk: 60 };
}

/** Whether a release knows that a witness holds no volumes, and so needs no room for them. */
export function sparesWitness(release: Version): boolean {
  return isAtLeast(release, 'v1.6.0');
}

/** The first release that is installed on a disk by iSCSI (harvester/harvester#5150). */
export const FIRST_RELEASE_BY_ISCSI = 'v1.4.0';

/**
 * What an initrd made by dracut is told so that it logs in at the target that firmware describes, by the NIC that it names: the
 * installer's, and that of the installed system. Source: dracut.cmdline(7), iSCSI; harvester/harvester#5150.
 */
export const ISCSI_ARGS: readonly string[] = ['rd.iscsi.firmware=1', 'rd.iscsi.ibft=1'];
