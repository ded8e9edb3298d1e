import { driveText, FIRST_DRIVE } from '../site/drive.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const driveOfDomain: Rule = {
  code: 'drive-of-domain',
  severity: 'warning',
  what: 'No libvirt domain has a `boot.drive` but the first.',
  why: 'Its firmware counts the disk of the system as the first, wherever that stands among its disks: with another number its script would boot a disk of data, find none there, and install.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.domain || node.drive === undefined || node.drive === FIRST_DRIVE) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is a libvirt domain, where the disk of the system is the first (${driveText()}), and not ${driveText(node.drive)}.`,
        at: placeOf(node, 'drive'),
        help: 'remove boot.drive',
      });
    }
  },
};
