import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { grubByHttp } from './grub-by-http.ts';

ruleTest(grubByHttp, {
  'a kernel by https': {
    of: LINUX_PLANT,
    edits: [['kernel: rocky9/vmlinuz', 'kernel: "https://mirror.example.org/vmlinuz"']],
    finds: [
      {
        at: '17:15',
        message:
          'cg02 boots by GRUB, which cannot fetch https://mirror.example.org/vmlinuz: it speaks no https.',
      },
    ],
  },
  'a root file system, which the initrd fetches': {
    of: LINUX_PLANT,
    edits: [['squashfs: rocky9/root.squashfs', 'squashfs: "https://mirror.example.org/root.squashfs"']],
  },
});
