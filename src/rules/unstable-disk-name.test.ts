import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { unstableDiskName } from './unstable-disk-name.ts';

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const message = (key: string, name: string) =>
  `${key} names ${name}, which is whatever disk the kernel finds in that place at a boot, and the machine has several: the wrong one could be wiped.`;
const node = (said: string, silence = '') =>
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${said} }${silence}`;
const WIPED = '\nsilence: { disks-wiped: it is empty }';

ruleTest(unstableDiskName, {
  'a device and a data disk by the names of the kernel, in a layer': {
    edits: [
      [DEVICE, 'device: /dev/sda\n      data_disk: /dev/sdb'],
      [HARV_3, `${HARV_3}${WIPED}`],
    ],
    finds: [
      { at: '21:15', message: message('device', '/dev/sda'), related: ['22:18'] },
      { at: '22:18', message: message('data_disk', '/dev/sdb'), related: ['21:15'] },
    ],
  },
  'one that stays and one that does not': {
    edits: [
      [DEVICE, `${DEVICE}\n      data_disk: /dev/nvme0n1`],
      [HARV_3, `${HARV_3}${WIPED}`],
    ],
    finds: [{ at: '22:18', message: message('data_disk', '/dev/nvme0n1'), related: ['21:15'] }],
  },
  'a machine that declares several disks': {
    edits: [
      [
        HARV_3,
        node(
          'disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/vda] }, { path: /dev/disk/by-id/b }], config: { install: { device: /dev/vda } }',
        ),
      ],
    ],
    finds: [{ at: '25:174', message: message('device', '/dev/vda'), related: ['25:64'] }],
  },
  'a virtual machine with several disks': {
    edits: [
      [
        HARV_3,
        node('vm: { disks: [{ size: 300Gi }, { size: 60Gi }] }, config: { install: { device: /dev/vda } }'),
      ],
    ],
    finds: [{ at: '25:136', message: message('device', '/dev/vda'), related: ['25:70'] }],
  },
  'another disk that is to be wiped': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.1'],
      [DEVICE, `${DEVICE}\n      wipe_disks_list: [/dev/disk/by-id/b, /dev/sdb]`],
      [HARV_3, `${HARV_3}${WIPED}`],
    ],
    finds: [{ at: '22:44', message: message('wipe_disks_list', '/dev/sdb'), related: ['21:15'] }],
  },
  'a machine with one disk': { edits: [[DEVICE, 'device: /dev/sda']] },
  'one disk that is declared under both its names': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.1'],
      [DEVICE, 'device: /dev/sda\n      wipe_disks_list: [/dev/disk/by-id/a]'],
      ['defaults:\n', 'defaults:\n  disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/sda] }]\n'],
      [HARV_3, `${HARV_3}${WIPED}`],
    ],
  },
  'several disks by names that stay': {
    edits: [
      [DEVICE, 'device: /dev/disk/by-id/a\n      data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-2'],
      [HARV_3, `${HARV_3}${WIPED}`],
    ],
  },
});
