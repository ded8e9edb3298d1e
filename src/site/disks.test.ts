import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at, HARV_3, node, resolved } from '../../test/support/resolved.ts';
import { declaredDisk, isUnstableName, namesOf, otherThanDisk, sizeOf, usedDisks } from './disks.ts';

const test = suite('the disks of a node');

const SILENT: readonly [string, string] = ['nodes:\n', 'silence: { disks-wiped: they are empty }\nnodes:\n'];
const DISKS =
  'disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/sda, /dev/disk/by-path/pci-0000:00:17.0-ata-1], size: 480GB }, { path: /dev/disk/by-id/b }]';

test('disks of a configuration are in the order of their keys, each with its location', async () => {
  const site = await resolved(['version: v1.4.1', 'version: v1.5.1'], SILENT, [
    HARV_3,
    `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, config: { install: {
      wipe_disks_list: [/dev/disk/by-id/c, /dev/disk/by-id/d], data_disk: /dev/disk/by-id/b } } }`,
  ]);
  assert.equal(
    usedDisks(node(site, 'harv-3')).map((use) => [use.key, use.name, at(use.at())]),
    [
      ['device', '/dev/disk/by-path/pci-0000:00:17.0-ata-1', '21:15'],
      ['data_disk', '/dev/disk/by-id/b', '27:75'],
      ['wipe_disks_list', '/dev/disk/by-id/c', '27:25'],
      ['wipe_disks_list', '/dev/disk/by-id/d', '27:44'],
    ],
  );
});

test('a node without Harvester has none', async () => {
  const site = await resolved([
    HARV_3,
    `${HARV_3}\n  tools: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local } }`,
  ]);
  assert.equal(usedDisks(node(site, 'tools')), []);
});

test('a declared disk is found by any of its names, with its size', async () => {
  const site = await resolved([HARV_3, `{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, ${DISKS} }`]);
  const { facts } = node(site, 'harv-3');
  const [first] = facts.disks ?? [];
  assert.ok(first);
  for (const name of namesOf(first)) assert.is(declaredDisk(facts, name), first);
  assert.is(declaredDisk(facts, '/dev/disk/by-id/b'), facts.disks?.[1]);
  assert.is(declaredDisk(facts, '/dev/sdb'), undefined);
  const size = sizeOf(node(site, 'harv-3'), 'device');
  assert.equal([size?.text, size?.bytes], ['480GB', 480e9]);
  assert.is(sizeOf(node(site, 'harv-3'), 'data_disk'), undefined);
});

test('disks of a virtual machine have sizes in their order', async () => {
  const site = await resolved(SILENT, [
    HARV_3,
    '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, vm: { disks: [{ size: 250Gi }, { size: 60Gi, name: b }] }, config: { install: { data_disk: /dev/disk/by-path/b } } }',
  ]);
  const vm = node(site, 'harv-3');
  assert.equal(
    [sizeOf(vm, 'device')?.text, sizeOf(vm, 'data_disk')?.text, sizeOf(node(site, 'harv-1'), 'device')],
    ['250Gi', '60Gi', undefined],
  );
});

test('names of other devices than whole disks are recognized', () => {
  const others: Record<string, string[]> = {
    'a partition': [
      '/dev/sda1',
      '/dev/vdb12',
      '/dev/xvda1',
      '/dev/nvme0n1p2',
      '/dev/mmcblk0p1',
      '/dev/disk/by-id/ata-X-part3',
      '/dev/disk/by-path/pci-0000:00:17.0-ata-1-part1',
      '/dev/disk/by-partuuid/0',
      '/dev/disk/by-partlabel/data',
    ],
    'a file system': ['/dev/disk/by-uuid/0', '/dev/disk/by-label/DATA'],
    'a software RAID': ['/dev/md0', '/dev/md127', '/dev/md/data', '/dev/disk/by-id/md-uuid-1'],
    'a device-mapper volume': ['/dev/dm-0', '/dev/mapper/mpatha', '/dev/disk/by-id/dm-name-x'],
    'a loop device': ['/dev/loop0'],
    'an NVMe controller': ['/dev/nvme0'],
  };
  for (const [what, names] of Object.entries(others))
    for (const name of names) assert.is(otherThanDisk(name), what, name);
  for (const name of ['/dev/sda', '/dev/nvme0n1', '/dev/mmcblk0', '/dev/disk/by-id/ata-X', '/dev/cciss/c0d0'])
    assert.is(otherThanDisk(name), undefined, name);
});

test('unstable names are recognized', () => {
  for (const name of [
    '/dev/sda',
    '/dev/sdaa',
    '/dev/vdb',
    '/dev/hda',
    '/dev/xvda',
    '/dev/nvme1n1',
    '/dev/mmcblk0',
  ])
    assert.ok(isUnstableName(name), name);
  for (const name of ['/dev/sda1', '/dev/nvme0', '/dev/disk/by-id/sda', '/dev/disk/by-path/nvme0n1'])
    assert.not.ok(isUnstableName(name), name);
});

test.run();
