import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { grubByUefi } from './grub-by-uefi.ts';

ruleTest(grubByUefi, {
  'a BIOS': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute, grub] }', 'profiles: [compute, grub], firmware: bios }']],
    finds: [
      {
        at: '22:21',
        message: 'cg02 is to boot by GRUB, and its firmware is a BIOS.',
        related: ['25:117'],
      },
    ],
  },
  'a machine whose MAC address nobody has said': {
    of: LINUX_PLANT,
    edits: [
      ['dhcp: { pool: 10.1.0.200-10.1.0.250 }', 'dhcp: { server: external }'],
      ['mac: 52:54:00:7c:52:02, ', ''],
    ],
    finds: [
      {
        at: '25:3',
        message: 'cg02 is to boot by GRUB, which would not find its script: its MAC address is not known.',
        related: ['22:21'],
      },
    ],
  },
  'a BIOS by iPXE': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute] }', 'profiles: [compute], firmware: bios }']],
  },
});
