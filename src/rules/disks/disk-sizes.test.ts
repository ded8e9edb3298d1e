import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { HARV_3 } from '../../../test/support/resolved.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const PATH = '/dev/disk/by-path/pci-0000:00:17.0-ata-1';
const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const disks = (device: string, dataDisk = '1TB'): readonly [string, string] => [
  'defaults:\n',
  `defaults:\n  silence: { disks-wiped: it is empty }\n  disks: [{ path: ${PATH}, size: ${device} }, { path: /dev/disk/by-id/b, size: ${dataDisk} }]\n`,
];
const DATA_DISK: readonly [string, string] = [
  `device: ${PATH}`,
  `device: ${PATH}\n      data_disk: /dev/disk/by-id/b`,
];
const SKIPS: readonly [string, string] = ['    install:\n', '    install:\n      skipchecks: true\n'];
const node = (keys: string): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${keys} }`,
];
const message = (key: string, size: string, version: string, least: number) =>
  `The disk of install.${key} has ${size} whole GiB), but Harvester ${version} requires ${least} GiB: the installer stops with "device size too small".`;

ruleTest('disk-too-small', {
  'a disk of 250 decimal gigabytes: reported once for all nodes': {
    edits: [disks('250GB')],
    finds: [{ at: '18:67', message: message('device', '250GB (232', 'v1.4.1', 250), related: ['23:15'] }],
  },
  'a disk that is also too small for its persistent partition': {
    edits: [disks('200Gi'), ['    install:\n', '    install:\n      persistent_partition_size: 200Gi\n']],
    finds: [
      {
        at: '18:67',
        message: message('device', '200Gi (200', 'v1.4.1', 250),
        related: ['24:15'],
        help: 'use a larger disk: 274Gi is enough, 274GB is not; or add a second disk and set install.data_disk to it, with which 180Gi is enough here',
      },
    ],
  },
  'a disk of 250 binary gigabytes': { edits: [disks('250Gi')] },
  'a disk of 269 decimal gigabytes': { edits: [disks('269GB')] },
  'a device and a data disk, each 1 GiB too small': {
    edits: [disks('179Gi', '49Gi'), DATA_DISK],
    finds: [
      { at: '18:67', message: message('device', '179Gi (179', 'v1.4.1', 180), related: ['23:15'] },
      { at: '18:109', message: message('data_disk', '49Gi (49', 'v1.4.1', 50), related: ['24:18'] },
    ],
  },
  'a device and a data disk, just enough': { edits: [disks('180Gi', '50Gi'), DATA_DISK] },
  'a data disk that is the device, and has no effect': {
    edits: [
      disks('180Gi'),
      [`device: ${PATH}`, `device: ${PATH}\n      data_disk: ${PATH}`],
      [HARV_3, `${HARV_3}\nsilence: { data-disk-is-device: for this test }`],
    ],
    finds: [{ at: '18:67', message: message('device', '180Gi (180', 'v1.4.1', 250), related: ['23:15'] }],
  },
  'the small disks of v1.1': { edits: [release('v1.1.3'), disks('60Gi', '60Gi'), DATA_DISK] },
  'smaller disks of v1.1': {
    edits: [release('v1.1.3'), disks('60Gi', '59Gi'), DATA_DISK],
    finds: [{ at: '18:108', message: message('data_disk', '59Gi (59', 'v1.1.3', 60), related: ['24:18'] }],
  },
  'skipping the checks, which does not cover disks before v1.8.0': {
    edits: [release('v1.7.1'), disks('200Gi'), SKIPS],
    finds: [{ at: '18:67', message: message('device', '200Gi (200', 'v1.7.1', 250), related: ['24:15'] }],
  },
  'skipping the checks from v1.8.0': { edits: [release('v1.8.0'), disks('200Gi'), SKIPS] },
  'v1.8.0 without skipping them': {
    edits: [release('v1.8.0'), disks('200Gi')],
    finds: [{ at: '18:67', message: message('device', '200Gi (200', 'v1.8.0', 250), related: ['23:15'] }],
  },
  'a witness, which stores no volumes': {
    edits: [release('v1.6.0'), node(`role: witness, disks: [{ path: ${PATH}, size: 180Gi }]`)],
  },
  'a witness of a release without that exception': {
    edits: [release('v1.5.1'), node(`role: witness, disks: [{ path: ${PATH}, size: 180Gi }]`)],
    finds: [{ at: '25:136', message: message('device', '180Gi (180', 'v1.5.1', 250), related: ['21:15'] }],
  },
  'a virtual machine': {
    edits: [node('vm: { disks: [{ size: 120Gi }] }')],
    finds: [{ at: '25:79', message: message('device', '120Gi (120', 'v1.4.1', 250), related: ['21:15'] }],
  },
  'a virtual machine of v1.8.0, whose checks are skipped': {
    edits: [release('v1.8.0'), node('vm: { disks: [{ size: 120Gi }] }')],
    silence: ['vm-below-minimum'],
  },
  'a disk without a declared size': { edits: [node(`disks: [{ path: ${PATH} }]`)] },
});

const test = suite('disk-too-small after another error');

test('reports nothing if a data disk, a role or the disks have an error', async () => {
  for (const [code, keys] of [
    ['wrong-type', `disks: [{ path: ${PATH}, size: 200Gi }], config: { install: { data_disk: 5 } }`],
    ['bad-value', `disks: [{ path: ${PATH}, size: 200Gi }], role: other`],
    ['wrong-type', 'disks: 5, vm: { disks: [{ size: 200Gi }] }'],
  ] as const) {
    const { diagnostics } = await compile(makeSite(edited(PLANT, node(keys))));
    assert.equal(
      diagnostics.map((diagnostic) => diagnostic.code),
      [code],
    );
  }
});

test.run();

const size = (text: string): readonly [string, string] => [
  '    install:\n',
  `    install:\n      persistent_partition_size: ${text}\n`,
];
const disk = (text: string): readonly [string, string] => [
  'defaults:\n',
  `defaults:\n  disks: [{ path: ${PATH}, size: ${text} }]\n`,
];
const nodeOfPersistentPartitionSize = (keys: string, more = ''): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${keys} }${more}`,
];
const DATA_DISK_OF_PERSISTENT_PARTITION_SIZE = 'config: { install: { data_disk: /dev/disk/by-id/b } }';
const WIPED = '\nsilence: { disks-wiped: it is empty }';
const small = (text: string) =>
  `persistent_partition_size is ${text}, but the installer requires at least 150Gi: it stops midway, when it partitions the disk.`;
