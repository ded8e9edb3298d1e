import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NESTED } from '../../test/support/nested-plant.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { unknownDisk } from './unknown-disk.ts';

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
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
      [DEVICE, 'device: /dev/disk/by-id/nvme-c\n      data_disk: /dev/disk/by-id/nvme-d'],
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
      [DEVICE, `${DEVICE}\n      wipe_disks_list: [/dev/disk/by-id/nvme-b, /dev/disk/by-id/nvme-c]`],
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
      [DEVICE, `${DEVICE}\n      wipe_disks_list: [/dev/disk/by-id/nvme-b, /dev/disk/by-id/nvme-c]`],
      WIPED,
    ],
  },
  'disks by their path and by an alias': {
    edits: [DISKS, [DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/nvme-b`], WIPED],
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
  'a machine that declares no disks': { edits: [[DEVICE, 'device: /dev/disk/by-id/nvme-c']] },
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
