import { placeOf } from '../origin.ts';
import type { Rule } from './rule.ts';

export const driveOfDomain: Rule = {
  code: 'drive-of-domain',
  severity: 'warning',
  what: 'No libvirt domain has a `boot.drive` but the first.',
  why: 'Its firmware counts the disk of the system as the first, wherever that stands among its disks: with another number its script would boot a disk of data, find none there, and install.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.domain || node.drive === undefined || node.drive === 0x80) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} is a libvirt domain, where the disk of the system is the first (0x80), and not 0x${node.drive.toString(16)}.`,
        at: placeOf(node, 'drive'),
        help: 'remove boot.drive',
      });
    }
  },
};