const large = (text: string, gib: number, most: number) =>
  `persistent_partition_size is ${text}, but the other partitions leave ${most}Gi of a disk of ${gib} GiB: the installer stops midway, when it partitions the disk.`;

fixableRuleTest('persistent-partition-size', {
  'a size below the minimum': {
    edits: [size('153599Mi')],
    finds: [{ at: '21:34', message: small('153599Mi') }],
  },
  'a size below the minimum, on a disk of a known size': {
    edits: [size('100Gi'), disk('250Gi')],
    finds: [
      {
        at: '22:34',
        message: small('100Gi'),
        help: 'set 150Gi to 176Gi; or remove it: the default is 150Gi',
      },
    ],
  },
  'the minimum': { edits: [size('153600Mi')] },
  'a size that does not fit on the disk': {
    edits: [size('177Gi'), disk('250Gi')],
    finds: [{ at: '22:34', message: large('177Gi', 250, 176), related: ['17:67'] }],
  },
  'one Mi too many': {
    edits: [size('181135Mi'), disk('250Gi')],
    finds: [{ at: '22:34', message: large('181135Mi', 250, 176), related: ['17:67'] }],
  },
  'the maximum': { edits: [size('181134Mi'), disk('250Gi')] },
  'a size that does not fit on the disk of a virtual machine': {
    edits: [
      nodeOfPersistentPartitionSize(
        'vm: { disks: [{ size: 300Gi }] }, config: { install: { persistent_partition_size: 227Gi } }',
      ),
    ],
    finds: [{ at: '25:139', message: large('227Gi', 300, 226), related: ['25:79'] }],
  },
  'a size that is truncated, from v1.8.0 with the checks skipped': {
    edits: [
      release('v1.8.0'),
      nodeOfPersistentPartitionSize(
        'vm: { disks: [{ size: 300Gi }] }, config: { install: { persistent_partition_size: 227Gi } }',
      ),
    ],
  },
  'v1.8.0 without skipping the checks': {
    edits: [release('v1.8.0'), size('100Gi')],
    finds: [{ at: '21:34', message: small('100Gi') }],
  },
  'an unused size, on a node with a data disk': {
    edits: [
      nodeOfPersistentPartitionSize(
        'config: { install: { persistent_partition_size: 100Gi, data_disk: /dev/disk/by-id/b } }',
        WIPED,
      ),
    ],
    finds: [
      {
        at: '25:105',
        message:
          'persistent_partition_size is 100Gi but has no effect: with a data disk, the partition takes the rest of the device.',
        related: ['25:123'],
      },
    ],
  },
  'a size for all nodes, unused on one of them': {
    edits: [size('200Gi'), nodeOfPersistentPartitionSize(DATA_DISK_OF_PERSISTENT_PARTITION_SIZE, WIPED)],
  },
  'a size with MBR': {
    edits: [
      nodeOfPersistentPartitionSize(
        'firmware: bios, config: { install: { persistent_partition_size: 200Gi, force_mbr: true } }',
      ),
    ],
    finds: [
      {
        at: '25:121',
        message:
          'persistent_partition_size is 200Gi but has no effect: with MBR, the partition takes the rest of the device.',
        related: ['25:139'],
      },
    ],
  },
  'a size on a witness': {
    edits: [
      release('v1.6.0'),
      nodeOfPersistentPartitionSize(
        'role: witness, config: { install: { persistent_partition_size: 200Gi } }',
      ),
    ],
    finds: [
      {
        at: '25:120',
        message:
          'persistent_partition_size is 200Gi but has no effect: on a witness, the partition takes the rest of the device.',
        related: ['25:63'],
      },
    ],
  },
  'a size on a witness of a release that creates the partition there': {
    edits: [
      release('v1.5.1'),
      nodeOfPersistentPartitionSize(
        'role: witness, config: { install: { persistent_partition_size: 200Gi } }',
      ),
    ],
  },
});

