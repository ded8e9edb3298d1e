import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { diskTooSmall, forceMbr, persistentPartitionSize } from './hardware.ts';

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
const node = (said: string): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${said} }`,
];
const message = (key: string, size: string, version: string, least: number) =>
  `The disk of ${key} has ${size} whole GiB), and Harvester ${version} wants ${least} GiB there: the installer would stop with "device size too small".`;

ruleTest(diskTooSmall, {
  'a disk of 250 decimal gigabytes, said once for all nodes': {
    edits: [disks('250GB')],
    finds: [{ at: '18:67', message: message('device', '250GB (232', 'v1.4.1', 250), related: ['23:15'] }],
  },
  'one of 250 binary ones': { edits: [disks('250Gi')] },
  'one that the maker calls 269GB': { edits: [disks('269GB')] },
  'a device and a data disk, each a GiB short': {
    edits: [disks('179Gi', '49Gi'), DATA_DISK],
    finds: [
      { at: '18:67', message: message('device', '179Gi (179', 'v1.4.1', 180), related: ['23:15'] },
      { at: '18:109', message: message('data_disk', '49Gi (49', 'v1.4.1', 50), related: ['24:18'] },
    ],
  },
  'a device and a data disk, just enough': { edits: [disks('180Gi', '50Gi'), DATA_DISK] },
  'a data disk that is the device, and so none': {
    edits: [
      disks('180Gi'),
      [`device: ${PATH}`, `device: ${PATH}\n      data_disk: ${PATH}`],
      [HARV_3, `${HARV_3}\nsilence: { data-disk-is-device: for this test }`],
    ],
    finds: [{ at: '18:67', message: message('device', '180Gi (180', 'v1.4.1', 250), related: ['23:15'] }],
  },
  'the small disks of v1.1': { edits: [release('v1.1.3'), disks('60Gi', '60Gi'), DATA_DISK] },
  'smaller ones': {
    edits: [release('v1.1.3'), disks('60Gi', '59Gi'), DATA_DISK],
    finds: [{ at: '18:108', message: message('data_disk', '59Gi (59', 'v1.1.3', 60), related: ['24:18'] }],
  },
  'skipping the checks, which does not cover disks before v1.8.0': {
    edits: [release('v1.7.1'), disks('200Gi'), SKIPS],
    finds: [{ at: '18:67', message: message('device', '200Gi (200', 'v1.7.1', 250), related: ['24:15'] }],
  },
  'skipping the checks from v1.8.0 on': { edits: [release('v1.8.0'), disks('200Gi'), SKIPS] },
  'v1.8.0 without skipping them': {
    edits: [release('v1.8.0'), disks('200Gi')],
    finds: [{ at: '18:67', message: message('device', '200Gi (200', 'v1.8.0', 250), related: ['23:15'] }],
  },
  'a witness, which holds no volumes': {
    edits: [release('v1.6.0'), node(`role: witness, disks: [{ path: ${PATH}, size: 180Gi }]`)],
  },
  'a witness of a release that does not know that': {
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
  'a disk of which no size is declared': { edits: [node(`disks: [{ path: ${PATH} }]`)] },
});

const test = suite('disk-too-small, after another fault');

test('concludes nothing from a data disk, a role or disks that are broken', async () => {
  for (const [code, said] of [
    ['wrong-type', `disks: [{ path: ${PATH}, size: 200Gi }], config: { install: { data_disk: 5 } }`],
    ['bad-value', `disks: [{ path: ${PATH}, size: 200Gi }], role: other`],
    ['wrong-type', 'disks: 5, vm: { disks: [{ size: 200Gi }] }'],
  ] as const) {
    const { diagnostics } = await compile(makeSite(edited(PLANT, node(said))));
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
const nodeOfPersistentPartitionSize = (said: string, more = ''): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${said} }${more}`,
];
const DATA_DISK_OF_PERSISTENT_PARTITION_SIZE = 'config: { install: { data_disk: /dev/disk/by-id/b } }';
const WIPED = '\nsilence: { disks-wiped: it is empty }';
const small = (text: string) =>
  `persistent_partition_size is ${text}, and the installer wants at least 150Gi: it would stop halfway, when it comes to divide the disk.`;
