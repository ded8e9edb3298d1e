import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../test/support/nested-plant.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import {
  dataDiskIsDevice,
  diskSerialTaken,
  disksWiped,
  driveOfDomain,
  keptDiskWiped,
  missingDevice,
  partitionAsDisk,
  unknownDisk,
  unstableDiskName,
} from './disks.ts';

const DEVICE = '    install:\n      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

ruleTest(missingDevice, {
  'no node says its disk': {
    edits: [[DEVICE, '']],
    finds: [
      {
        at: '21:3',
        message:
          'harv-1, harv-2 and harv-3 do not say which disk Harvester is installed to: the installer would stop and wait.',
      },
    ],
  },
  'one node does not, with other keys of install beside': {
    edits: [
      [DEVICE, '    install: { tty: ttyS0 }\n'],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [big]'],
      ['nodes:\n', 'profiles:\n  big: { config: { install: { device: /dev/sdb } } }\nnodes:\n'],
    ],
    finds: [
      {
        at: '25:3',
        message:
          'harv-2 does not say which disk Harvester is installed to: the installer would stop and wait.',
      },
    ],
  },
  'every node says it, by a layer or itself': {
    edits: [
      [DEVICE, ''],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [big]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [big]'],
      ['nodes:\n', 'profiles:\n  big: { config: { install: { device: /dev/sdb } } }\nnodes:\n'],
    ],
  },
  'virtual machines, which have a first disk': { of: NESTED, edits: [] },
  'machines that boot their own disk': {
    edits: [
      [DEVICE, ''],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: local }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, boot: { os: local }'],
    ],
  },
});

const DEVICE_OF_UNKNOWN_DISK = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const DISKS: readonly [string, string] = [
  'defaults:\n',
  'defaults:\n  disks: [{ path: /dev/disk/by-id/nvme-a, aliases: [/dev/disk/by-path/pci-0000:00:17.0-ata-1] }, { path: /dev/disk/by-id/nvme-b }]\n',
];
const WIPED: readonly [string, string] = [HARV_3, `${HARV_3}\nsilence: { disks-wiped: it is empty }`];
const message = (key: string, name: string) =>
  `${key} names ${name}, which is none of the disks that the machine declares: the installer would stop at it.`;

ruleTest(unknownDisk, {
  'a device and a data disk that are not declared, once for all nodes': {
    edits: [
      DISKS,
      [DEVICE_OF_UNKNOWN_DISK, 'device: /dev/disk/by-id/nvme-c\n      data_disk: /dev/disk/by-id/nvme-d'],
      WIPED,
    ],
    finds: [
      { at: '22:15', message: message('device', '/dev/disk/by-id/nvme-c'), related: ['17:10'] },
      { at: '23:18', message: message('data_disk', '/dev/disk/by-id/nvme-d'), related: ['17:10'] },
    ],
  },
  'a disk to wipe that is not there, in the last release that stops at it': {
    edits: [
      DISKS,
      ['version: v1.4.1', 'version: v1.8.0'],
      [
        DEVICE_OF_UNKNOWN_DISK,
        `${DEVICE_OF_UNKNOWN_DISK}\n      wipe_disks_list: [/dev/disk/by-id/nvme-b, /dev/disk/by-id/nvme-c]`,
      ],
      WIPED,
    ],
    finds: [
      { at: '23:49', message: message('wipe_disks_list', '/dev/disk/by-id/nvme-c'), related: ['17:10'] },
    ],
  },
  'the same in a release that passes over it': {
    edits: [
      DISKS,
      ['version: v1.4.1', 'version: v1.8.1'],
      [
        DEVICE_OF_UNKNOWN_DISK,
        `${DEVICE_OF_UNKNOWN_DISK}\n      wipe_disks_list: [/dev/disk/by-id/nvme-b, /dev/disk/by-id/nvme-c]`,
      ],
      WIPED,
    ],
  },
  'disks by their path and by an alias': {
    edits: [
      DISKS,
      [DEVICE_OF_UNKNOWN_DISK, `${DEVICE_OF_UNKNOWN_DISK}\n      data_disk: /dev/disk/by-id/nvme-b`],
      WIPED,
    ],
  },
  'a disk that the virtual machine does not have, by a name that misses by a letter': {
    of: NESTED,
    edits: [
      ['disks: [{ size: 300Gi }]', 'disks: [{ size: 300Gi, serial: data }]'],
      ['    os: { ntp', '    install: { device: /dev/disk/by-id/virtio-dada }\n    os: { ntp'],
    ],
    finds: [
      {
        at: '22:24',
        message:
          'device names /dev/disk/by-id/virtio-dada, which is none of the disks of the virtual machine: the installer would stop at it.',
        related: ['24:31'],
      },
    ],
  },
  'a disk of another bus than the virtual machine has': {
    of: NESTED,
    edits: [['192.168.150.42 }', '192.168.150.42, config: { install: { device: /dev/sda } } }']],
    finds: [
      {
        at: '26:91',
        message:
          'device names /dev/sda, which is none of the disks of the virtual machine: the installer would stop at it.',
        related: ['23:31'],
      },
    ],
  },
  'disks of a virtual machine by each of their names, and one that depends on the system': {
    of: NESTED,
    edits: [
      ['disks: [{ size: 300Gi }]', 'disks: [{ size: 300Gi, serial: system }]'],
      ['192.168.150.41,', '192.168.150.41, config: { install: { device: /dev/disk/by-id/virtio-system } },'],
      ['192.168.150.42 }', '192.168.150.42, config: { install: { device: /dev/vda } } }'],
      [
        '192.168.150.43 }',
        '192.168.150.43, config: { install: { device: /dev/disk/by-path/pci-0000:04:00.0 } } }',
      ],
    ],
  },
  'a machine that declares no disks': { edits: [[DEVICE_OF_UNKNOWN_DISK, 'device: /dev/disk/by-id/nvme-c']] },
});

