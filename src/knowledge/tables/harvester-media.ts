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
