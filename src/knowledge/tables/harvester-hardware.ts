import { isAtLeast, type Version } from '../../values/version.ts';

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

/** The least sizes of a node's disks, in whole GiB. */
export interface DiskMinima {
  /** Of `device` where it is to hold the volumes of virtual machines, too. */
  readonly single: number;
  /** Of `device` beside a data disk. */
  readonly beside: number;
  readonly dataDisk: number;
}

/** Gives the least sizes of disks that a release installs to. */
export function diskMinima(release: Version): DiskMinima {
  return isAtLeast(release, 'v1.2.0')
    ? { single: 250, beside: 180, dataDisk: 50 }
    : { single: 60, beside: 60, dataDisk: 60 };
}

/** Whether a release knows that a witness holds no volumes, and so needs no room for them. */
export function sparesWitness(release: Version): boolean {
  return isAtLeast(release, 'v1.6.0');
}