const test = suite('unknown-disk, after another fault');

test('concludes nothing from disks of which one is broken', async () => {
  for (const disk of ['{ path: 5 }', '{ path: /dev/disk/by-id/a, aliases: [5] }']) {
    const text = edited(PLANT, [
      'defaults:\n',
      `defaults:\n  disks: [{ path: /dev/disk/by-id/b }, ${disk}]\n`,
    ]);
    const { diagnostics } = await compile(makeSite(text));
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['wrong-type'],
    );
  }
});

test.run();

const DEVICE_OF_UNSTABLE_DISK_NAME = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const messageOfUnstableDiskName = (key: string, name: string) =>
  `${key} names ${name}, which is whatever disk the kernel finds in that place at a boot, and the machine has several: the wrong one could be wiped.`;
const node = (said: string, silence = '') =>
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${said} }${silence}`;
const WIPED_OF_UNSTABLE_DISK_NAME = '\nsilence: { disks-wiped: it is empty }';

ruleTest(unstableDiskName, {
  'a device and a data disk by the names of the kernel, in a layer': {
    edits: [
      [DEVICE_OF_UNSTABLE_DISK_NAME, 'device: /dev/sda\n      data_disk: /dev/sdb'],
      [HARV_3, `${HARV_3}${WIPED_OF_UNSTABLE_DISK_NAME}`],
    ],
    finds: [
      { at: '21:15', message: messageOfUnstableDiskName('device', '/dev/sda'), related: ['22:18'] },
      { at: '22:18', message: messageOfUnstableDiskName('data_disk', '/dev/sdb'), related: ['21:15'] },
    ],
  },
  'one that stays and one that does not': {
    edits: [
      [DEVICE_OF_UNSTABLE_DISK_NAME, `${DEVICE_OF_UNSTABLE_DISK_NAME}\n      data_disk: /dev/nvme0n1`],
      [HARV_3, `${HARV_3}${WIPED_OF_UNSTABLE_DISK_NAME}`],
    ],
    finds: [
      { at: '22:18', message: messageOfUnstableDiskName('data_disk', '/dev/nvme0n1'), related: ['21:15'] },
    ],
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
    finds: [{ at: '25:174', message: messageOfUnstableDiskName('device', '/dev/vda'), related: ['25:64'] }],
  },
  'a virtual machine with several disks': {
    edits: [
      [
        HARV_3,
        node('vm: { disks: [{ size: 300Gi }, { size: 60Gi }] }, config: { install: { device: /dev/vda } }'),
      ],
    ],
    finds: [{ at: '25:136', message: messageOfUnstableDiskName('device', '/dev/vda'), related: ['25:70'] }],
  },
  'another disk that is to be wiped': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.1'],
      [
        DEVICE_OF_UNSTABLE_DISK_NAME,
        `${DEVICE_OF_UNSTABLE_DISK_NAME}\n      wipe_disks_list: [/dev/disk/by-id/b, /dev/sdb]`,
      ],
      [HARV_3, `${HARV_3}${WIPED_OF_UNSTABLE_DISK_NAME}`],
    ],
    finds: [
      { at: '22:44', message: messageOfUnstableDiskName('wipe_disks_list', '/dev/sdb'), related: ['21:15'] },
    ],
  },
  'a machine with one disk': { edits: [[DEVICE_OF_UNSTABLE_DISK_NAME, 'device: /dev/sda']] },
  'one disk that is declared under both its names': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.1'],
      [DEVICE_OF_UNSTABLE_DISK_NAME, 'device: /dev/sda\n      wipe_disks_list: [/dev/disk/by-id/a]'],
      ['defaults:\n', 'defaults:\n  disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/sda] }]\n'],
      [HARV_3, `${HARV_3}${WIPED_OF_UNSTABLE_DISK_NAME}`],
    ],
  },
  'several disks by names that stay': {
    edits: [
      [
        DEVICE_OF_UNSTABLE_DISK_NAME,
        'device: /dev/disk/by-id/a\n      data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-2',
      ],
      [HARV_3, `${HARV_3}${WIPED_OF_UNSTABLE_DISK_NAME}`],
    ],
  },
});

const DEVICE_OF_PARTITION_AS_DISK = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const STOPS = 'the installer would stop with "device not found"';

ruleTest(partitionAsDisk, {
  'a device that is a partition, for all nodes': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/sda3']],
    finds: [{ at: '21:15', message: `/dev/sda3 is a partition, and device takes whole disks: ${STOPS}.` }],
  },
  'a software RAID': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/md127']],
    finds: [
      { at: '21:15', message: `/dev/md127 is a software RAID, and device takes whole disks: ${STOPS}.` },
    ],
  },
  'a data disk that is a file system': {
    edits: [
      [DEVICE_OF_PARTITION_AS_DISK, `${DEVICE_OF_PARTITION_AS_DISK}\n      data_disk: /dev/disk/by-uuid/0a`],
      WIPED,
    ],
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
      [
        DEVICE_OF_PARTITION_AS_DISK,
        `${DEVICE_OF_PARTITION_AS_DISK}\n      data_disk: /dev/disk/by-id/b-part1`,
      ],
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
      [
        DEVICE_OF_PARTITION_AS_DISK,
        `${DEVICE_OF_PARTITION_AS_DISK}\n      wipe_disks_list: [/dev/disk/by-id/b, /dev/nvme0n1p2]`,
      ],
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
  'an NVMe namespace, which is a whole disk': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/nvme0n1']],
  },
  'a path that ends in a number': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1']],
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

const DOMAIN = 'ip: 192.168.150.42 }';
const IP = 'ip: 192.168.178.42 }';

ruleTest(driveOfDomain, {
  'the second disk of a domain': {
    of: NESTED,
    edits: [[DOMAIN, 'ip: 192.168.150.42, boot: { drive: 0x81 } }']],
    finds: [
      {
        at: '26:77',
        message:
          'harvester-2 is a libvirt domain, where the disk of the system is the first (0x80), and not 0x81.',
      },
    ],
  },
  'the first disk of a domain': {
    of: NESTED,
    edits: [[DOMAIN, 'ip: 192.168.150.42, boot: { drive: 0x80 } }']],
  },
  'the first disk of a machine': { edits: [[IP, 'ip: 192.168.178.42, boot: { drive: 0x80 } }']] },
  'the second disk of a machine': { edits: [[IP, 'ip: 192.168.178.42, boot: { drive: 0x81 } }']] },
});

const DEVICE_OF_DATA_DISK_IS_DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const DISKS_OF_DATA_DISK_IS_DEVICE: readonly [string, string] = [
  'defaults:\n',
  'defaults:\n  disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/disk/by-path/pci-0000:00:17.0-ata-1] }, { path: /dev/disk/by-id/b }]\n',
];

ruleTest(dataDiskIsDevice, {
  'the same name twice': {
    edits: [
      [
        DEVICE_OF_DATA_DISK_IS_DEVICE,
        `${DEVICE_OF_DATA_DISK_IS_DEVICE}\n      data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-1`,
      ],
    ],
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
    edits: [
      DISKS_OF_DATA_DISK_IS_DEVICE,
      [DEVICE_OF_DATA_DISK_IS_DEVICE, `${DEVICE_OF_DATA_DISK_IS_DEVICE}\n      data_disk: /dev/disk/by-id/a`],
      WIPED,
    ],
    finds: [
      {
        at: '23:18',
        message:
          'data_disk /dev/disk/by-id/a and device /dev/disk/by-path/pci-0000:00:17.0-ata-1 are two names of one disk: the installer would format it twice.',
        related: ['22:15', '17:19'],
      },
    ],
  },
  'two disks': {
    edits: [
      DISKS_OF_DATA_DISK_IS_DEVICE,
      [DEVICE_OF_DATA_DISK_IS_DEVICE, `${DEVICE_OF_DATA_DISK_IS_DEVICE}\n      data_disk: /dev/disk/by-id/b`],
      WIPED,
    ],
  },
  'two names of which nothing is declared': {
    edits: [
      [DEVICE_OF_DATA_DISK_IS_DEVICE, `${DEVICE_OF_DATA_DISK_IS_DEVICE}\n      data_disk: /dev/disk/by-id/a`],
      WIPED,
    ],
  },
});

/** The name that the kernel has for the disk of one node, by the name of the node. */
const OF_NODE_17 =
  '/dev/disk/by-path/ip-192.168.178.2:3260-iscsi-iqn.2024-07.internal.harvgen:plant:node-17:harvester-lun-1';

/** Many nodes whose devices are disks by iSCSI; all are told that their data disk is that of one of them. */
const MANY =
  edited(
    PLANT,
    ['server:\n', 'server:\n  iscsi: { address: 192.168.178.2 }\n'],
    ['defaults:\n', 'defaults:\n  boot: { disk: iscsi, size: 400Gi }\n'],
    ['  config:\n', '  silence: { disks-wiped: yes, iscsi-management-nic: yes }\n  config:\n'],
    [DEVICE_OF_DATA_DISK_IS_DEVICE, `data_disk: ${OF_NODE_17}`],
  ) +
  Array.from(
    { length: 20 },
    (_, n) => `  node-${n}: { mac: 52:54:00:bb:01:${n + 10}, ip: 192.168.178.${n + 50} }\n`,
  ).join('');

ruleTest(dataDiskIsDevice, {
  'the device of one among many nodes': {
    of: MANY,
    edits: [],
    finds: [
      {
        at: '24:18',
        message: `data_disk is ${OF_NODE_17}, which is also the device: the installer ignores it.`,
        related: ['18:9'],
      },
    ],
  },
  'many nodes with another data disk': { of: MANY, edits: [[OF_NODE_17, '/dev/disk/by-id/other']] },
});

const DEVICE_OF_DISKS_WIPED = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const more = (said: string): readonly [string, string] => [
  DEVICE_OF_DISKS_WIPED,
  `${DEVICE_OF_DISKS_WIPED}\n      ${said}`,
];
const LOST = 'what is there is lost without a question.';

ruleTest(disksWiped, {
  'a data disk, said once for all nodes': {
    edits: [more('data_disk: /dev/disk/by-id/b')],
    finds: [{ at: '22:18', message: `The data disk /dev/disk/by-id/b is formatted as a whole: ${LOST}` }],
  },
  'wiping every disk': {
    edits: [more('wipe_disks: true')],
    finds: [{ at: '22:19', message: `wipe_disks clears every disk of the machine: ${LOST}` }],
  },
  'wiping what bears Harvester, and a list': {
    edits: [
      release('v1.5.1'),
      more(
        'wipe_all_disks: true\n      wipe_disks_list: [/dev/disk/by-path/pci-0000:00:17.0-ata-1, /dev/disk/by-id/b, /dev/disk/by-id/c]',
      ),
    ],
    finds: [
      { at: '22:23', message: `wipe_all_disks clears every disk that bears an earlier Harvester: ${LOST}` },
      { at: '23:24', message: `wipe_disks_list clears /dev/disk/by-id/b, /dev/disk/by-id/c: ${LOST}` },
    ],
  },
  'a data disk of which a person says that it is meant': {
    edits: [
      more('data_disk: /dev/disk/by-id/b'),
      ['defaults:\n', 'defaults:\n  silence: { disks-wiped: the disks come from the maker }\n'],
    ],
  },
  'a node that says so, beside one that does not': {
    edits: [
      ['192.168.178.42 }', '192.168.178.42, config: { install: { data_disk: /dev/disk/by-id/b } } }'],
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, config: { install: { data_disk: /dev/disk/by-id/b } }, silence: { disks-wiped: it is new } }',
      ],
    ],
    finds: [{ at: '24:89', message: `The data disk /dev/disk/by-id/b is formatted as a whole: ${LOST}` }],
  },
  'nothing that is wiped': { edits: [release('v1.5.1'), more('wipe_all_disks: false')] },
  'an empty list, and one of the device alone': {
    edits: [
      release('v1.5.1'),
      more('wipe_disks_list: []'),
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, config: { install: { wipe_disks_list: [/dev/disk/by-path/pci-0000:00:17.0-ata-1] } } }',
      ],
    ],
  },
});

const PATH = '/dev/disk/by-path/pci-0000:00:17.0-ata-1';
const moreOfKeptDiskWiped = (said: string): readonly [string, string] => [
  `device: ${PATH}`,
  `device: ${PATH}\n      ${said}`,
];
const KEPT: readonly [string, string] = [
  'defaults:\n',
  `defaults:
  disks:
    - { path: /dev/disk/by-id/a, aliases: ["${PATH}"] }
    - { path: /dev/disk/by-id/b, aliases: [/dev/disk/by-path/b], keep: true }
    - { path: /dev/disk/by-id/c, keep: false }
