import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { bytesOf, readBytes } from './bytes.ts';

const test = suite('bytes that are there until the next');

test('of a file they are those that it has, whatever size is said', () => {
  const path = join(scratchFolder(), 'file');
  for (const size of [0, 1, 1000, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1, 200_000]) {
    writeFileSync(path, Buffer.alloc(size, 'abc'));
    for (const said of [0, 1, size - 1, size, size + 1, 2 ** 16, 2 ** 16 + 1])
      assert.ok(readFileSync(path).equals(readBytes(path, said)), `${size}, said to be ${said}`);
  }
});

test('a file that is not there is the fault of node:fs', () => {
  assert.throws(() => readBytes(join(scratchFolder(), 'none'), 1), /^ENOENT/);
});

test('of a content they are those of a buffer of its own', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()), (content) => {
      assert.ok(Buffer.from(content).equals(bytesOf(content)));
    }),
    { seed: Number(process.env.HARVGEN_SEED ?? 1) },
  );
  for (const text of [
    '\ud800',
    'a\udc00b',
    '€'.repeat(2 ** 16 / 3),
    '€'.repeat(2 ** 16),
    'a'.repeat(2 ** 16),
  ])
    assert.ok(Buffer.from(text).equals(bytesOf(text)));
});

test.run();
