import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { bootKeyOfOtherOs } from './boot-key-of-other-os.ts';

const FIRST = 'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';

ruleTest(bootKeyOfOtherOs, {
  'a kernel without os: linux, which would install Harvester': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { kernel: vmlinuz, args: [quiet], arch: amd64 } }')]],
    finds: [
      {
        at: '24:65',
        message: 'boot.kernel, boot.args and boot.arch say nothing here: harv-2 boots Harvester.',
        help: 'say `os: linux` beside it, or take them out',
      },
    ],
  },
  'a profile without os: linux, of a site without Harvester': {
    of: LINUX_PLANT,
    edits: [['      os: linux\n', '']],
    finds: [
      {
        at: '16:7',
        message: 'boot.kernel, boot.initrd, boot.root and boot.args say nothing here: cg01 boots Harvester.',
      },
    ],
  },
  'an architecture alone': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { arch: amd64 } }')]],
    finds: [
      {
        at: '24:65',
        message: 'boot.arch says nothing here: harv-2 boots Harvester.',
        help: 'say harvester.arch',
      },
    ],
  },
  'a boot loader of a machine that boots its disk': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { os: local, loader: grub, arch: arm64 } }')]],
    silence: ['two-node-cluster'],
    finds: [{ at: '24:76', message: 'boot.loader says nothing here: harv-2 boots its disk.' }],
  },
  'what a layer says for others': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute] }', 'profiles: [compute], boot: { os: local } }']],
  },
});