const persistentPartitionSizeTest = suite('persistent-partition-size after another error');

persistentPartitionSizeTest('reports nothing if a data disk has an error', async () => {
  const text = edited(PLANT, size('100Gi'), [`device: ${PATH}`, `device: ${PATH}\n      data_disk: 5`]);
  const { diagnostics } = await compile(makeSite(text));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

persistentPartitionSizeTest.run();

const FORCED: readonly [string, string] = ['    install:\n', '    install:\n      force_mbr: true\n'];
const defaults = (keys: string): readonly [string, string] => ['defaults:\n', `defaults:\n  ${keys}\n`];
const diskOfForceMbr = (size: string) =>
  defaults(`firmware: bios\n  disks: [{ path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: ${size} }]`);

fixableRuleTest('force-mbr', {
  'a machine without a firmware key': {
    edits: [FORCED],
    finds: [
      { at: '21:18', message: 'force_mbr is true, but the machine boots with UEFI: the installer stops.' },
    ],
  },
  'a machine with firmware: uefi': {
    edits: [FORCED, defaults('firmware: uefi')],
    finds: [
      {
        at: '22:18',
        message: 'force_mbr is true, but the machine boots with UEFI: the installer stops.',
        related: ['17:13'],
      },
    ],
  },
  'a disk that is too large': {
    edits: [FORCED, diskOfForceMbr('2Ti')],
    finds: [
      {
        at: '23:18',
        message:
          'force_mbr is true, but the disk has 2Ti, and MBR ends just below 2 TiB: the installer stops.',
        related: ['18:67'],
      },
    ],
  },
  'the first release that requires UEFI': {
    edits: [FORCED, ['version: v1.4.1', 'version: v1.8.0']],
    finds: [
      {
        at: '21:18',
        message: 'force_mbr is true, but Harvester v1.8.0 requires UEFI: the installer stops.',
      },
    ],
  },
  'a machine with a BIOS': { edits: [FORCED, defaults('firmware: bios')] },
  'a disk just below the maximum': { edits: [FORCED, diskOfForceMbr('2.199TB')] },
  'a machine with UEFI and force_mbr: false': {
    edits: [['    install:\n', '    install:\n      force_mbr: false\n'], defaults('firmware: uefi')],
  },
});
