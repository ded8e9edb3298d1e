import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { compile } from '../compile.ts';
import { diskTooSmall } from './disk-too-small.ts';

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
