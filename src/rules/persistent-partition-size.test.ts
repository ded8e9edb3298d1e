import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { persistentPartitionSize } from './persistent-partition-size.ts';

const PATH = '/dev/disk/by-path/pci-0000:00:17.0-ata-1';
const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const size = (text: string): readonly [string, string] => [
  '    install:\n',
  `    install:\n      persistent_partition_size: ${text}\n`,
];
const disk = (text: string): readonly [string, string] => [
  'defaults:\n',
  `defaults:\n  disks: [{ path: ${PATH}, size: ${text} }]\n`,
];
const node = (said: string, more = ''): readonly [string, string] => [
  HARV_3,
  `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${said} }${more}`,
];
const DATA_DISK = 'config: { install: { data_disk: /dev/disk/by-id/b } }';
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
      node('vm: { disks: [{ size: 300Gi }] }, config: { install: { persistent_partition_size: 227Gi } }'),
    ],
    finds: [{ at: '25:139', message: large('227Gi', 300, 226), related: ['25:79'] }],
  },
  'a size that is cut to what there is, from v1.8.0 on with the checks skipped': {
    edits: [
      release('v1.8.0'),
      node('vm: { disks: [{ size: 300Gi }] }, config: { install: { persistent_partition_size: 227Gi } }'),
    ],
  },
  'v1.8.0 without skipping the checks': {
    edits: [release('v1.8.0'), size('100Gi')],
    finds: [{ at: '21:34', message: small('100Gi') }],
  },
  'a size for nothing, on a node with a data disk': {
    edits: [
      node('config: { install: { persistent_partition_size: 100Gi, data_disk: /dev/disk/by-id/b } }', WIPED),
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
    edits: [size('200Gi'), node(DATA_DISK, WIPED)],
  },
  'a size with MBR': {
    edits: [
      node('firmware: bios, config: { install: { persistent_partition_size: 200Gi, force_mbr: true } }'),
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
      node('role: witness, config: { install: { persistent_partition_size: 200Gi } }'),
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
      node('role: witness, config: { install: { persistent_partition_size: 200Gi } }'),
    ],
  },
});

const test = suite('persistent-partition-size, after another fault');

test('concludes nothing where a data disk is broken', async () => {
  const text = edited(PLANT, size('100Gi'), [`device: ${PATH}`, `device: ${PATH}\n      data_disk: 5`]);
  const { diagnostics } = await compile(makeSite(text));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

test.run();
