import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { type WriteFile, writeFiles } from './write-files.ts';

const test = suite('writing new files');

/** So many that a second thread writes some. */
const MANY = 1_000_000;
/** Two batches. */
const LARGE = 2 ** 19;

const files = fc.array(
  fc.record({
    size: fc.oneof(
      { weight: 20, arbitrary: fc.nat(3000) },
      { weight: 1, arbitrary: fc.constantFrom(0, LARGE / 2 - 1, LARGE / 2, LARGE / 2 + 1, LARGE) },
    ),
    mode: fc.constantFrom(0o644, 0o640, 0o755),
  }),
  { maxLength: 1500, size: 'max' },
);

test('what two threads write is what one writes', () => {
  fc.assert(
    fc.property(files, (all) => {
      const [one, two] = [0, MANY].map((count) => {
        const folder = scratchFolder();
        writeFiles(count, (write) => writeAll(folder, all, write));
        return folder;
      }) as [string, string];
      const names = all.map((_, index) => String(index)).sort();
      assert.equal(readdirSync(one).sort(), names);
      assert.equal(readdirSync(two).sort(), names);
      for (const name of names) {
        assert.ok(readFileSync(join(one, name)).equals(readFileSync(join(two, name))), name);
        assert.is(lstatSync(join(one, name)).mode, lstatSync(join(two, name)).mode);
      }
    }),
    { numRuns: 20 },
  );
});

test('a file that cannot be written is told as by node:fs, whichever thread has met it', () => {
  for (const at of [0, 1000, 2500, 4999]) {
    const folder = scratchFolder();
    const path = (index: number) => join(folder, index === at ? 'missing' : '.', `${index}`);
    const fault = faultOf(() =>
      writeFiles(MANY, (write) => {
        for (let index = 0; index < 5000; index += 1) write(path(index), Buffer.alloc(700), 0o644);
      }),
    );
    assert.is(fault.code, 'ENOENT');
    assert.is(fault.path, path(at));
    assert.is(fault.message, `ENOENT: no such file or directory, open '${path(at)}'`);
    assert.ok(fault instanceof Error);
  }
});

test('where making them fails, that is told, and nothing is written any more', () => {
  for (const isWritten of [true, false]) {
    const folder = join(scratchFolder(), 'folder');
    if (isWritten) mkdirSync(folder);
    const fault = faultOf(() =>
      writeFiles(MANY, (write) => {
        for (let index = 0; index < 3000; index += 1)
          write(join(folder, `${index}`), Buffer.alloc(700), 0o644);
        throw new Error('no more');
      }),
    );
    assert.is(fault.code ?? fault.message, isWritten ? 'no more' : 'ENOENT');
    if (!isWritten) continue;
    const there = readdirSync(folder);
    assert.ok(there.length < 3000, 'the last ones wait to be handed over');
    assert.equal(readdirSync(folder), there);
  }
});

test.run();

function writeAll(
  folder: string,
  all: readonly { readonly size: number; readonly mode: number }[],
  write: WriteFile,
): void {
  const memory = Buffer.alloc(LARGE);
  for (const [index, { size, mode }] of all.entries()) {
    // As those that write trees do, the memory of one file is used for the next.
    memory.fill(index % 251);
    write(join(folder, String(index)), memory.subarray(0, size), mode);
  }
}

function faultOf(work: () => void): NodeJS.ErrnoException {
  try {
    work();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('there was to be a fault');
}
