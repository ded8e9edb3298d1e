import { isBroken, placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const kernelArgumentsReplace: Rule = {
  code: 'kernel-arguments-replace',
  severity: 'warning',
  what: 'A node without external storage that has `os.additionalKernelArguments` says there whether multipath is on.',
  why: 'The arguments take the place of `multipath=off`, which the installer gives such a node by itself: without it multipath may claim local disks, and those of volumes.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.cluster?.version;
      const os = node?.said?.os;
      // Before v1.4.0 there are no such arguments: key-too-new.
      if (!node || !release || !os || !isAtLeast(release, 'v1.4.0')) continue;
      const { additionalKernelArguments: given, externalStorageConfig: storage } = os;
      if (!given || given.includes('${secret:') || /(^|\s)multipath=/.test(given)) continue;
      if (storage?.enabled === true || isBroken(os, 'externalStorageConfig')) continue;
      if (isBroken(node, 'said') || (storage && isBroken(storage, 'enabled'))) continue;
      report({
        node,
        message:
          'os.additionalKernelArguments replaces multipath=off, which a node without external storage boots with otherwise: multipath may claim its disks.',
        at: placeOf(os, 'additionalKernelArguments'),
        help: 'begin the arguments with multipath=off, or say multipath=on where it is meant',
      });
    }
  },
};
