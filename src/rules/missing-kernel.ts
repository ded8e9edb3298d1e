import { lacks, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const missingKernel: Rule = {
  code: 'missing-kernel',
  severity: 'error',
  what: 'A node that boots Linux has a kernel.',
  why: 'There is nothing to boot.',
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.linux || !lacks(node.linux, 'kernel')) continue;
      report({
        node,
        oncePerPlace: true,
        message: `${node.name} boots Linux, and it is not said by which kernel.`,
        at: placeOf(node, 'os'),
        help: 'say where it lies below server.images, or its URL: boot: {os: linux, kernel: rocky9/vmlinuz, initrd: rocky9/initramfs.img}',
      });
    }
  },
};
