import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { OutputError, outputError } from './output-folder.ts';

const test = suite('write failures');

/** Returns the message for a failure of a build that writes to a directory. */
function messageOf(folder: string, work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const made = outputError(error, folder);
    assert.instance(made, OutputError);
    return (made as OutputError).message;
  }
  throw new Error('nothing failed');
}

test('a failure names the file, the cause and the error code', () => {
  const folder = writeFiles(scratchFolder(), { file: '', 'full/of': '' });
  for (const [path, what, work] of [
    ['file', 'another file has that name (EEXIST)', () => mkdirSync(join(folder, 'file'))],
    ['full', 'the directory is not empty (ENOTEMPTY)', () => rmdirSync(join(folder, 'full'))],
    ['full', 'it is a directory (EISDIR)', () => writeFileSync(join(folder, 'full'), '')],
    ['file/x', 'a file is at the path of a directory (ENOTDIR)', () => mkdirSync(join(folder, 'file/x'))],
    [
      'none/x',
      'it was removed, its directory does not exist, or it is a link to a missing file (ENOENT)',
      () => writeFileSync(join(folder, 'none/x'), ''),
    ],
    [
      'x'.repeat(300),
      'the name is too long for the disk (ENAMETOOLONG)',
      () => writeFileSync(join(folder, 'x'.repeat(300)), ''),
    ],
  ] as const) {
    assert.is(messageOf(folder, work), `${join(folder, path)} cannot be written: ${what}.`);
  }
});

test('a failure without a file, such as a full disk, names the directory', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  assert.is(
    (outputError(full, 'out/plant') as Error).message,
    'out/plant cannot be written: there is no space left on the disk (ENOSPC).',
  );
});

test('an unknown error code is printed unchanged', () => {
  const odd = Object.assign(new Error('EBADMSG: bad message'), { code: 'EBADMSG', path: 'out/plant/a' });
  assert.is((outputError(odd, 'out/plant') as Error).message, 'out/plant/a cannot be written: EBADMSG.');
});

test('of two names, reports the one in the output tree, not the one in the work directory', () => {
  const folder = writeFiles(scratchFolder(), { '.harvgen/new/0': 'new', 'a/b': '1', c: '2' });
  assert.is(
    messageOf(folder, () => renameSync(join(folder, '.harvgen/new/0'), join(folder, 'a'))),
    `${join(folder, 'a')} cannot be written: it is a directory (EISDIR).`,
  );
  assert.is(
    messageOf(folder, () => renameSync(join(folder, 'c'), join(folder, '.harvgen/new'))),
    `${join(folder, 'c')} cannot be written: it is a directory (EISDIR).`,
  );
  assert.is(
    messageOf(folder, () => writeFileSync(join(folder, '.harvgen/new'), '')),
    `${join(folder, '.harvgen/new')} cannot be written: it is a directory (EISDIR).`,
  );
});

test('returns an OutputError and a bug in harvgen unchanged', () => {
  for (const error of [new OutputError('reported'), new TypeError('a bug'), new Error('another')]) {
    assert.is(outputError(error, 'out'), error);
  }
});

test.run();
