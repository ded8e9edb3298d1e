import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { writeTree } from '../../test/support/write-tree.ts';
import { compareTree } from './compare.ts';
import { MANIFEST, renderManifest } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { File, Tree } from './tree.ts';

const test = suite('comparing a folder with a tree');

/** A tree of files with its manifest. */
function treeOf(files: Readonly<Record<string, string | File>>): Tree {
  const tree = new Map(
    Object.entries(files).map(([path, file]) => [path, typeof file === 'string' ? { content: file } : file]),
  );
  return tree.set(MANIFEST, { content: renderManifest(tree, 'plant', 'harvgen 0.0.0') });
}

/** A folder that holds a tree. */
async function folderOf(tree: Tree): Promise<string> {
  const folder = join(scratchFolder(), 'plant');
  await writeTree(folder, tree);
  return folder;
}

test('a folder that is not there lacks everything', async () => {
  const tree = treeOf({ a: '1', 'b/c': '2' });
  assert.equal(compareTree(join(scratchFolder(), 'none'), tree), {
    added: ['a', 'b/c', MANIFEST],
    changed: [],
    removed: [],
    unchanged: [],
  });
});

test('an empty folder lacks everything', async () => {
  assert.equal(compareTree(scratchFolder(), treeOf({ a: '1' })).added, ['a', MANIFEST]);
});

test('a folder that holds the tree has nothing to change', async () => {
  const tree = treeOf({ a: '1', 'b/c': 'é' });
  assert.equal(compareTree(await folderOf(tree), tree), {
    added: [],
    changed: [],
    removed: [],
    unchanged: ['a', 'b/c', MANIFEST],
  });
});

test('another content of the same length, another length, a file gone', async () => {
  const tree = treeOf({ a: '1', b: '2', c: '3', d: '4' });
  const folder = await folderOf(tree);
  writeFileSync(join(folder, 'a'), 'x');
  writeFileSync(join(folder, 'b'), '2 and more');
  rmSync(join(folder, 'c'));
  assert.equal(compareTree(folder, tree), {
    added: ['c'],
    changed: ['a', 'b'],
    removed: [],
    unchanged: ['d', MANIFEST],
  });
});

test('bytes that are no UTF-8 are another content', async () => {
  const tree = treeOf({ a: '\ufffd' });
  const folder = await folderOf(tree);
  writeFileSync(join(folder, 'a'), Buffer.from([0xff, 0xfe, 0xfd]));
  assert.equal(compareTree(folder, tree).changed, ['a']);
});

test('the executable bit counts, the others do not', async () => {
  const tree = treeOf({ a: '1', b: { content: '2', executable: true }, c: '3' });
  const folder = await folderOf(tree);
  chmodSync(join(folder, 'a'), 0o755);
  chmodSync(join(folder, 'b'), 0o644);
  chmodSync(join(folder, 'c'), 0o600);
  assert.equal(compareTree(folder, tree).changed, ['a', 'b']);
});

test('of what is not in the tree, what the manifest names is removed, and the rest is not', async () => {
  const folder = await folderOf(treeOf({ a: '1', old: '2', 'deep/old': '3', gone: '4' }));
  rmSync(join(folder, 'gone'));
  writeFiles(folder, { foreign: 'x', 'deep/foreign': 'y', 'other/foreign': 'z' });
  const { removed, unchanged } = compareTree(folder, treeOf({ a: '1' }));
  assert.equal(removed, ['old', 'deep/old']);
  assert.equal(unchanged, ['a']);
});

test('a file of somebody else where the tree has one is one to change', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  writeFiles(folder, { b: 'mine' });
  assert.equal(compareTree(folder, treeOf({ a: '1', b: '2' })).changed, ['b', MANIFEST]);
});

for (const [what, files] of [
  ['without a manifest', { 'README.md': 'mine' }],
  ['with a manifest of something else', { 'manifest.json': '{"name": "my app", "files": {}}' }],
  ['with a manifest that is cut off', { 'manifest.json': '{"generator": "harvgen 1", "files": {"a"' }],
] as const) {
  test(`a folder ${what} is refused`, async () => {
    const folder = writeFiles(scratchFolder(), files);
    assert.throws(
      () => compareTree(folder, treeOf({ a: '1' })),
      (error: unknown) =>
        error instanceof OutputError &&
        error.message ===
          `${folder} is not empty and has no manifest of harvgen's: it may hold files of somebody else. Choose another folder with --out, or empty this one.`,
    );
    assert.equal(readTree(folder), files);
  });
}

test('a file in place of the folder is refused', async () => {
  const folder = join(scratchFolder(), 'plant');
  writeFileSync(folder, 'a file');
  assert.throws(
    () => compareTree(folder, treeOf({ a: '1' })),
    (error: unknown) => error instanceof OutputError && error.message === `${folder} cannot be read: ENOTDIR`,
  );
});

test('a folder or a link in place of a file is refused', async () => {
  for (const make of [
    (path: string) => mkdirSync(path),
    (path: string) => symlinkSync('/etc/hostname', path),
    (path: string) => symlinkSync('/nonexistent', path),
  ]) {
    const tree = treeOf({ a: '1', b: '2' });
    const folder = await folderOf(tree);
    rmSync(join(folder, 'b'));
    make(join(folder, 'b'));
    assert.throws(
      () => compareTree(folder, tree),
      (error: unknown) =>
        error instanceof OutputError &&
        error.message === `${join(folder, 'b')} should be a file of the output, and is something else.`,
    );
  }
});

test('a folder in place of the manifest is refused, and so is a link', async () => {
  for (const make of [
    (path: string) => mkdirSync(path),
    (path: string) => symlinkSync('/nonexistent', path),
  ]) {
    const folder = scratchFolder();
    make(join(folder, MANIFEST));
    assert.throws(
      () => compareTree(folder, treeOf({ a: '1' })),
      (error: unknown) => error instanceof OutputError,
    );
  }
});

test('a file in place of a folder of the tree is refused', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  writeFiles(folder, { b: 'mine' });
  assert.throws(
    () => compareTree(folder, treeOf({ a: '1', 'b/c': '2' })),
    (error: unknown) => error instanceof OutputError,
  );
});

test('a path of the manifest that leads out of the folder is never one to remove', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { precious: 'mine', 'other/precious': 'mine' });
  const paths = [
    '../precious',
    'a/../../precious',
    './../precious',
    '..\\precious',
    join(home, 'precious'),
    '..',
    '.',
    '',
    './',
    'a/..',
    '/',
  ];
  const files = Object.fromEntries(paths.map((path) => [path, 'x']));
  writeFiles(folder, {
    a: '1',
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files }),
  });
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test('a path of the manifest through a link out of the folder is never one to remove', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { 'other/precious': 'mine' });
  writeFiles(folder, {
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files: { 'link/precious': 'x' } }),
  });
  symlinkSync(join(home, 'other'), join(folder, 'link'));
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test('a folder of which the manifest says that it is a file is not one to remove', async () => {
  const folder = join(scratchFolder(), 'plant');
  writeFiles(folder, {
    'mine/precious': 'x',
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files: { mine: 'x' } }),
  });
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test.run();
