/** What a file system takes of its disk before the first file: a share of the disk, and bytes that do not grow with it. */
export interface FileSystemOverhead {
  readonly share: number;
  readonly fixed: number;
}

/**
 * What the file systems of a host's data disks take, a little more than was measured of disks from 10 GiB to 4 TiB. ext4
 * (e2fsprogs 1.47, mke2fs.conf(5)): an inode of 256 bytes for each 16 KiB, which is 1/64, the groups' own blocks, and a
 * journal of at most 1 GiB; nothing is kept for root (`-m 0`). XFS (xfsprogs 6.1, mkfs.xfs(8)): the log, and what the
 * kernel keeps back for the trees of free space, shared blocks (`reflink`) and owners (`rmapbt`, the default of newer
 * ones), without which it is 0.8 %.
 */
export const FILE_SYSTEM_OVERHEAD: Readonly<Record<'ext4' | 'xfs', FileSystemOverhead>> = {
  ext4: { share: 0.016, fixed: 2 ** 30 },
  xfs: { share: 0.02, fixed: 64 * 2 ** 20 },
};
