import { createHash } from 'node:crypto';

/**
 * Gives the label of the file system that host-setup.sh makes on a data disk: by it a later run knows its own. It follows
 * from the site and the disk's name. xfs takes 12 characters, ext4 16. Source: mkfs.xfs(8), e2label(8).
 */
export function diskLabel(site: string, disk: string): string {
  return `hv-${createHash('sha256').update(`${site}/${disk}`).digest('hex').slice(0, 9)}`;
}