`,
];
const WIPED_OF_KEPT_DISK_WIPED: readonly [string, string] = [
  HARV_3,
  `${HARV_3}\nsilence: { disks-wiped: they are empty }`,
];
const messageOfKeptDiskWiped = (disk: string, fate: string) =>
  `The disk ${disk} is to be kept, and ${fate}: what is on it would be lost.`;

ruleTest(keptDiskWiped, {
  'a device that is to be kept': {
    edits: [['defaults:\n', `defaults:\n  disks: [{ path: "${PATH}", keep: true }]\n`]],
    finds: [
      {
        at: '22:15',
        message: messageOfKeptDiskWiped(PATH, 'Harvester is installed on it'),
        related: ['17:69'],
      },
    ],
  },
  'a data disk by an alias, with what it wipes acknowledged': {
    edits: [KEPT, moreOfKeptDiskWiped('data_disk: /dev/disk/by-path/b'), WIPED_OF_KEPT_DISK_WIPED],
    finds: [
      {
        at: '26:18',
        message: messageOfKeptDiskWiped('/dev/disk/by-path/b', 'it is formatted as the data disk'),
        related: ['19:72'],
      },
    ],
  },
  'one in a list': {
    edits: [
      release('v1.5.1'),
      KEPT,
      moreOfKeptDiskWiped('wipe_disks_list: [/dev/disk/by-id/c, /dev/disk/by-id/b]'),
      WIPED_OF_KEPT_DISK_WIPED,
    ],
    finds: [
      {
        at: '26:44',
        message: messageOfKeptDiskWiped('/dev/disk/by-id/b', 'it is in wipe_disks_list'),
        related: ['19:72'],
      },
    ],
  },
  'every disk': {
    edits: [KEPT, moreOfKeptDiskWiped('wipe_disks: true'), WIPED_OF_KEPT_DISK_WIPED],
    finds: [
      {
        at: '26:19',
        message: messageOfKeptDiskWiped('/dev/disk/by-id/b', 'wipe_disks clears every disk of the machine'),
        related: ['19:72'],
      },
    ],
  },
  'every disk with an earlier Harvester': {
    edits: [release('v1.5.1'), KEPT, moreOfKeptDiskWiped('wipe_all_disks: true'), WIPED_OF_KEPT_DISK_WIPED],
    finds: [
      {
        at: '26:23',
        message: messageOfKeptDiskWiped(
          '/dev/disk/by-id/b',
          'wipe_all_disks clears it if it bears an earlier Harvester',
        ),
        related: ['19:72'],
      },
    ],
  },
  'another data disk': {
    edits: [KEPT, moreOfKeptDiskWiped('data_disk: /dev/disk/by-id/c'), WIPED_OF_KEPT_DISK_WIPED],
  },
  'a list of others': {
    edits: [
      release('v1.5.1'),
      KEPT,
      moreOfKeptDiskWiped('wipe_disks_list: [/dev/disk/by-id/c]'),
      WIPED_OF_KEPT_DISK_WIPED,
    ],
  },
});

const DISKS_OF_DISK_SERIAL_TAKEN = 'disks: [{ size: 300Gi }]';

ruleTest(diskSerialTaken, {
  'one number for two disks': {
    of: NESTED,
    edits: [
      [
        DISKS_OF_DISK_SERIAL_TAKEN,
        'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: b }, { size: 1Gi, serial: a }]',
      ],
    ],
    finds: [
      {
        at: '23:107',
        message:
          'Two disks of harvester-1 have the serial number a: the machine could not tell one from the other.',
        related: ['23:55'],
      },
    ],
  },
  'on two buses': {
    of: NESTED,
    edits: [
      [
        DISKS_OF_DISK_SERIAL_TAKEN,
        'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: a, bus: sata }]',
      ],
    ],
    finds: [
      {
        at: '23:81',
        message:
          'Two disks of harvester-1 have the serial number a: the machine could not tell one from the other.',
        related: ['23:55'],
      },
    ],
  },
  'the same numbers in each machine, and some that follow': {
    of: NESTED,
    edits: [
      [
        DISKS_OF_DISK_SERIAL_TAKEN,
        'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: b }, { size: 1Gi }, { size: 1Gi }]',
      ],
    ],
  },
});
