import { isAtLeast, isAtMost, isBuild, parseVersion, type Version } from '../values/version.ts';

/**
 * Facts about Harvester's releases. Source: the tags of harvester/harvester and harvester/harvester-installer. The latter has the
 * installer up to v1.8; it was archived in 2026 (harvester/harvester#10749), and from v1.9.0 on, `pkg/installer` of
 * harvester/harvester has the installer.
 */

/** The oldest release whose configuration has the present layout (`scheme_version`, `management_interface`). */
export const OLDEST_RELEASE = 'v1.1.0';

/** The newest release with known rules. Newer releases are treated like it, with a warning. */
export const NEWEST_RELEASE = 'v1.9.0';

/** The last patch of each minor release on DATE_OF_RELEASES; all patches before it exist. */
export const LAST_PATCHES: readonly string[] = [
  ...['v1.1.3', 'v1.2.2', 'v1.3.2', 'v1.4.3', 'v1.5.2', 'v1.6.1', 'v1.7.3', 'v1.8.2'],
  NEWEST_RELEASE,
];

export const DATE_OF_RELEASES = '2026-09-18';

/** The number of minor releases that may still get patches: Harvester maintains fewer. */
const MAINTAINED = 3;

/** How far a release can be ahead of the list: at four a year, five years. */
const AHEAD = 20;

/**
 * Returns whether a release or its candidate is in the list (`known`), before it (`old`), or can neither exist nor follow
 * (`impossible`). For a newer release, or a build of a branch, returns the newest known release like which it is treated.
 */
export function standingOf(
  release: Version,
): 'known' | 'old' | 'impossible' | { readonly newerThan: string } {
  if (release.text === 'master') return { newerThan: NEWEST_RELEASE };
  if (!isAtLeast(release, OLDEST_RELEASE)) return 'old';
  const { major, minor, patch } = release;
  const last = lastPatchOf(release);
  if (last !== undefined && isAtMost(release, last)) return 'known';
  const newest = parseVersion(NEWEST_RELEASE) as Version;
  const isNext =
    major === newest.major ? minor <= newest.minor + AHEAD : major === newest.major + 1 && minor <= AHEAD;
  const isPossible =
    isBuild(release) || (patch <= AHEAD && (!last || LAST_PATCHES.slice(-MAINTAINED).includes(last)));
  return isNext && isPossible ? { newerThan: last ?? NEWEST_RELEASE } : 'impossible';
}

/** Returns the last patch of the minor release of a release, or undefined if the list has none. */
export function lastPatchOf({ major, minor }: Version): string | undefined {
  return LAST_PATCHES.find((last) => last.startsWith(`v${major}.${minor}.`));
}

/** The first release that is published for arm64. */
export const FIRST_ARM64_RELEASE = 'v1.3.0';

/** The first release in which a host name with dots does not break the cluster (harvester/harvester#7312). */
export const FIRST_RELEASE_WITH_FQDN = 'v1.6.0';

/**
 * The boot files of a Harvester release. Source: `scripts/package-harvester-os` of
 * harvester/harvester-installer, every release from v1.1.0 on.
 */

/** The URL of the releases, with one directory per version. */
export const RELEASES_URL = 'https://releases.rancher.com/harvester';

export type Arch = 'amd64' | 'arm64';

/** The names of a release's files. */
export interface Media {
  readonly kernel: string;
  readonly initrd: string;
  readonly rootfs: string;
  readonly iso: string;
  /** The SHA-512 digests of all other files, as lines `<digest>  <file>`. */
  readonly checksums: string;
}

/** The files that a machine boots and installs from, in the order of the boot. */
export const BOOTED = ['kernel', 'initrd', 'rootfs', 'iso'] as const;

/** Returns the names of the files that a machine boots and installs from. */
export function bootedFiles(media: Media): string[] {
  return BOOTED.map((kind) => media[kind]);
}

