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
import { folderOf, outputFault, treeOf, writeTree } from '../../test/support/write-tree.ts';
import { compareTree } from './compare.ts';
import { digest, MANIFEST } from './manifest.ts';

const test = suite('comparing a folder with a tree');

test('a folder that is not there lacks everything', async () => {
  const tree = treeOf({ a: '1', 'b/c': '2' });
  assert.equal(compareTree(join(scratchFolder(), 'none'), tree), {
    added: ['a', 'b/c', MANIFEST],
    changed: [],
    removed: [],
    unchanged: [],
    edited: [],
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
    edited: [],
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
    edited: ['a', 'b'],
  });
});

test('bytes that are no UTF-8 are another content', async () => {
  const tree = treeOf({ a: '\ufffd' });
  const folder = await folderOf(tree);
  writeFileSync(join(folder, 'a'), Buffer.from([0xff, 0xfe, 0xfd]));
  const { changed, edited } = compareTree(folder, tree);
  assert.equal([changed, edited], [['a'], ['a']]);
});

test('bytes are compared as bytes, and a part of a longer buffer is just that part', async () => {
  const bytes = new Uint8Array([0, 0xff, 0xfe, 0, 0x0a]);
  const folder = await folderOf(treeOf({ a: bytes, text: 'é' }));
  const part = new Uint8Array([9, ...bytes, 9]).subarray(1, -1);
  const same = compareTree(folder, treeOf({ a: part, text: new TextEncoder().encode('é') }));
  assert.equal(same.unchanged, ['a', 'text', MANIFEST]);
  const other = compareTree(folder, treeOf({ a: bytes.with(1, 0xfd), text: 'é' }));
  assert.equal([other.changed, other.edited], [['a', MANIFEST], []]);
});

test('the executable bit counts, the others do not', async () => {
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
  assert.equal(edited, [], 'a mode holds nothing that could be lost');
});

test('a confidential file that others may read or write is to be put right', async () => {
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

test('of what is not in the tree, what the manifest names is removed, and the rest is not', async () => {
  const folder = await folderOf(treeOf({ a: '1', old: '2', 'deep/old': '3', gone: '4' }));
  rmSync(join(folder, 'gone'));
  writeFiles(folder, { foreign: 'x', 'deep/foreign': 'y', 'other/foreign': 'z' });
  const { removed, unchanged } = compareTree(folder, treeOf({ a: '1' }));
  assert.equal(removed, ['deep/old', 'old']);
  assert.equal(unchanged, ['a']);
});

test('a file of somebody else where the tree has one is one to change, and was made by hand', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  writeFiles(folder, { b: 'mine', c: '3' });
  const { changed, unchanged, edited } = compareTree(folder, treeOf({ a: '1', b: '2', c: '3' }));
  assert.equal(changed, ['b', MANIFEST]);
  assert.equal(unchanged, ['a', 'c'], 'the same by chance is nothing to lose');
  assert.equal(edited, ['b']);
});

test('what an older build wrote is no edit, and what somebody made of it is', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '1', old: '1', older: '1' }));
  writeFiles(folder, { b: 'by hand', older: 'by hand' });
  const { changed, removed, edited } = compareTree(folder, treeOf({ a: '2', b: '2' }));
  assert.equal(changed, ['a', 'b', MANIFEST]);
  assert.equal(removed, ['old', 'older']);
  assert.equal(edited, ['b', 'older']);
});

test('an edit that says what the tree says now is none', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  writeFiles(folder, { a: '2' });
  const { unchanged, edited } = compareTree(folder, treeOf({ a: '2' }));
  assert.equal([unchanged, edited], [['a'], []]);
});

test('a manifest that somebody edited is written anew, and is no edit to lose', async () => {
  const tree = treeOf({ a: '1' });
  const folder = await folderOf(tree);
  const text = String(tree.get(MANIFEST)?.content);
  writeFiles(folder, { [MANIFEST]: `${text}\n` });
  const { changed, edited } = compareTree(folder, tree);
  assert.equal([changed, edited], [[MANIFEST], []]);
});

