import { execFileSync } from 'node:child_process';
import { blankDisk } from '../../src/rehearse/disks.ts';

/** The output of a system of another make when it boots. */
export const OTHER = 'ANOTHER SYSTEM';

/**
 * Makes a disk image of an installation that was interrupted before its boot loader: it has only the label. Returns its
 * path. Throws if a program fails.
 */
export async function unfinishedDisk(folder: string, name: string, label: string): Promise<string> {
  const path = blankDisk(folder, name);
  execFileSync('mkfs.fat', ['-F', '32', '-n', label, path]);
  return path;
}
