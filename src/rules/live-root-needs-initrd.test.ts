import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { liveRootNeedsInitrd } from './live-root-needs-initrd.ts';

const of = LINUX_PLANT;
const INITRD = '      initrd: rocky9/initramfs.img\n';

ruleTest(liveRootNeedsInitrd, {
  'a squashfs that nothing fetches': {
    of,
    edits: [[INITRD, '']],
    finds: [{ at: '18:25', message: 'cg01 has a live root, and no initrd that would fetch it.' }],
  },
  'a list of none': {
    of,
    edits: [['initrd: rocky9/initramfs.img', 'initrd: []']],
    finds: [{ at: '19:25', message: 'cg01 has a live root, and no initrd that would fetch it.' }],
  },
  'a root that the kernel itself mounts': {
    of,
    edits: [
      [INITRD, ''],
      ['{ squashfs: rocky9/root.squashfs }', '/dev/nfs'],
    ],
  },
});
