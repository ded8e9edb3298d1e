import { factsOf } from './facts.ts';
import type { Arch } from './harvester.ts';

/** The packages and paths of a family, by the architecture of the machines. */
export interface HostFamily {
  readonly name: 'debian' | 'suse' | 'rhel';
  /** The family's values of `ID` or `ID_LIKE` in /etc/os-release. */
  readonly ids: readonly string[];
  readonly packages: readonly string[];
  readonly packagesOf: Readonly<Record<Arch, readonly string[]>>;
  /** The packages of iPXE binaries. */
  readonly ipxePackages: Readonly<Record<Arch, readonly string[]>>;
  /** The paths of iPXE binaries, by the boot file of DHCP. Other binaries must be built. */
  readonly programs: Readonly<Record<string, string>>;
  /** The packages from which scripts/put-grub.sh builds GRUB binaries. */
  readonly grubPackages: Readonly<Record<Arch, readonly string[]>>;
  /** The packages of PXELINUX, for scripts/put-pxelinux.sh. */
  readonly pxelinuxPackages: readonly string[];
  readonly xfsPackage: string;
  readonly selinuxPackage: string;
  /** chrony's main file, its drop-in directory, and its service. */
  readonly chrony: { readonly main: string; readonly folder: string; readonly service: string };
  readonly nginxGroup: string;
}

/** An image of the host: the release of openSUSE Leap, and what it needs besides the packages of its family. */
interface HostImage extends Pick<HostFamily, 'packages' | 'packagesOf'> {
  readonly family: HostFamily['name'];
  readonly release: string;
  readonly bootstrap: readonly string[];
  readonly consoles: Readonly<Record<Arch, string>>;
  readonly units: readonly string[];
}

const FACTS = factsOf<{
  readonly families: readonly HostFamily[];
  readonly suseImage: HostImage;
  readonly fileSystemOverhead: Readonly<
    Record<'ext4' | 'xfs', { readonly share: number; readonly fixed: number }>
  >;
}>('hosts');

/**
 * The families of distributions for a libvirt host; the image of a host; and the overhead of file systems on a host's data disks, as a
 * share of the disk and a fixed number of bytes.
 */
export const {
  families: HOST_FAMILIES,
  suseImage: SUSE_IMAGE,
  fileSystemOverhead: FILE_SYSTEM_OVERHEAD,
} = FACTS;

/** The directory of noVNC in the package `novnc` of Debian, openSUSE and EPEL. Source: the lists of files of these packages. */
export const NOVNC = '/usr/share/novnc';

/**
 * The named sizes of virtual machines. Source: rancher/harvester-cloud, projects (main.tf, locals), where they are the sizes
 * of a cluster's nodes.
 */
export const VM_PRESETS = {
  small: { vcpus: 8, memory: '32Gi' },
  medium: { vcpus: 16, memory: '64Gi' },
} as const;

/**
 * nginx as user 101 that writes only to /tmp, at a stable release without a fixed patch version. It has the modules that the
 * site's server blocks need. Source: https://github.com/nginx/docker-nginx-unprivileged.
 */
export const NGINX_UNPRIVILEGED = 'docker.io/nginxinc/nginx-unprivileged:1.28';
