import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { HARV_3 } from '../../../test/support/resolved.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const DEVICE = '    install:\n      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

ruleTest('missing-device', {
  'no node sets its disk': {
    edits: [[DEVICE, '']],
    finds: [
      {
        at: '21:3',
        message:
          'harv-1, harv-2 and harv-3 have no disk to install Harvester to: the installer stops and waits.',
      },
    ],
  },
  'one node sets other keys of install only': {
    edits: [
      [DEVICE, '    install: { tty: ttyS0 }\n'],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [big]'],
      ['nodes:\n', 'profiles:\n  big: { config: { install: { device: /dev/sdb } } }\nnodes:\n'],
    ],
    finds: [
      {
        at: '25:3',
        message: 'harv-2 has no disk to install Harvester to: the installer stops and waits.',
      },
    ],
  },
  'every node sets its disk, itself or in a layer': {
    edits: [
      [DEVICE, ''],
      ['mode: create', 'mode: create, config: { install: { device: /dev/sda } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [big]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [big]'],
      ['nodes:\n', 'profiles:\n  big: { config: { install: { device: /dev/sdb } } }\nnodes:\n'],
    ],
  },
  'virtual machines': { of: NESTED, edits: [] },
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
  `${key} is ${name}, which is not a disk of the machine: the installer stops at it.`;

ruleTest('unknown-disk', {
  'an undeclared device and data disk: reported once for all nodes': {
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
  'a missing disk to wipe, in the last release that stops at it': {
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
  'the same in a release that skips it': {
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
  'a disk name of a virtual machine with a typo': {
    of: NESTED,
    edits: [
      ['disks: [{ size: 300Gi }]', 'disks: [{ size: 300Gi, serial: data }]'],
      ['    os: { ntp', '    install: { device: /dev/disk/by-id/virtio-dada }\n    os: { ntp'],
    ],
    finds: [
      {
        at: '22:24',
        message:
          'device is /dev/disk/by-id/virtio-dada, which is not a disk of the virtual machine: the installer stops at it.',
        related: ['24:31'],
      },
    ],
  },
  'a disk on a bus that the virtual machine does not have': {
    of: NESTED,
    edits: [['192.168.150.42 }', '192.168.150.42, config: { install: { device: /dev/sda } } }']],
    finds: [
      {
        at: '26:91',
        message: 'device is /dev/sda, which is not a disk of the virtual machine: the installer stops at it.',
        related: ['23:31'],
      },
    ],
  },
  'disks of a virtual machine by each type of name, and by one that depends on the running system': {
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

const test = suite('unknown-disk after another error');

test('reports nothing if a declared disk has an error', async () => {
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
  `${key} is ${name}, a name that the kernel can assign to any of several disks at each boot: the wrong disk could be wiped.`;
const node = (keys: string, silence = '') =>
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${keys} }${silence}`;
const WIPED_OF_UNSTABLE_DISK_NAME = '\nsilence: { disks-wiped: it is empty }';

ruleTest('unstable-disk-name', {
  'a device and a data disk by kernel names, in a layer': {
    edits: [
      [DEVICE_OF_UNSTABLE_DISK_NAME, 'device: /dev/sda\n      data_disk: /dev/sdb'],
      [HARV_3, `${HARV_3}${WIPED_OF_UNSTABLE_DISK_NAME}`],
    ],
    finds: [
      { at: '21:15', message: messageOfUnstableDiskName('device', '/dev/sda'), related: ['22:18'] },
      { at: '22:18', message: messageOfUnstableDiskName('data_disk', '/dev/sdb'), related: ['21:15'] },
    ],
  },
  'a persistent name and a kernel name': {
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
        node(
          'vm: { disks: [{ size: 300Gi }, { size: 60Gi, name: b }] }, config: { install: { device: /dev/vda } }',
        ),
      ],
    ],
    finds: [{ at: '25:145', message: messageOfUnstableDiskName('device', '/dev/vda'), related: ['25:70'] }],
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
  'several disks by persistent names': {
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
const STOPS = 'the installer stops with "device not found"';

ruleTest('partition-as-disk', {
  'a device that is a partition, on all nodes': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/sda3']],
    finds: [
      { at: '21:15', message: `/dev/sda3 is a partition, but device must name a whole disk: ${STOPS}.` },
    ],
  },
  'a software RAID': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/md127']],
    finds: [
      { at: '21:15', message: `/dev/md127 is a software RAID, but device must name a whole disk: ${STOPS}.` },
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
          '/dev/disk/by-uuid/0a is a file system, but data_disk must name a whole disk: the installer formats it unchecked.',
      },
    ],
  },
  'a data disk in a release that checks it': {
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
        message: `/dev/disk/by-id/b-part1 is a partition, but data_disk must name a whole disk: ${STOPS}.`,
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
          '/dev/nvme0n1p2 is a partition, but wipe_disks_list must name a whole disk: wiping it keeps the partition table of the disk.',
      },
    ],
  },
  'an NVMe namespace, which is a whole disk': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/nvme0n1']],
  },
  'a path that ends in a number': {
    edits: [[DEVICE_OF_PARTITION_AS_DISK, 'device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1']],
  },
  'a partition on a machine without Harvester': {
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

fixableRuleTest('drive-of-domain', {
  'the second disk of a domain': {
    of: NESTED,
    edits: [[DOMAIN, 'ip: 192.168.150.42, boot: { drive: 0x81 } }']],
    finds: [
      {
        at: '26:77',
        message:
          'harvester-2 is a libvirt domain, whose system disk is the first drive (0x80), not 0x81: its script finds no system and installs.',
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

ruleTest('data-disk-is-device', {
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
          'data_disk /dev/disk/by-id/a and device /dev/disk/by-path/pci-0000:00:17.0-ata-1 are two names of one disk: the installer formats it twice.',
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
  'two names of undeclared disks': {
    edits: [
      [DEVICE_OF_DATA_DISK_IS_DEVICE, `${DEVICE_OF_DATA_DISK_IS_DEVICE}\n      data_disk: /dev/disk/by-id/a`],
      WIPED,
    ],
  },
});

/** The kernel name of the disk of one node, which contains the name of the node. */
const OF_NODE_17 =
  '/dev/disk/by-path/ip-192.168.178.2:3260-iscsi-iqn.2024-07.internal.harvgen:plant:node-17:harvester-lun-1';

/** Many nodes with iSCSI disks as their devices; all have the disk of one of them as their data disk. */
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

ruleTest('data-disk-is-device', {
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
const more = (keys: string): readonly [string, string] => [
  DEVICE_OF_DISKS_WIPED,
  `${DEVICE_OF_DISKS_WIPED}\n      ${keys}`,
];
const LOST = 'its content is lost without confirmation.';

fixableRuleTest('disks-wiped', {
  'a data disk: reported once for all nodes': {
    edits: [more('data_disk: /dev/disk/by-id/b')],
    finds: [{ at: '22:18', message: `The whole data disk /dev/disk/by-id/b is formatted: ${LOST}` }],
  },
  'wiping every disk': {
    edits: [more('wipe_disks: true')],
    finds: [{ at: '22:19', message: `wipe_disks wipes every disk of the machine: ${LOST}` }],
  },
  'wiping disks with Harvester, and a list': {
    edits: [
      release('v1.5.1'),
      more(
        'wipe_all_disks: true\n      wipe_disks_list: [/dev/disk/by-path/pci-0000:00:17.0-ata-1, /dev/disk/by-id/b, /dev/disk/by-id/c]',
      ),
    ],
    finds: [
      { at: '22:23', message: `wipe_all_disks wipes every disk with an earlier Harvester: ${LOST}` },
      { at: '23:24', message: `wipe_disks_list wipes /dev/disk/by-id/b, /dev/disk/by-id/c: ${LOST}` },
    ],
  },
  'a confirmed data disk': {
    edits: [
      more('data_disk: /dev/disk/by-id/b'),
      ['defaults:\n', 'defaults:\n  silence: { disks-wiped: the disks come from the maker }\n'],
    ],
  },
  'a node that confirms it, and one that does not': {
    edits: [
      ['192.168.178.42 }', '192.168.178.42, config: { install: { data_disk: /dev/disk/by-id/b } } }'],
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, config: { install: { data_disk: /dev/disk/by-id/b } }, silence: { disks-wiped: it is new } }',
      ],
    ],
    finds: [{ at: '24:89', message: `The whole data disk /dev/disk/by-id/b is formatted: ${LOST}` }],
  },
  'nothing to wipe': { edits: [release('v1.5.1'), more('wipe_all_disks: false')] },
  'an empty list, and a list of the device only': {
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
const moreOfKeptDiskWiped = (keys: string): readonly [string, string] => [
  `device: ${PATH}`,
  `device: ${PATH}\n      ${keys}`,
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
const messageOfKeptDiskWiped = (disk: string, effect: string) =>
  `The disk ${disk} has keep: true, but ${effect}: its content would be lost.`;

ruleTest('kept-disk-wiped', {
  'a device with keep: true': {
    edits: [['defaults:\n', `defaults:\n  disks: [{ path: "${PATH}", keep: true }]\n`]],
    finds: [
      {
        at: '22:15',
        message: messageOfKeptDiskWiped(PATH, 'Harvester is installed on it'),
        related: ['17:69'],
      },
    ],
  },
  'a confirmed data disk by an alias': {
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
        message: messageOfKeptDiskWiped('/dev/disk/by-id/b', 'wipe_disks wipes every disk of the machine'),
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
          'wipe_all_disks wipes it if it has an earlier Harvester',
        ),
        related: ['19:72'],
      },
    ],
  },
  'another data disk': {
    edits: [KEPT, moreOfKeptDiskWiped('data_disk: /dev/disk/by-id/c'), WIPED_OF_KEPT_DISK_WIPED],
  },
  'a list of other disks': {
    edits: [
      release('v1.5.1'),
      KEPT,
      moreOfKeptDiskWiped('wipe_disks_list: [/dev/disk/by-id/c]'),
      WIPED_OF_KEPT_DISK_WIPED,
    ],
  },
});

const DISKS_OF_DISK_SERIAL_TAKEN = 'disks: [{ size: 300Gi }]';

fixableRuleTest('disk-without-name', {
  'two disks without a name, in a layer of three machines': {
    of: NESTED,
    edits: [[DISKS_OF_DISK_SERIAL_TAKEN, 'disks: [{ size: 300Gi }, { size: 1Gi, name: a }, { size: 1Gi }]']],
    finds: [
      {
        at: '23:73',
        message:
          'Disk 3 of harvester-1 has no name: if a disk before it is removed, it gets the content of another one.',
        help: 'add `name: "2"`, which keeps the disk of an existing machine; for a new machine, any name',
      },
    ],
  },
  'a name or a serial number for all but the first': {
    of: NESTED,
    edits: [
      [
        DISKS_OF_DISK_SERIAL_TAKEN,
        'disks: [{ size: 300Gi }, { size: 1Gi, name: "1" }, { size: 1Gi, serial: a }]',
      ],
    ],
  },
});

ruleTest('disk-name-taken', {
  'a name that is the serial number of another disk': {
    of: NESTED,
    edits: [
      [
        DISKS_OF_DISK_SERIAL_TAKEN,
        'disks: [{ size: 300Gi }, { size: 1Gi, name: a }, { size: 1Gi, serial: a }]',
      ],
    ],
    finds: [
      {
        at: '23:73',
        message: 'Two disks of harvester-1 have the name a: they would share an image.',
        related: ['23:68'],
      },
    ],
  },
  'the default name of the first disk': {
    of: NESTED,
    edits: [[DISKS_OF_DISK_SERIAL_TAKEN, 'disks: [{ size: 300Gi }, { size: 1Gi, name: "0" }]']],
    finds: [
      {
        at: '23:68',
        message: 'Two disks of harvester-1 have the name 0: they would share an image.',
        related: ['23:32'],
      },
    ],
  },
  'names that differ': {
    of: NESTED,
    edits: [[DISKS_OF_DISK_SERIAL_TAKEN, 'disks: [{ size: 300Gi }, { size: 1Gi, name: a }]']],
  },
});

ruleTest('disk-serial-taken', {
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
        message: 'Two disks of harvester-1 have the serial number a: the machine cannot distinguish them.',
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
        message: 'Two disks of harvester-1 have the serial number a: the machine cannot distinguish them.',
        related: ['23:55'],
      },
    ],
  },
  'the same serial numbers in each machine, and default ones': {
    of: NESTED,
    edits: [
      [
        DISKS_OF_DISK_SERIAL_TAKEN,
        'disks: [{ size: 300Gi, serial: a }, { size: 1Gi, serial: b }, { size: 1Gi, name: c }, { size: 1Gi, name: d }]',
      ],
    ],
  },
});
