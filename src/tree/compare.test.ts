import { spawnSync } from 'node:child_process';
import fs, { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { mock } from 'node:test';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asNobody } from '../../test/support/bad-disk.ts';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { folderOf, outputError, treeOf, writeTree } from '../../test/support/write-tree.ts';
import { compareTree } from './compare.ts';
import { digest, MANIFEST } from './manifest.ts';

const test = suite('comparing a directory with a tree');

test('every file is missing from a directory that does not exist', async () => {
  const tree = treeOf({ a: '1', 'b/c': '2' });
  assert.equal(compareTree(join(scratchFolder(), 'none'), tree), {
    added: ['a', 'b/c', MANIFEST],
    changed: [],
    removed: [],
    unchanged: [],
    edited: [],
  });
});

test('every file is missing from an empty directory', async () => {
  assert.equal(compareTree(scratchFolder(), treeOf({ a: '1' })).added, ['a', MANIFEST]);
});

test('a directory that contains the tree has no difference', async () => {
  const tree = treeOf({ a: '1', 'b/c': 'é' });
  assert.equal(compareTree(await folderOf(tree), tree), {
    added: [],
    changed: [],
    removed: [],
    unchanged: ['a', 'b/c', MANIFEST],
    edited: [],
  });
});

test('reports other content of the same length, another length, and a missing file', async () => {
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
    edited: ['a', 'b'],
  });
});

test('bytes that are not UTF-8 are different content', async () => {
  const tree = treeOf({ a: '\ufffd' });
  const folder = await folderOf(tree);
  writeFileSync(join(folder, 'a'), Buffer.from([0xff, 0xfe, 0xfd]));
  const { changed, edited } = compareTree(folder, tree);
  assert.equal([changed, edited], [['a'], ['a']]);
});

test('compares bytes as bytes, and only the given part of a longer buffer', async () => {
  const bytes = new Uint8Array([0, 0xff, 0xfe, 0, 0x0a]);
  const folder = await folderOf(treeOf({ a: bytes, text: 'é' }));
  const part = new Uint8Array([9, ...bytes, 9]).subarray(1, -1);
  const same = compareTree(folder, treeOf({ a: part, text: new TextEncoder().encode('é') }));
  assert.equal(same.unchanged, ['a', 'text', MANIFEST]);
  const other = compareTree(folder, treeOf({ a: bytes.with(1, 0xfd), text: 'é' }));
  assert.equal([other.changed, other.edited], [['a', MANIFEST], []]);
});

test('compares the executable bit and no other mode bit', async () => {
  const tree = treeOf({ a: '1', b: { content: '2', executable: true }, c: '3' });
  const folder = await folderOf(tree);
  chmodSync(join(folder, 'a'), 0o755);
  chmodSync(join(folder, 'b'), 0o644);
  chmodSync(join(folder, 'c'), 0o600);
  const { changed, unchanged, edited } = compareTree(folder, tree);
  assert.equal(
    [changed, unchanged],
    [
      ['a', 'b'],
      ['c', MANIFEST],
    ],
  );
  assert.equal(edited, [], 'a changed mode is not an edit');
});

test('a confidential file that others can read or write is changed', async () => {
  const secret = (content: string) => ({ content, confidential: true });
  const tree = treeOf({ a: secret('1'), b: secret('2'), c: secret('3'), d: secret('4'), e: '5' });
  const folder = await folderOf(tree);
  assert.is(compareTree(folder, tree).unchanged.length, tree.size);
  for (const [path, mode] of [
    ['a', 0o644],
    ['b', 0o642],
    ['c', 0o660],
    ['d', 0o600],
    [MANIFEST, 0o604],
  ] as const)
    chmodSync(join(folder, path), mode);
  const { changed, edited } = compareTree(folder, tree);
  assert.equal([changed, edited], [['a', 'b', MANIFEST], []]);
  await writeTree(folder, tree);
  assert.equal(compareTree(folder, tree).changed, []);
});

test('removes only the files outside the tree that the manifest names', async () => {
  const folder = await folderOf(treeOf({ a: '1', old: '2', 'deep/old': '3', gone: '4' }));
  rmSync(join(folder, 'gone'));
  writeFiles(folder, { foreign: 'x', 'deep/foreign': 'y', 'other/foreign': 'z' });
  const { removed, unchanged } = compareTree(folder, treeOf({ a: '1' }));
  assert.equal(removed, ['deep/old', 'old']);
  assert.equal(unchanged, ['a']);
});