test('what a build that was cut short wrote is no edit, nor what the one before it did', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '1', c: '1', old: '1' }));
  writeFiles(folder, {
    a: '2',
    c: 'by hand',
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

test('what is removed is sorted, whoever knew of it', async () => {
  const folder = await folderOf(treeOf({ z: '1', m: '1', a: '1' }));
  writeFiles(folder, { k: '1', '.harvgen/journal.json': JSON.stringify({ z: ['x'], k: ['x'] }) });
  assert.equal(compareTree(folder, treeOf({})).removed, ['a', 'k', 'm', 'z']);
});

test('a folder that is not of harvgen is refused, and not touched', async () => {
  const files = { 'README.md': 'mine' };
  const folder = writeFiles(scratchFolder(), files);
  assert.match(
    await outputFault(() => compareTree(folder, treeOf({ a: '1' }))),
    /it may hold files of somebody else/,
  );
  assert.equal(readTree(folder), files);
});

for (const [what, make] of [
  ['a folder', (path: string) => writeFiles(path, { mine: '' })],
  ['a link', (path: string) => symlinkSync('/etc/hostname', path)],
  ['a link', (path: string) => symlinkSync('/nonexistent', path)],
  ['a link', (path: string) => symlinkSync('b', path)],
  ['something else', (path: string) => spawnSync('mkfifo', [path])],
] as const) {
  test(`${what} in place of a file is refused`, async () => {
    const tree = treeOf({ a: '1', b: '2' });
    const folder = await folderOf(tree);
    const path = join(folder, 'b');
    rmSync(path);
    make(path);
    assert.is(
      await outputFault(() => compareTree(folder, tree)),
      `${path} should be a file of the output, and is ${what}. Move it away, and build again.`,
    );
  });
}

test('a folder or a link in place of the manifest is refused', async () => {
  for (const make of [
    (path: string) => mkdirSync(path),
    (path: string) => symlinkSync('/nonexistent', path),
  ]) {
    const folder = scratchFolder();
    make(join(folder, MANIFEST));
    assert.match(
      await outputFault(() => compareTree(folder, treeOf({ a: '1' }))),
      /no manifest of harvgen's/,
    );
  }
});

for (const [what, make] of [
  ['something else', (path: string) => writeFileSync(path, 'mine')],
  ['a link', (path: string) => symlinkSync('.', path)],
  ['a link', (path: string) => symlinkSync('/nonexistent', path)],
] as const) {
  test(`${what} in place of a folder is refused`, async () => {
    const folder = await folderOf(treeOf({ a: '1' }));
    const path = join(folder, 'b');
    make(path);
    for (const wanted of ['b/c', 'b/c/d/e']) {
      assert.is(
        await outputFault(() => compareTree(folder, treeOf({ a: '1', [wanted]: '2' }))),
        `${path} should be a folder of the output, and is ${what}. Move it away, and build again.`,
      );
    }
  });
}

test('a file of ours makes room for a folder, edited or not', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '2' }));
  const tree = treeOf({ a: '1', 'b/c/d': '3' });
  const { added, removed, edited } = compareTree(folder, tree);
  assert.equal([added, removed, edited], [['b/c/d'], ['b'], []]);
  writeFiles(folder, { b: 'by hand' });
  assert.equal(compareTree(folder, tree).edited, ['b']);
});

test('a folder of ours makes room for a file, edited or not, but not with files of somebody else in it', async () => {
  const folder = await folderOf(treeOf({ a: '1', 'b/c': '2', 'b/d/e': '3' }));
  const tree = treeOf({ a: '1', b: '4' });
  const { added, removed, edited } = compareTree(folder, tree);
  assert.equal([added, removed, edited], [['b'], ['b/c', 'b/d/e'], []]);
  writeFiles(folder, { 'b/d/e': 'by hand' });
  assert.equal(compareTree(folder, tree).edited, ['b/d/e']);
  for (const make of [
    (path: string) => writeFileSync(path, 'mine'),
    (path: string) => symlinkSync('/nonexistent', path),
  ]) {
    const path = join(folder, 'b', 'd', 'mine');
    make(path);
    assert.is(
      await outputFault(() => compareTree(folder, tree)),
      `${join(folder, 'b')} should be a file of the output, and is a folder. Move it away, and build again.`,
    );
    rmSync(path);
  }
});

test('an empty folder makes room for a file: a build that was cut short may have left it', async () => {
  const folder = await folderOf(treeOf({ a: '1' }));
  mkdirSync(join(folder, 'b', 'c'), { recursive: true });
  assert.equal(compareTree(folder, treeOf({ a: '1', b: '2' })).added, ['b']);
});

test('what cannot be read is an error that says so', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  const tree = treeOf({ a: '1', 'b/c': '2' });
  await writeTree(folder, tree);
  const faultOf = (path: string, wanted = tree) => {
    chmodSync(join(folder, path), 0o000);
    const fault = outputFault(() => asNobody(() => compareTree(folder, wanted)));
    chmodSync(join(folder, path), 0o755);
    return fault;
  };
  assert.is(await faultOf('a'), `${join(folder, 'a')} cannot be read: EACCES. Check its permissions.`);
  assert.is(await faultOf('b'), `${join(folder, 'b/c')} cannot be a file of the output: EACCES.`);
  mkdirSync(join(folder, 'd'));
  assert.is(
    await faultOf('d', treeOf({ a: '1', 'b/c': '2', d: '3' })),
    `${join(folder, 'd')} cannot be read: EACCES. Check its permissions.`,
  );
});

test('what another build removes in this moment is not there', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '2', old: '3' }));
  const real = fs.readFileSync as (...args: unknown[]) => unknown;
  const late = (path: string, ...args: unknown[]) => {
    if (!path.endsWith(MANIFEST) && !path.endsWith('a')) rmSync(path, { force: true });
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

test('a path of the manifest in the folder that builds work in is not one to remove', async () => {
  const files = { '.harvgen/lock': digest('1 host'), '.harvgen/mine': 'x', '.harvgen': 'x' };
  const folder = writeFiles(scratchFolder(), {
    '.harvgen/lock': '1 host',
    '.harvgen/mine': 'x',
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files }),
  });
  assert.equal(compareTree(folder, treeOf({ a: '1' })).removed, []);
});

test('a manifest that names a digest that is none makes a file one that was edited', async () => {
  const files = { a: 5, b: null, c: {}, d: [digest('1')] };
  const folder = writeFiles(scratchFolder(), {
    ...{ a: '1', b: '1', c: '1', d: '1' },
    [MANIFEST]: JSON.stringify({ generator: 'harvgen 1', site: 'plant', files }),
  });
  assert.equal(compareTree(folder, treeOf({})).edited, ['a', 'b', 'c', 'd']);
});

test.run();
