/**
 * The families of distributions for a libvirt host, with their packages and paths. Sources: Debian's and Ubuntu's lists of
 * files of ipxe, chrony and nginx (packages.debian.org). Spec files ipxe.spec, libvirt.spec, qemu.spec and
 * chrony-config.patch of openSUSE and SLE 15 (build.opensuse.org). Spec files ipxe.spec and libvirt.spec, and chrony.conf, of
 * RHEL 9 and Fedora (src.fedoraproject.org, CentOS Stream). Spec files grub2.spec and syslinux.spec of both.
 */
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

export const HOST_FAMILIES: readonly HostFamily[] = [
  {
    name: 'debian',
    ids: ['debian', 'ubuntu'],
    packages: (
      'curl dnsmasq-base iproute2 ipxe-qemu iptables libvirt-clients libvirt-daemon-system ' +
      'nftables nginx qemu-utils socat'
    ).split(' '),
    packagesOf: { amd64: ['ovmf', 'qemu-system-x86'], arm64: ['qemu-efi-aarch64', 'qemu-system-arm'] },
    ipxePackages: { amd64: ['ipxe'], arm64: [] },
    programs: {
      'undionly.kpxe': '/usr/lib/ipxe/undionly.kpxe',
      'ipxe.lkrn': '/usr/lib/ipxe/ipxe.lkrn',
      'snponly.efi': '/usr/lib/ipxe/snponly.efi',
    },
    grubPackages: {
      amd64: ['grub-common', 'grub-efi-amd64-bin'],
      arm64: ['grub-common', 'grub-efi-arm64-bin'],
    },
    pxelinuxPackages: ['pxelinux', 'syslinux-common'],
    xfsPackage: 'xfsprogs',
    selinuxPackage: 'policycoreutils-python-utils',
    chrony: { main: '/etc/chrony/chrony.conf', folder: '/etc/chrony/conf.d', service: 'chrony' },
    nginxGroup: 'www-data',
  },
  {
    name: 'suse',
    ids: ['suse', 'opensuse', 'sles'],
    // The display devices are separate modules, which QEMU only recommends.
    packages: (
      'curl dnsmasq iproute2 libvirt nftables nginx qemu-hw-display-virtio-gpu ' +
      'qemu-hw-display-virtio-gpu-pci qemu-hw-display-virtio-vga qemu-ipxe qemu-tools socat'
    ).split(' '),
    packagesOf: {
      amd64: ['qemu-ovmf-x86_64', 'qemu-seabios', 'qemu-x86'],
      arm64: ['qemu-arm', 'qemu-uefi-aarch64'],
    },
    ipxePackages: { amd64: ['ipxe-bootimgs'], arm64: ['ipxe-bootimgs'] },
    // Its UEFI binaries are snp.efi: they also use the firmware's drivers, but drive all NICs and not only the boot NIC.
    programs: {
      'undionly.kpxe': '/usr/share/ipxe/undionly.kpxe',
      'ipxe.lkrn': '/usr/share/ipxe/ipxe.lkrn',
      'snponly.efi': '/usr/share/ipxe/snp-x86_64.efi',
      'snponly-arm64.efi': '/usr/share/ipxe/snp-arm64.efi',
    },
    grubPackages: { amd64: ['grub2', 'grub2-x86_64-efi'], arm64: ['grub2', 'grub2-arm64-efi'] },
    pxelinuxPackages: ['syslinux'],
    xfsPackage: 'xfsprogs',
    selinuxPackage: 'policycoreutils-python-utils',
    chrony: { main: '/etc/chrony.conf', folder: '/etc/chrony.d', service: 'chronyd' },
    nginxGroup: 'nginx',
  },
  {
    name: 'rhel',
    ids: ['rhel', 'fedora', 'centos'],
    packages: 'curl dnsmasq iproute libvirt-client libvirt-daemon-kvm nftables nginx qemu-img socat'.split(
      ' ',
    ),
    packagesOf: { amd64: ['edk2-ovmf', 'qemu-kvm'], arm64: ['edk2-aarch64', 'qemu-kvm'] },
    ipxePackages: { amd64: ['ipxe-bootimgs-x86'], arm64: ['ipxe-bootimgs-aarch64'] },
    programs: {
      'undionly.kpxe': '/usr/share/ipxe/undionly.kpxe',
      'ipxe.lkrn': '/usr/share/ipxe/ipxe.lkrn',
      'snponly.efi': '/usr/share/ipxe/ipxe-snponly-x86_64.efi',
      'snponly-arm64.efi': '/usr/share/ipxe/arm64-efi/snponly.efi',
    },
    grubPackages: {
      amd64: ['grub2-tools', 'grub2-efi-x64-modules'],
      arm64: ['grub2-tools', 'grub2-efi-aa64-modules'],
    },
    pxelinuxPackages: ['syslinux-nonlinux'],
    xfsPackage: 'xfsprogs',
    selinuxPackage: 'policycoreutils-python-utils',
    // Its main file includes no directory: host-setup.sh adds a line.
    chrony: { main: '/etc/chrony.conf', folder: '/etc/chrony.d', service: 'chronyd' },
    nginxGroup: 'nginx',
  },
];

/** The directory of noVNC in the package `novnc` of Debian, openSUSE and EPEL. Source: the lists of files of these packages. */
export const NOVNC = '/usr/share/novnc';

/**
 * An image of the host: the release of openSUSE Leap, and what it needs besides the packages of its family. Its package source also
 * has the updates. cloud-init grows the root file system (growpart). Source: the package lists of Leap 16.0 (download.opensuse.org);
 * rancher/harvester-cloud, modules/harvester/kiwi-os-image-builder.
 */
export const SUSE_IMAGE = {
  family: 'suse',
  release: '16.0',
  bootstrap: ['ca-certificates-mozilla', 'filesystem', 'glibc-locale-base', 'Leap-release', 'zypper'],
  packages: (
    'NetworkManager cloud-init dosfstools e2fsprogs growpart grub2 iputils kernel-default less openssh-server ' +
    'parted rsync shim sudo tar'
  ).split(' '),
  packagesOf: { amd64: ['grub2-i386-pc', 'grub2-x86_64-efi'], arm64: ['grub2-arm64-efi'] },
  consoles: { amd64: 'ttyS0,115200', arm64: 'ttyAMA0,115200' },
  units: ['NetworkManager', 'sshd', 'cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'],
} as const;

/**
 * The overhead of file systems on a host's data disks, as a share of the disk and a fixed number of bytes. Slightly more than
 * measured on disks from 10 GiB to 4 TiB. The overhead of ext4: an inode of 256 bytes for each 16 KiB, which is 1/64, the
 * blocks of the groups, and a journal of at most 1 GiB. No blocks are reserved for root (`-m 0`). The overhead of XFS: the
 * log, and the kernel's reserve for the trees of free space, shared blocks (`reflink`) and owners (`rmapbt`, the default of
 * newer versions). Without the reserve, the share is 0.8 %. Source: e2fsprogs 1.47, mke2fs.conf(5); xfsprogs 6.1, mkfs.xfs(8).
 */
export const FILE_SYSTEM_OVERHEAD: Readonly<
  Record<'ext4' | 'xfs', { readonly share: number; readonly fixed: number }>
> = {
  ext4: { share: 0.016, fixed: 2 ** 30 },
  xfs: { share: 0.02, fixed: 64 * 2 ** 20 },
};

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