test('an unmanaged file at a path of the tree is both changed and edited', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  writeFiles(folder, { b: 'mine', c: '3' });
  const { changed, unchanged, edited } = compareTree(folder, treeOf({ a: '1', b: '2', c: '3' }));
  assert.equal(changed, ['b', MANIFEST]);
  assert.equal(unchanged, ['a', 'c'], 'identical content is not an edit');
  assert.equal(edited, ['b']);
});

test('a file of an older build is not an edit, but a manual change to it is', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '1', old: '1', older: '1' }));
  writeFiles(folder, { b: 'manual', older: 'manual' });
  const { changed, removed, edited } = compareTree(folder, treeOf({ a: '2', b: '2' }));
  assert.equal(changed, ['a', 'b', MANIFEST]);
  assert.equal(removed, ['old', 'older']);
  assert.equal(edited, ['b', 'older']);
});

test('an edit with the same content as the new tree is not an edit', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  writeFiles(folder, { a: '2' });
  const { unchanged, edited } = compareTree(folder, treeOf({ a: '2' }));
  assert.equal([unchanged, edited], [['a'], []]);
});

test('an edited manifest is changed, but is not an edit', async () => {
  const tree = treeOf({ a: '1' });
  const folder = await folderOf(tree);
  const text = String(tree.get(MANIFEST)?.content);
  writeFiles(folder, { [MANIFEST]: `${text}\n` });
  const { changed, edited } = compareTree(folder, tree);
  assert.equal([changed, edited], [[MANIFEST], []]);
});

test('files of an interrupted build and of the build before it are not edits', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '1', c: '1', old: '1' }));
  writeFiles(folder, {
    a: '2',
    c: 'manual',
    added: '2',
    '.harvgen/journal.json': JSON.stringify({
      a: [digest('2')],
      b: [digest('2')],
      c: [digest('2')],
      added: [digest('2')],
    }),
  });
  const { changed, removed, edited } = compareTree(folder, treeOf({ a: '3', b: '3', c: '3' }));
  assert.equal(changed, ['a', 'b', 'c', MANIFEST]);
  assert.equal(removed, ['added', 'old']);
  assert.equal(edited, ['c']);
});

test('sorts removed files from the manifest and the journal together', async () => {
  const folder = await folderOf(treeOf({ z: '1', m: '1', a: '1' }));
  writeFiles(folder, { k: '1', '.harvgen/journal.json': JSON.stringify({ z: ['x'], k: ['x'] }) });
  assert.equal(compareTree(folder, treeOf({})).removed, ['a', 'k', 'm', 'z']);
});

test('refuses an unmanaged directory and leaves it unchanged', async () => {
  const files = { 'README.md': 'mine' };
  const folder = writeFiles(scratchFolder(), files);
  assert.match(
    await outputError(() => compareTree(folder, treeOf({ a: '1' }))),
    /it may contain unmanaged files/,
  );
  assert.equal(readTree(folder), files);
});

for (const [what, make] of [
  ['a directory', (path: string) => writeFiles(path, { mine: '' })],
  ['a link', (path: string) => symlinkSync('/etc/hostname', path)],
  ['a link', (path: string) => symlinkSync('/nonexistent', path)],
  ['a link', (path: string) => symlinkSync('b', path)],
  ['a special file', (path: string) => spawnSync('mkfifo', [path])],
] as const) {
  test(`refuses ${what} at the path of a file`, async () => {
    const tree = treeOf({ a: '1', b: '2' });
    const folder = await folderOf(tree);
    const path = join(folder, 'b');
    rmSync(path);
    make(path);
    assert.is(
      await outputError(() => compareTree(folder, tree)),
      `${path} must be a file of the output tree but is ${what}. Move it away and rebuild.`,
    );
  });
}

test('refuses a directory or a link at the path of the manifest', async () => {
  for (const make of [
    (path: string) => mkdirSync(path),
    (path: string) => symlinkSync('/nonexistent', path),
  ]) {
    const folder = scratchFolder();
    make(join(folder, MANIFEST));
    assert.match(await outputError(() => compareTree(folder, treeOf({ a: '1' }))), /no harvgen manifest/);
  }
});

for (const [what, make] of [
  ['another file', (path: string) => writeFileSync(path, 'mine')],
  ['a link', (path: string) => symlinkSync('.', path)],
  ['a link', (path: string) => symlinkSync('/nonexistent', path)],
] as const) {
  test(`refuses ${what} at the path of a directory`, async () => {
    const folder = await folderOf(treeOf({ a: '1' }));
    const path = join(folder, 'b');
    make(path);
    for (const wanted of ['b/c', 'b/c/d/e']) {
      assert.is(
        await outputError(() => compareTree(folder, treeOf({ a: '1', [wanted]: '2' }))),
        `${path} must be a directory of the output tree but is ${what}. Move it away and rebuild.`,
      );
    }
  });
}

