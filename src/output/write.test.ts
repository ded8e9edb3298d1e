import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { writeTree } from '../../test/support/write-tree.ts';
import { MANIFEST, renderManifest } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { File, Tree } from './tree.ts';

const test = suite('writing a tree');

/** A tree of files with its manifest. */
function treeOf(files: Readonly<Record<string, string | File>>): Tree {
  const tree = new Map(
    Object.entries(files).map(([path, file]) => [path, typeof file === 'string' ? { content: file } : file]),
  );
  return tree.set(MANIFEST, { content: renderManifest(tree, 'plant', 'harvgen 0.0.0') });
}

function newFolder(): string {
  return join(scratchFolder(), 'out', 'plant');
}

function isOutputError(error: unknown): boolean {
  return error instanceof OutputError;
}

test('the folder holds the tree, byte for byte', async () => {
  const folder = newFolder();
  const tree = treeOf({ 'www/boot.ipxe': '#!ipxe\n', a: '', 'deep/er/é.txt': 'é\r\n\u2028' });
  assert.equal(await writeTree(folder, tree), {
    added: ['www/boot.ipxe', 'a', 'deep/er/é.txt', MANIFEST],
    changed: [],
    removed: [],
    unchanged: [],
  });
  assert.equal(
    readTree(folder),
    Object.fromEntries([...tree].map(([path, { content }]) => [path, content]).sort()),
  );
});

test('files that do not change keep their time', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', b: '2' }));
  const long = new Date('2001-02-03T04:05:06Z');
  for (const path of ['a', 'b', MANIFEST]) utimesSync(join(folder, path), long, long);
  assert.equal((await writeTree(folder, treeOf({ a: '1', b: '2' }))).unchanged, ['a', 'b', MANIFEST]);
  for (const path of ['a', 'b', MANIFEST]) assert.equal(statSync(join(folder, path)).mtime, long);
  assert.equal((await writeTree(folder, treeOf({ a: '1', b: '3' }))).changed, ['b', MANIFEST]);
  assert.equal(statSync(join(folder, 'a')).mtime, long);
  assert.not.equal(statSync(join(folder, 'b')).mtime, long);
});

test('what is executable can be run, and what is not any more cannot', async () => {
  const folder = newFolder();
  const mode = (path: string) => statSync(join(folder, path)).mode & 0o777;
  await writeTree(folder, treeOf({ run: { content: '#!/bin/sh\n', executable: true }, text: 'x' }));
  assert.ok(mode('run') & 0o100);
  assert.not(mode('text') & 0o111);
  await writeTree(folder, treeOf({ run: '#!/bin/sh\n', text: { content: 'x', executable: true } }));
  assert.not(mode('run') & 0o111);
  assert.ok(mode('text') & 0o100);
});

test('what an earlier build made is removed, with the folders that it leaves empty', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', 'old/deep/x': '2', 'old/y': '3', 'kept/z': '4' }));
  writeFiles(folder, { 'kept/mine': 'x' });
  assert.equal((await writeTree(folder, treeOf({ a: '1' }))).removed, ['old/deep/x', 'old/y', 'kept/z']);
  assert.equal(readdirSync(folder).sort(), ['a', 'kept', MANIFEST]);
  assert.equal(readdirSync(join(folder, 'kept')), ['mine']);
});

test('files of somebody else stay as they are', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1' }));
  writeFiles(folder, { 'secrets.conf': 'mine', '.git/HEAD': 'mine', 'www/mine': 'mine' });
  await writeTree(folder, treeOf({ b: '1' }));
  const { [MANIFEST]: manifest, ...files } = readTree(folder);
  assert.ok(manifest);
  assert.equal(files, { '.git/HEAD': 'mine', b: '1', 'secrets.conf': 'mine', 'www/mine': 'mine' });
});

test('a folder that is not of harvgen is not touched', async () => {
  const folder = writeFiles(scratchFolder(), { a: 'mine' });
  await rejects(writeTree(folder, treeOf({ a: '1', b: '2' })), isOutputError);
  assert.equal(readTree(folder), { a: 'mine' });
});

test('nothing is written where one file cannot be', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', b: '2' }));
  rmSync(join(folder, 'b'));
  mkdirSync(join(folder, 'b'));
  await rejects(writeTree(folder, treeOf({ a: 'new', b: '2' })), isOutputError);
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), '1');
});

test('a manifest that names paths outside of the folder removes nothing there', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { precious: 'mine', 'plant/a': '1' });
  const files = {
    '../precious': 'x',
    [join(home, 'precious')]: 'x',
    'a/../../precious': 'x',
    '..': 'x',
    '': 'x',
  };
  writeFiles(folder, { [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files }) });
  await writeTree(folder, treeOf({ a: '1' }));
  assert.is(readFileSync(join(home, 'precious'), 'utf8'), 'mine');
  assert.equal(Object.keys(readTree(folder)), ['a', MANIFEST]);
});

test('nothing is written or removed through a link out of the folder', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { 'other/old': 'mine', 'other/new': 'mine' });
  await writeTree(folder, treeOf({ 'www/old': 'mine' }));
  rmSync(join(folder, 'www'), { recursive: true });
  symlinkSync(join(home, 'other'), join(folder, 'www'));
  try {
    await writeTree(folder, treeOf({ 'www/new': '2' }));
  } catch (error) {
    assert.instance(error, OutputError);
  }
  assert.equal(readTree(join(home, 'other')), { new: 'mine', old: 'mine' });
});

test('the manifest is written last: a build that was cut short is finished by the next', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', old: '2', z: '1' }));
  const before = readFileSync(join(folder, MANIFEST), 'utf8');
  // A folder where a file is to be written beside its place cuts the build short.
  mkdirSync(join(folder, 'z.harvgen-new'));
  await rejects(writeTree(folder, treeOf({ a: 'new', z: '3' })), isOutputError);
  assert.is(readFileSync(join(folder, MANIFEST), 'utf8'), before);
  rmSync(join(folder, 'z.harvgen-new'), { recursive: true });
  assert.equal(await writeTree(folder, treeOf({ a: 'new', z: '3' })), {
    added: [],
    changed: ['z', MANIFEST],
    removed: ['old'],
    unchanged: ['a'],
  });
});

test('what a build that was cut short left beside a file does not stay, nor its mode', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1' }));
  writeFiles(folder, { 'a.harvgen-new': 'half of' });
  await writeTree(folder, treeOf({ a: { content: '2', executable: true } }));
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), '2');
  assert.equal(readdirSync(folder).sort(), ['a', MANIFEST]);
  assert.ok(statSync(join(folder, 'a')).mode & 0o100);
});

test('what stands beside a file as a link is not followed', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { precious: 'mine' });
  await writeTree(folder, treeOf({ a: '1' }));
  symlinkSync(join(home, 'precious'), join(folder, 'a.harvgen-new'));
  try {
    await writeTree(folder, treeOf({ a: '2' }));
  } catch (error) {
    assert.instance(error, OutputError);
  }
  assert.is(readFileSync(join(home, 'precious'), 'utf8'), 'mine');
});

test('nothing but the tree is left beside it', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', 'b/c': '2' }));
  await writeTree(folder, treeOf({ a: '2', 'b/c': '3' }));
  assert.equal(Object.keys(readTree(folder)), ['a', 'b/c', MANIFEST]);
});

test('a folder that cannot be made is an error that says so', async () => {
  const folder = join(scratchFolder(), 'file', 'plant');
  writeFiles(join(folder, '..', '..'), { file: 'mine' });
  await rejects(writeTree(folder, treeOf({ a: '1' })), isOutputError);
});

test.run();
