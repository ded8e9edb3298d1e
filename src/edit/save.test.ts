import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { type FileChange, SaveError, saveFiles } from './save.ts';

const test = suite('saving edits');

function change(path: string, after: string): FileChange {
  return { path, before: readFileSync(path), after };
}

test('saves all files, with their modes, and leaves nothing behind', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b/b.yaml': 'b', 'a.yaml.bak': 'kept' });
  chmodSync(join(folder, 'a.yaml'), 0o666);
  saveFiles([change(join(folder, 'a.yaml'), 'A'), change(join(folder, 'b/b.yaml'), 'B')]);
  assert.equal(readTree(folder), { 'a.yaml': 'A', 'a.yaml.bak': 'kept', 'b/b.yaml': 'B' });
  assert.is(statSync(join(folder, 'a.yaml')).mode & 0o777, 0o666);
});

test('saves none where one has changed since it was read', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b.yaml': 'b' });
  const changes = ['a.yaml', 'b.yaml'].map((name) => change(join(folder, name), 'new'));
  writeFileSync(join(folder, 'b.yaml'), 'by somebody else');
  assert.throws(
    () => saveFiles(changes),
    (error: Error) =>
      error instanceof SaveError && /b\.yaml has been changed by somebody else/.test(error.message),
  );
  assert.equal(readTree(folder), { 'a.yaml': 'a', 'b.yaml': 'by somebody else' });
});

test('saves none where one cannot be written, and says which', () => {
  const folder = writeFiles(scratchFolder(), { 'a.yaml': 'a', 'b.yaml': 'b' });
  const changes = ['a.yaml', 'b.yaml'].map((name) => change(join(folder, name), 'new'));
  mkdirSync(join(folder, '.b.yaml.harvgen-new'));
  assert.throws(
    () => saveFiles(changes),
    (error: Error) => error instanceof SaveError && /b\.yaml.* cannot be written: /.test(error.message),
  );
  assert.equal(readTree(folder), { 'a.yaml': 'a', 'b.yaml': 'b' });
});

test.run();