test('a directory replaces a managed file, edited or not', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '2' }));
  const tree = treeOf({ a: '1', 'b/c/d': '3' });
  const { added, removed, edited } = compareTree(folder, tree);
  assert.equal([added, removed, edited], [['b/c/d'], ['b'], []]);
  writeFiles(folder, { b: 'manual' });
  assert.equal(compareTree(folder, tree).edited, ['b']);
});

test('a file replaces a managed directory, edited or not, but not one with unmanaged files', async () => {
  const folder = await folderOf(treeOf({ a: '1', 'b/c': '2', 'b/d/e': '3' }));
  const tree = treeOf({ a: '1', b: '4' });
  const { added, removed, edited } = compareTree(folder, tree);
  assert.equal([added, removed, edited], [['b'], ['b/c', 'b/d/e'], []]);
  writeFiles(folder, { 'b/d/e': 'manual' });
  assert.equal(compareTree(folder, tree).edited, ['b/d/e']);
  for (const make of [
    (path: string) => writeFileSync(path, 'mine'),
    (path: string) => symlinkSync('/nonexistent', path),
  ]) {
    const path = join(folder, 'b', 'd', 'mine');
    make(path);
    assert.is(
      await outputError(() => compareTree(folder, tree)),
      `${join(folder, 'b')} must be a file of the output tree but is a directory. Move it away and rebuild.`,
    );
    rmSync(path);
  }
});

test('a file replaces an empty directory, which an interrupted build may have left', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  mkdirSync(join(folder, 'b', 'c'), { recursive: true });
  assert.equal(compareTree(folder, treeOf({ a: '1', b: '2' })).added, ['b']);
});

test('reports an error for an unreadable file or directory', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  const tree = treeOf({ a: '1', 'b/c': '2' });
  await writeTree(folder, tree);
  const messageFor = (path: string, wanted = tree) => {
    chmodSync(join(folder, path), 0o000);
    const message = outputError(() => asNobody(() => compareTree(folder, wanted)));
    chmodSync(join(folder, path), 0o755);
    return message;
  };
  assert.is(await messageFor('a'), `${join(folder, 'a')} cannot be read: EACCES. Check its permissions.`);
  assert.is(await messageFor('b'), `${join(folder, 'b/c')} cannot be a file of the output tree: EACCES.`);
  mkdirSync(join(folder, 'd'));
  assert.is(
    await messageFor('d', treeOf({ a: '1', 'b/c': '2', d: '3' })),
    `${join(folder, 'd')} cannot be read: EACCES. Check its permissions.`,
  );
});

test('a file that another build removes during the comparison is missing', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '2', old: '3' }));
  const real = fs.readFileSync as (...args: unknown[]) => unknown;
  const late = (path: string | number, ...args: unknown[]) => {
    // The manifest is read from its open file.
    if (typeof path === 'string' && !/(?:a|manifest\.json)$/.test(path)) rmSync(path, { force: true });
    return real(path, ...args);
  };
  const { mock: one } = mock.method(fs, 'readFileSync', late as never);
  syncBuiltinESMExports();
  try {
    const { added, unchanged, removed, edited } = compareTree(folder, treeOf({ a: '1', b: '2' }));
    assert.equal([added, unchanged, removed, edited], [['b'], ['a'], ['old'], []]);
  } finally {
    one.restore();
    syncBuiltinESMExports();
  }
});

test('never removes a manifest path that leaves the directory', async () => {
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

test('never removes a manifest path through a link out of the directory', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { 'other/precious': 'mine' });
  writeFiles(folder, {
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files: { 'link/precious': 'x' } }),
  });
  symlinkSync(join(home, 'other'), join(folder, 'link'));
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test('does not remove a directory that the manifest lists as a file', async () => {
  const folder = join(scratchFolder(), 'plant');
  writeFiles(folder, {
    'mine/precious': 'x',
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files: { mine: 'x' } }),
  });
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test('does not remove a manifest path in the work directory', async () => {
  const files = { '.harvgen/lock': digest('1 host'), '.harvgen/mine': 'x', '.harvgen': 'x' };
  const folder = writeFiles(scratchFolder(), {
    '.harvgen/lock': '1 host',
    '.harvgen/mine': 'x',
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files }),
  });
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test('reports a file as edited if its digest in the manifest is invalid', async () => {
  const files = { a: 5, b: null, c: {}, d: [digest('1')] };
  const folder = writeFiles(scratchFolder(), {
    ...{ a: '1', b: '1', c: '1', d: '1' },
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files }),
  });
  assert.equal(compareTree(folder, treeOf({})).edited, ['a', 'b', 'c', 'd']);
});

test.run();
