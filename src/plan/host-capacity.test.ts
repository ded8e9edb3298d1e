import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DomainDisk } from '../site/model.ts';
import type { HostDisk } from '../site/model-host.ts';
import { diskFor, grownSize, roomOn } from './host-capacity.ts';

const test = suite('space on the host');

const hostDisk = (size: string, filesystem: HostDisk['filesystem'] = 'ext4'): HostDisk => ({
  name: 'data1',
  device: '/dev/disk/by-id/data1',
  mount: '/images/data1',
  size,
  filesystem,
});
const image = (size: number, format: DomainDisk['format']) => ({ size, format }) as DomainDisk;

/** Free bytes of a new file system by `df`: made by mkfs.ext4 -m 0 and mkfs.xfs, without and with rmapbt. */
const MEASURED = [
  ['10Gi', 'ext4', 10 * 2 ** 30 - 261 * 2 ** 20],
  ['350Gi', 'ext4', 368_749_690_880],
  ['4Ti', 'ext4', 4 * 2 ** 40 - 34_180 * 2 ** 20],
  ['400Gi', 'xfs', 426_260_115_456],
  ['400Gi', 'xfs', 421_033_328_640],
] as const;

for (const [size, filesystem, free] of MEASURED) {
  test(`${filesystem} of ${size} has at least the computed space, and not much more`, () => {
    const room = roomOn(hostDisk(size, filesystem));
    assert.ok(room);
    assert.ok(room.free <= free, `${room.free} ${free}`);
    assert.ok(room.free > free - room.bytes * 0.1, `${room.free} ${free}`);
  });
}

test('the disk for files is the smallest one with enough space', () => {
  for (const filesystem of ['ext4', 'xfs'] as const) {
    for (const files of [1, 2 ** 30, 300e9, 5 * 2 ** 40]) {
      const bytes = diskFor(files, filesystem);
      const freeOf = (size: number) =>
        roomOn({ ...hostDisk('1Gi', filesystem), size: `${size / 1e6}MB` })?.free;
      assert.ok((freeOf(bytes) ?? 0) >= files - 1, `${filesystem} ${files}`);
      assert.ok((freeOf(bytes * 0.99) ?? 0) < files, `${filesystem} ${files}`);
    }
  }
});

test('a disk too small for its own file system has no space', () => {
  assert.is(roomOn(hostDisk('100Mi'))?.free, 0);
});

/** `fully allocated size` of `qemu-img measure -O qcow2`. */
const FULL_QCOW2 = [
  [40 * 2 ** 30, 42_956_488_704],
  [300 * 2 ** 30, 322_171_961_344],
  [2 ** 40, 1_099_679_662_080],
] as const;

for (const [size, full] of FULL_QCOW2) {
  test(`a qcow2 image of ${size} bytes grows to the size that QEMU reports`, () => {
    const grown = grownSize(image(size, 'qcow2'));
    assert.ok(grown >= full, `${grown} ${full}`);
    assert.ok(grown - full < 2 ** 20, `${grown} ${full}`);
  });
}

test('a raw image is as large as its disk', () => {
  assert.is(grownSize(image(512e6, 'raw')), 512e6);
});

test.run();
