import { mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { OutputError, outputError } from './output-folder.ts';

const test = suite('what cannot be written');

/** What is said of a failure, as the one of a build that writes to a folder. */
function said(folder: string, work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const made = outputError(error, folder);
    assert.instance(made, OutputError);
    return (made as OutputError).message;
  }
  throw new Error('nothing failed');
}

test('a failure names the file and says what it means, with the code for who wants to look it up', () => {
  const folder = writeFiles(scratchFolder(), { file: '', 'full/of': '' });
  for (const [path, what, work] of [
    ['file', 'there is something else (EEXIST)', () => mkdirSync(join(folder, 'file'))],
    ['full', 'there is something else in it (ENOTEMPTY)', () => rmdirSync(join(folder, 'full'))],
    ['full', 'there is a folder (EISDIR)', () => writeFileSync(join(folder, 'full'), '')],
    ['file/x', 'there is a file where a folder should be (ENOTDIR)', () => mkdirSync(join(folder, 'file/x'))],
    [
      'none/x',
      'it is not there any more, or the folder that it belongs into is not, or that is a link to nothing (ENOENT)',
      () => writeFileSync(join(folder, 'none/x'), ''),
    ],
    [
      'x'.repeat(300),
      'the name is too long for the disk (ENAMETOOLONG)',
      () => writeFileSync(join(folder, 'x'.repeat(300)), ''),
    ],
  ] as const) {
    assert.is(said(folder, work), `${join(folder, path)} cannot be written: ${what}.`);
  }
});

test('a failure that names no file, as that of a full disk, is one of the folder', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  assert.is(
    (outputError(full, 'out/plant') as Error).message,
    'out/plant cannot be written: there is no space left on the disk (ENOSPC).',
  );
});

test('a code that nobody has put in words is given as it is', () => {
  const odd = Object.assign(new Error('EBADMSG: bad message'), { code: 'EBADMSG', path: 'out/plant/a' });
  assert.is((outputError(odd, 'out/plant') as Error).message, 'out/plant/a cannot be written: EBADMSG.');
});

test('of two names the one of the output is given, not the one in the folder that builds work in', () => {
  const folder = writeFiles(scratchFolder(), { '.harvgen/new/0': 'new', 'a/b': '1', c: '2' });
  assert.is(
    said(folder, () => renameSync(join(folder, '.harvgen/new/0'), join(folder, 'a'))),
    `${join(folder, 'a')} cannot be written: there is a folder (EISDIR).`,
  );
  assert.is(
    said(folder, () => renameSync(join(folder, 'c'), join(folder, '.harvgen/new'))),
    `${join(folder, 'c')} cannot be written: there is a folder (EISDIR).`,
  );
  assert.is(
    said(folder, () => writeFileSync(join(folder, '.harvgen/new'), '')),
    `${join(folder, '.harvgen/new')} cannot be written: there is a folder (EISDIR).`,
  );
});

test('what is said already, and what is a fault of the program, is given as it is', () => {
  for (const error of [new OutputError('said'), new TypeError('a fault'), new Error('another')]) {
    assert.is(outputError(error, 'out'), error);
  }
});

test.run();