/** Returns the file names of a release for an architecture; the version includes its leading v. */
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
 * The requirements of Harvester's installer for a machine. Source: `pkg/preflight/checks.go`, `pkg/config/config.go`,
 * `pkg/console/validator.go` and `pkg/util/disk.go` of harvester/harvester-installer, compared over the tags of its
 * releases; the numbers are also those of "Hardware Requirements" in Harvester's documentation.
 */

/** The first release whose installer stops if the hardware is too small, unless the checks are skipped. */
export const FIRST_RELEASE_WITH_CHECKS = 'v1.3.0';

/** The first release in which skipping the checks covers the sizes of disks and partitions (harvester/harvester#6064). */
export const FIRST_RELEASE_SKIPPING_SIZES = 'v1.8.0';

/** The first release whose checks fail under BIOS. */
export const FIRST_RELEASE_CHECKING_BIOS = 'v1.7.0';

/** The first release that never boots under BIOS (harvester/harvester#9854). */
export const FIRST_RELEASE_WITHOUT_BIOS = 'v1.8.0';

/** The minimum for the checks: below it, the installation stops. */
export const FOR_PRODUCTION = { threads: 16, memoryGib: 64, linkSpeed: '10G', linkMbits: 10_000 } as const;

/** Harvester's minimum for tests, and for a witness, which runs etcd but no virtual machines. */
export const FOR_TESTS = { of: 'tests', threads: 8, memoryGib: 32 } as const;
export const FOR_WITNESS = { of: 'a witness', threads: 4, memoryGib: 16 } as const;

/**
 * The minimum memory of a machine that is installed by network boot. Source: "PXE Boot Installation" in
 * Harvester's documentation (docs/install/pxe-boot-install.md of harvester/docs).
 */
export const LEAST_MEMORY_GIB = 8;

/** The largest disk that an MBR can partition: 2³² − 1 sectors of 512 bytes. */
export const LARGEST_MBR_DISK = 2_199_023_255_040;

/** The minimum size of the persistent partition. */
export const LEAST_PERSISTENT_MIB = 150 * 1024;

/** The size of the system's own partitions: COS_OEM, COS_STATE, COS_RECOVERY and the ESP. */
const OF_SYSTEM_MIB = 50 + 15_360 + 8_192 + 64;

/** The size of the other partitions on a disk with volumes of virtual machines, including the minimum for volumes. */
export const BESIDE_PERSISTENT_MIB = OF_SYSTEM_MIB + 51_200;

/**
 * The minimum disk size for an installation without checks, in whole GiB. It covers the system's partitions, and 7 GiB on the
 * persistent one for the ISO. Source: get_iso of `package/harvester-os/files/usr/sbin/harv-install`, which copies it there.
 */
export const LEAST_DISK_GIB = Math.ceil(OF_SYSTEM_MIB / 1024) + 7;

/**
 * Returns the minimum disk sizes of a release in whole GiB. The size `single` applies to a `device` that also contains the
 * volumes of virtual machines. The sizes `beside` and `dataDisk` apply to a `device` with a separate data disk.
 */
export function diskMinima(release: Version) {
  return isAtLeast(release, 'v1.2.0')
    ? { single: 250, beside: 180, dataDisk: 50 }
    : { single: 60, beside: 60, dataDisk: 60 };
}

/** Whether a release requires no space for volumes on a witness, which has none. */
export function sparesWitness(release: Version): boolean {
  return isAtLeast(release, 'v1.6.0');
}

/** The first release that can be installed on an iSCSI disk (harvester/harvester#5150). */
export const FIRST_RELEASE_BY_ISCSI = 'v1.4.0';

/**
 * Kernel arguments with which a dracut initrd logs in to the target that the firmware describes, through the NIC that it names.
 * For the installer and for the installed system. Source: dracut.cmdline(7), iSCSI; harvester/harvester#5150.
 */
export const ISCSI_ARGS: readonly string[] = ['rd.iscsi.firmware=1', 'rd.iscsi.ibft=1'];
