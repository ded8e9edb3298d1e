import { FIRST_RELEASE_BY_ISCSI, ISCSI_ARGS } from '../knowledge/tables/harvester-iscsi.ts';
import { placeOf } from '../source/origin.ts';
import { kernelWords } from '../values/kernel-words.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const iscsiKernelArguments: Rule = {
  code: 'iscsi-kernel-arguments',
  severity: 'error',
  what: 'Where the disk of a Harvester node is one by iSCSI, `os.additionalKernelArguments` that are said tell the kernel to log in at its target.',
  why: 'They take the place of those that harvgen writes. Without `rd.iscsi.firmware` or a `netroot=` the installed system has no disk at its first boot.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.cluster?.version;
      const os = node?.said?.os;
      const given = os?.additionalKernelArguments;
      if (node?.os !== 'harvester' || !node.iscsi || !os || !given || given.includes('${secret:')) continue;
      if (release && !isAtLeast(release, FIRST_RELEASE_BY_ISCSI)) continue;
      if (kernelWords(given).some((word) => LOGS_IN.test(word))) continue;
      report({
        node,
        oncePerPlace: true,
        message: `os.additionalKernelArguments of ${node.name} say nothing of iSCSI, and its disk is behind an iSCSI target: what is installed there would not find it.`,
        at: placeOf(os, 'additionalKernelArguments'),
        help: `add ${ISCSI_ARGS.join(' ')}; or leave the arguments out: these and multipath=off are written unless said`,
      });
    }
  },
};

/** What makes an initrd of dracut log in: by what firmware describes, or at a target that is named. Source: dracut.cmdline(7). */
const LOGS_IN = /^(rd\.iscsi\.firmware(=(1|yes|on|true))?$|iscsi_firmware$|netroot=iscsi)/;
