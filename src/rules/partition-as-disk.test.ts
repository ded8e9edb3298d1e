import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { partitionAsDisk } from './partition-as-disk.ts';

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const WIPED: readonly [string, string] = [HARV_3, `${HARV_3}\nsilence: { disks-wiped: it is empty }`];
const STOPS = 'the installer would stop with "device not found"';

ruleTest(partitionAsDisk, {
  'a device that is a partition, for all nodes': {
    edits: [[DEVICE, 'device: /dev/sda3']],
    finds: [{ at: '21:15', message: `/dev/sda3 is a partition, and device takes whole disks: ${STOPS}.` }],
  },
  'a software RAID': {
    edits: [[DEVICE, 'device: /dev/md127']],
    finds: [
      { at: '21:15', message: `/dev/md127 is a software RAID, and device takes whole disks: ${STOPS}.` },
    ],
  },
  'a data disk that is a file system': {
    edits: [[DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-uuid/0a`], WIPED],
    finds: [
      {
        at: '22:18',
        message:
          '/dev/disk/by-uuid/0a is a file system, and data_disk takes whole disks: the installer would format it unseen.',
      },
    ],
  },
  'a data disk in a release that looks at it': {
    edits: [
      ['version: v1.4.1', 'version: v1.1.3'],
      [DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/b-part1`],
      WIPED,
    ],
    finds: [
      {
        at: '22:18',
        message: `/dev/disk/by-id/b-part1 is a partition, and data_disk takes whole disks: ${STOPS}.`,
      },
    ],
  },
  'a partition that is to be wiped': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.1'],
      [DEVICE, `${DEVICE}\n      wipe_disks_list: [/dev/disk/by-id/b, /dev/nvme0n1p2]`],
      WIPED,
    ],
    finds: [
      {
        at: '22:44',
        message:
          '/dev/nvme0n1p2 is a partition, and wipe_disks_list takes whole disks: clearing it would leave the partition table of the disk as it is.',
      },
    ],
  },
  'an NVMe namespace, which is a whole disk': { edits: [[DEVICE, 'device: /dev/nvme0n1']] },
  'a path that ends in a number': {
    edits: [[DEVICE, 'device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1']],
  },
  'a partition on a machine that runs no Harvester': {
    edits: [
      [
        HARV_3,
        `${HARV_3}\n  tools: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local }, config: { install: { device: /dev/sda1 } } }`,
      ],
    ],
  },
});
