import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { missingKernel } from './missing-kernel.ts';

const of = LINUX_PLANT;

ruleTest(missingKernel, {
  'a profile without one, said once': {
    of,
    edits: [['      kernel: rocky9/vmlinuz\n', '']],
    finds: [{ at: '16:11', message: 'cg01 boots Linux, and it is not said by which kernel.' }],
  },
  'one that a node says itself': {
    of,
    edits: [
      ['      kernel: rocky9/vmlinuz\n', ''],
      ['profiles: [compute] }', 'profiles: [compute], boot: { kernel: vmlinuz } }'],
      ['profiles: [compute, grub] }', 'profiles: [compute], boot: { kernel: "http://10.1.0.9/vmlinuz" } }'],
      ['  grub:\n    boot: { loader: grub }\n', ''],
    ],
  },
});
