import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { dataDiskIsDevice } from './data-disk-is-device.ts';

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const DISKS: readonly [string, string] = [
  'defaults:\n',
  'defaults:\n  disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/disk/by-path/pci-0000:00:17.0-ata-1] }, { path: /dev/disk/by-id/b }]\n',
];
const WIPED: readonly [string, string] = [HARV_3, `${HARV_3}\nsilence: { disks-wiped: it is empty }`];

ruleTest(dataDiskIsDevice, {
  'the same name twice': {
    edits: [[DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-1`]],
    finds: [
      {
        at: '22:18',
        message:
          'data_disk is /dev/disk/by-path/pci-0000:00:17.0-ata-1, which is also the device: the installer ignores it.',
        related: ['21:15'],
      },
    ],
  },
  'two names of one disk': {
    edits: [DISKS, [DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/a`], WIPED],
    finds: [
      {
        at: '23:18',
        message:
          'data_disk /dev/disk/by-id/a and device /dev/disk/by-path/pci-0000:00:17.0-ata-1 are two names of one disk: the installer would format it twice.',
        related: ['22:15', '17:19'],
      },
    ],
  },
  'two disks': { edits: [DISKS, [DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/b`], WIPED] },
  'two names of which nothing is declared': {
    edits: [[DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/a`], WIPED],
  },
});
