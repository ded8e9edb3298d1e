import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onBadDisk } from '../../test/support/bad-disk.ts';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { type FileChange, SaveError, saveFiles } from './save.ts';

const test = suite('saving edits');

function change(path: string, after: string): FileChange {
  return { path, before: readFileSync(path), after };
}

test('saves all files with their modes, and leaves no other files', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b/b.yaml': 'b', 'a.yaml.bak': 'kept' });
  chmodSync(join(folder, 'a.yaml'), 0o666);
  saveFiles([change(join(folder, 'a.yaml'), 'A'), change(join(folder, 'b/b.yaml'), 'B')], folder);
  assert.equal(readTree(folder), { 'a.yaml': 'A', 'a.yaml.bak': 'kept', 'b/b.yaml': 'B' });
  assert.is(statSync(join(folder, 'a.yaml')).mode & 0o777, 0o666);
});

test('saves no file if one has changed since it was read', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b.yaml': 'b' });
  const changes = ['a.yaml', 'b.yaml'].map((name) => change(join(folder, name), 'new'));
  writeFileSync(join(folder, 'b.yaml'), 'another edit');
  assert.throws(
    () => saveFiles(changes, folder),
    (error: Error) => error instanceof SaveError && /^b\.yaml has changed/.test(error.message),
  );
  assert.equal(readTree(folder), { 'a.yaml': 'a', 'b.yaml': 'another edit' });
});

test('saves no file if one cannot be written, and reports which', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b.yaml': 'b' });
  const changes = ['a.yaml', 'b.yaml'].map((name) => change(join(folder, name), 'new'));
  mkdirSync(join(folder, `.b.yaml.harvgen-new-${process.pid}`));
  assert.throws(
    () => saveFiles(changes, folder),
    (error: Error) => error instanceof SaveError && /^b\.yaml cannot be written: /.test(error.message),
  );
  assert.equal(readTree(folder), { 'a.yaml': 'a', 'b.yaml': 'b' });
});

test('saves no file if any call fails, and leaves no other files', () => {
  for (let bad = 1; ; bad += 1) {
    const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b.yaml': 'b', 'c.yaml': 'c' });
    const changes = ['a.yaml', 'b.yaml', 'c.yaml'].map((name) => change(join(folder, name), 'new'));
    let name: string | undefined;
    const fails = (call: number, called: string) => {
      if (call === bad) name = called;
      return call === bad;
    };
    try {
      onBadDisk(fails, () => saveFiles(changes, folder));
    } catch (error) {
      assert.instance(error, SaveError);
      assert.match((error as Error).message, /^[abc]\.yaml cannot be written: EIO$/);
      assert.equal(readTree(folder), { 'a.yaml': 'a', 'b.yaml': 'b', 'c.yaml': 'c' }, `${bad}: ${name}`);
      continue;
    }
    const now = readTree(folder);
    assert.equal([now['a.yaml'], now['b.yaml'], now['c.yaml']], ['new', 'new', 'new']);
    if (name === undefined) return;
    assert.ok(['rmSync', 'lstatSync'].includes(name), 'the files are saved, and remaining files are hidden');
  }
});

test('reports a file that could not be restored, and the path of its old content', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b.yaml': 'b' });
  const changes = ['a.yaml', 'b.yaml'].map((name) => change(join(folder, name), 'new'));
  let renames = 0;
  const fails = (_: number, name: string) => {
    if (name === 'renameSync') renames += 1;
    return renames > 1;
  };
  assert.throws(
    () => onBadDisk(fails, () => saveFiles(changes, folder)),
    (error: Error) => {
      const [, old = ''] = /; a\.yaml is saved, and its backup is (\S+)$/.exec(error.message) ?? [];
      return readTree(folder)['a.yaml'] === 'new' && readTree(folder)[old] === 'a';
    },
  );
});

test.run();