const large = (text: string, gib: number, most: number) =>
  `persistent_partition_size is ${text}, and a disk of ${gib} GiB leaves ${most}Gi for it beside the other partitions: the installer would stop halfway, when it comes to divide the disk.`;

ruleTest(persistentPartitionSize, {
  'a size below the least': {
    edits: [size('153599Mi')],
    finds: [{ at: '21:34', message: small('153599Mi') }],
  },
  'the least': { edits: [size('153600Mi')] },
  'a size that the disk has no room for': {
    edits: [size('177Gi'), disk('250Gi')],
    finds: [{ at: '22:34', message: large('177Gi', 250, 176), related: ['17:67'] }],
  },
  'one Mi too many': {
    edits: [size('181135Mi'), disk('250Gi')],
    finds: [{ at: '22:34', message: large('181135Mi', 250, 176), related: ['17:67'] }],
  },
  'all that there is room for': { edits: [size('181134Mi'), disk('250Gi')] },
  'a virtual machine whose disk has no room for it': {
    edits: [
      nodeOfPersistentPartitionSize(
        'vm: { disks: [{ size: 300Gi }] }, config: { install: { persistent_partition_size: 227Gi } }',
      ),
    ],
    finds: [{ at: '25:139', message: large('227Gi', 300, 226), related: ['25:79'] }],
  },
  'a size that is cut to what there is, from v1.8.0 on with the checks skipped': {
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
  'a size for nothing, on a node with a data disk': {
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
          'persistent_partition_size is 100Gi for nothing: beside a data disk, the partition takes what is left of the device.',
        related: ['25:123'],
      },
    ],
  },
  'a size for all nodes, which only one of them does not need': {
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
          'persistent_partition_size is 200Gi for nothing: with MBR, the partition takes what is left of the device.',
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
          'persistent_partition_size is 200Gi for nothing: on a witness, the partition takes what is left of the device.',
        related: ['25:63'],
      },
    ],
  },
  'a size on a witness of a release that makes the partition there': {
    edits: [
      release('v1.5.1'),
      nodeOfPersistentPartitionSize(
        'role: witness, config: { install: { persistent_partition_size: 200Gi } }',
      ),
    ],
  },
});

const persistentPartitionSizeTest = suite('persistent-partition-size, after another fault');

persistentPartitionSizeTest('concludes nothing where a data disk is broken', async () => {
  const text = edited(PLANT, size('100Gi'), [`device: ${PATH}`, `device: ${PATH}\n      data_disk: 5`]);
  const { diagnostics } = await compile(makeSite(text));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

persistentPartitionSizeTest.run();

const FORCED: readonly [string, string] = ['    install:\n', '    install:\n      force_mbr: true\n'];
const defaults = (said: string): readonly [string, string] => ['defaults:\n', `defaults:\n  ${said}\n`];
const diskOfForceMbr = (size: string) =>
  defaults(`firmware: bios\n  disks: [{ path: /dev/disk/by-path/pci-0000:00:17.0-ata-1, size: ${size} }]`);

ruleTest(forceMbr, {
  'a machine of which no firmware is said': {
    edits: [FORCED],
    finds: [
      { at: '21:18', message: 'force_mbr is true, and the machine boots by UEFI: the installer would stop.' },
    ],
  },
  'a machine that is said to boot by UEFI': {
    edits: [FORCED, defaults('firmware: uefi')],
    finds: [
      {
        at: '22:18',
        message: 'force_mbr is true, and the machine boots by UEFI: the installer would stop.',
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
          'force_mbr is true, and the disk has 2Ti, where MBR ends just below 2 TiB: the installer would stop.',
        related: ['18:67'],
      },
    ],
  },
  'the first release that boots by UEFI only': {
    edits: [FORCED, ['version: v1.4.1', 'version: v1.8.0']],
    finds: [
      {
        at: '21:18',
        message: 'force_mbr is true, and Harvester v1.8.0 boots by UEFI only: the installer would stop.',
      },
    ],
  },
  'a machine that boots by BIOS': { edits: [FORCED, defaults('firmware: bios')] },
  'a disk that is just not too large': { edits: [FORCED, diskOfForceMbr('2.199TB')] },
  'a machine that boots by UEFI without it': {
    edits: [['    install:\n', '    install:\n      force_mbr: false\n'], defaults('firmware: uefi')],
  },
});
