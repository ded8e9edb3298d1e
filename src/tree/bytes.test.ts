import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { bytesOf, readBytes, readFileAt } from './bytes.ts';

const test = suite('bytes that are there until the next');

test('of a file they are those that it has, whatever size is said', () => {
  const path = join(scratchFolder(), 'file');
  for (const size of [0, 1, 1000, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1, 200_000]) {
    writeFileSync(path, Buffer.alloc(size, 'abc'));
    for (const said of [0, 1, size - 1, size, size + 1, 2 ** 16, 2 ** 16 + 1])
      assert.ok(readFileSync(path).equals(readBytes(path, said)), `${size}, said to be ${said}`);
  }
});

test('of a file that can be read they come with what the disk says of it', () => {
  const path = join(scratchFolder(), 'file');
  for (const size of [0, 1, 1000, 2 ** 16 - 1, 2 ** 16, 200_000]) {
    writeFileSync(path, Buffer.alloc(size, 'abc'), { mode: 0o755 });
    const found = readFileAt(path);
    assert.ok(found && readFileSync(path).equals(found.content));
    const { ino, mode, mtimeMs } = lstatSync(path);
    assert.equal([found?.stats.ino, found?.stats.mode, found?.stats.size], [ino, mode, size]);
    assert.is(found?.stats.mtimeMs, mtimeMs);
  }
});

test('of all else nothing is said, and nobody is waited for', () => {
  const folder = scratchFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at('file'), '');
  symlinkSync('file', at('link'));
  symlinkSync('none', at('dangling'));
  spawnSync('mkfifo', [at('pipe')]);
  for (const path of [folder, ...['none', 'file/none', 'link', 'dangling', 'pipe'].map(at)])
    assert.is(readFileAt(path), undefined, path);
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
