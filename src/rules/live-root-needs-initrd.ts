import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const liveRootNeedsInitrd: Rule = {
  code: 'live-root-needs-initrd',
  severity: 'error',
  what: 'A node with a live root has an initrd.',
  why: 'It is the initrd that fetches the root file system and mounts it: a kernel alone panics.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.linux?.squashfs || !node.boot || isBroken(node.boot, 'initrd')) continue;
      if (node.linux.initrds?.length !== 0) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} has a live root, and no initrd that would fetch it.`,
        at: placeOf(node.linux, 'squashfs'),
        help: 'say boot.initrd: one that dracut has made with livenet and dmsquash-live, or as the distribution does it',
      });
    }
  },
};
