import { otherThanDisk, usedDisks } from '../site/disks.ts';
import type { Node } from '../site/model.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const partitionAsDisk: Rule = {
  code: 'partition-as-disk',
  severity: 'error',
  what: 'Disks are whole disks: no partitions, file systems, software RAIDs or volumes.',
  why: 'The installer stops at a device that is no whole disk with "device not found"; a data disk it formats unseen, and Harvester supports local disks and hardware RAID only ("Hardware Requirements" in its documentation).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (node?.os !== 'harvester') continue;
      for (const use of usedDisks(node)) {
        const { key, name } = use;
        const what = otherThanDisk(name);
        if (!what) continue;
        report({
          node,
          message: `${name} is ${what}, and ${key} takes whole disks: ${consequence(key, node)}.`,
          at: use.at,
          help: 'name the whole disk, as it is below /dev/disk/by-id or /dev/disk/by-path',
        });
      }
    }
  },
};

function consequence(key: string, { cluster }: Draft<Node>): string {
  if (key === 'wipe_disks_list') return 'clearing it would leave the partition table of the disk as it is';
  // Since v1.2.0 the installer looks no further than at the size of a data disk.
  const unseen = key === 'data_disk' && (!cluster?.version || isAtLeast(cluster.version, 'v1.2.0'));
  return unseen ? 'the installer would format it unseen' : 'the installer would stop with "device not found"';
}
