import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onBadDisk } from '../../test/support/bad-disk.ts';
import { disk } from '../../test/support/disk-state.ts';
import { runs, SEED } from '../../test/support/effort.ts';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { folderOf, outputError, treeOf, writeTree } from '../../test/support/write-tree.ts';
import { compareTree } from './compare.ts';
import { type Lock, lockFolder } from './lock.ts';
import { digest, MANIFEST, readJournal, renderManifest, stampOf } from './manifest.ts';
import { type File, LazyFile, type Tree } from './tree.ts';
import { isBehind, type Output, writeTrees } from './write.ts';

const test = suite('writing a tree');

function newFolder(): string {
  return join(scratchFolder(), 'out', 'plant');
}

test('the directory contains the tree, byte for byte', async () => {
  const folder = newFolder();
  const tree = treeOf({ 'www/boot.ipxe': '#!ipxe\n', a: '', 'deep/er/é.txt': 'é\r\n\u2028' });
  assert.equal(await writeTree(folder, tree), {
    added: ['www/boot.ipxe', 'a', 'deep/er/é.txt', MANIFEST],
    changed: [],
    removed: [],
    unchanged: [],
    edited: [],
  });
  assert.equal(
    readTree(folder),
    Object.fromEntries([...tree].map(([path, { content }]) => [path, content]).sort()),
  );
});

test('writes bytes unchanged', async () => {
  const bytes = new Uint8Array([0, 0xff, 0xfe, 0x0d, 0x0a, 0x80]);
  const folder = await folderOf(treeOf({ a: bytes, b: new Uint8Array([9, ...bytes, 9]).subarray(1, -1) }));
  for (const path of ['a', 'b']) assert.equal(new Uint8Array(readFileSync(join(folder, path))), bytes);
});

test('unchanged files keep their modification time', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', b: '2' }));
  const long = new Date('2001-02-03T04:05:06Z');
  for (const path of ['a', 'b', MANIFEST]) utimesSync(join(folder, path), long, long);
  const before = disk(folder);
  assert.equal((await writeTree(folder, treeOf({ a: '1', b: '2' }))).unchanged, ['a', 'b', MANIFEST]);
  assert.equal(disk(folder), before);
  assert.equal((await writeTree(folder, treeOf({ a: '1', b: '3' }))).changed, ['b', MANIFEST]);
  assert.equal(disk(folder).a, before.a, 'the same file, of the same time');
  assert.not.equal(statSync(join(folder, 'b')).mtime, long);
});

test('sets and removes the executable bit', async () => {
  const folder = newFolder();
  const mode = (path: string) => statSync(join(folder, path)).mode & 0o777;
  await writeTree(folder, treeOf({ run: { content: '#!/bin/sh\n', executable: true }, text: 'x' }));
  assert.ok(mode('run') & 0o100);
  assert.not(mode('text') & 0o111);
  await writeTree(folder, treeOf({ run: '#!/bin/sh\n', text: { content: 'x', executable: true } }));
  assert.not(mode('run') & 0o111);
  assert.ok(mode('text') & 0o100);
});

test('removes files of an earlier build, and directories that become empty', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', 'old/deep/x': '2', 'old/y': '3', 'kept/z': '4' }));
  writeFiles(folder, { 'kept/mine': 'x' });
  assert.equal((await writeTree(folder, treeOf({ a: '1' }))).removed, ['kept/z', 'old/deep/x', 'old/y']);
  assert.equal(readdirSync(folder).sort(), ['a', 'kept', MANIFEST]);
  assert.equal(readdirSync(join(folder, 'kept')), ['mine']);
});

test('keeps unmanaged files', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1' }));
  writeFiles(folder, { 'secrets.conf': 'mine', '.git/HEAD': 'mine', 'www/mine': 'mine' });
  await writeTree(folder, treeOf({ b: '1' }));
  const { [MANIFEST]: manifest, ...files } = readTree(folder);
  assert.ok(manifest);
  assert.equal(files, { '.git/HEAD': 'mine', b: '1', 'secrets.conf': 'mine', 'www/mine': 'mine' });
});

test('does not change an unmanaged directory', async () => {
  const folder = writeFiles(scratchFolder(), { a: 'mine' });
  assert.match(await outputError(() => writeTree(folder, treeOf({ a: '1', b: '2' }))), /unmanaged files/);
  assert.equal(readTree(folder), { a: 'mine' });
});

test('writes nothing if one file cannot be written', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', b: '2' }));
  rmSync(join(folder, 'b'));
  writeFiles(folder, { 'b/mine': 'mine' });
  const before = disk(folder);
  assert.match(await outputError(() => writeTree(folder, treeOf({ a: 'new', b: '2' }))), /is a directory/);
  assert.equal(disk(folder), before);
});

test('removes nothing outside of the directory for such paths in a manifest', async () => {
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

for (const path of ['../x', 'a/../../x', '/x', 'a//x', 'a/./x', '', 'a\0x'])
  test(`refuses a tree with the path ${JSON.stringify(path)}, and writes nothing`, async () => {
    const home = scratchFolder();
    const folder = join(home, 'plant');
    await writeTree(folder, treeOf({ a: '1' }));
    const before = disk(home);
    const message = await writeTree(folder, treeOf({ a: '2', [path]: 'x' })).then(
      () => 'written',
      (error: Error) => error.message,
    );
    assert.is(message, `${JSON.stringify(path)} is not a path below the output directory`);
    assert.equal(disk(home), before);
  });

test('writes and removes nothing through a link out of the directory', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { 'other/old': 'mine', 'other/new': 'mine' });
  await writeTree(folder, treeOf({ 'www/old': 'mine' }));
  rmSync(join(folder, 'www'), { recursive: true });
  symlinkSync(join(home, 'other'), join(folder, 'www'));
  assert.match(await outputError(() => writeTree(folder, treeOf({ 'www/new': '2' }))), /but is a link/);
  assert.equal(readTree(join(home, 'other')), { new: 'mine', old: 'mine' });
});

/** Returns a file of a tree that runs `work` when it is staged: its content was rendered once for the manifest before. */
function whenStaged(content: string, work: () => void): File {
  let accesses = 0;
  return {
    get content() {
      accesses += 1;
      if (accesses === 2) work();
      return content;
    },
  };
}

test('writes and removes nothing through a directory that becomes a link during the build', async () => {
  const home = writeFiles(scratchFolder(), { 'other/a': 'mine', 'other/old': 'old' });
  const folder = join(home, 'plant');
  await writeTree(folder, treeOf({ 'www/a': '1', 'www/old': 'old', 'x/old': 'old' }));
  const swap = (name: string) => {
    renameSync(join(folder, name), join(home, `${name}-before`));
    symlinkSync('../other', join(folder, name));
  };
  const refused = (name: string) =>
    `${join(folder, name)} must be a directory of the output tree but is a link. Move it away and rebuild. The output tree is only partly written: fix the cause and rebuild.`;
  const adding = treeOf({ 'www/a': whenStaged('2', () => swap('www')), 'www/old': 'old', 'x/old': 'old' });
  assert.is(await outputError(() => writeTree(folder, adding)), refused('www'));
  rmSync(join(folder, 'www'));
  renameSync(join(home, 'www-before'), join(folder, 'www'));
  const removing = treeOf({ 'www/a': '1', 'www/old': 'old', y: whenStaged('new', () => swap('x')) });
  assert.is(await outputError(() => writeTree(folder, removing)), refused('x'));
  assert.equal(readTree(join(home, 'other')), { a: 'mine', old: 'old' });
});

test('stages and removes nothing through a work directory that becomes a link', async () => {
  const home = writeFiles(scratchFolder(), { 'other/new/tree/mine': 'mine', 'other/old/mine': 'mine' });
  const folder = join(home, 'plant');
  await writeTree(folder, treeOf({ a: '1' }));
  const work = join(folder, '.harvgen');
  const swap = () => {
    renameSync(work, join(home, 'work-before'));
    symlinkSync('../other', work);
  };
  assert.is(
    await outputError(() => writeTree(folder, treeOf({ a: whenStaged('2', swap) }))),
    `${work} must be a directory of the output tree but is a link. Move it away and rebuild. Nothing was changed.`,
  );
  assert.equal(readTree(join(home, 'other')), { 'new/tree/mine': 'mine', 'old/mine': 'mine' });
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), '1');
});

test('the next build completes an interrupted one, whose files are not edits', async () => {
  const folder = await folderOf(treeOf({ a: '1', old: '2', z: '1' }));
  writeFiles(folder, {
    a: 'new',
    '.harvgen/journal.json': JSON.stringify({ a: [digest('new')], z: [digest('3')] }),
    '.harvgen/new/1': 'half of',
    '.harvgen/old/1': '1',
    '.harvgen/.gitignore': '*\n',
  });
  assert.equal(await writeTree(folder, treeOf({ a: 'new', z: '3' })), {
    added: [],
    changed: ['z', MANIFEST],
    removed: ['old'],
    unchanged: ['a'],
    edited: [],
  });
  assert.equal(Object.keys(readTree(folder)), ['a', MANIFEST, 'z']);
});

test('neither follows nor changes other entries next to a file', async () => {
  const home = scratchFolder();
  const folder = join(home, 'plant');
  writeFiles(home, { precious: 'mine' });
  await writeTree(folder, treeOf({ a: '1' }));
  symlinkSync(join(home, 'precious'), join(folder, 'a.new'));
  linkSync(join(folder, 'a'), join(home, 'copy'));
  await writeTree(folder, treeOf({ a: '2' }));
  assert.equal(readTree(home), {
    copy: '1',
    'plant/a': '2',
    'plant/a.new': 'mine',
    [`plant/${MANIFEST}`]: String(treeOf({ a: '2' }).get(MANIFEST)?.content),
    precious: 'mine',
  });
});

test('leaves no other files next to the tree', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', 'b/c': '2' }));
  await writeTree(folder, treeOf({ a: '2', 'b/c': '3' }));
  assert.equal(readdirSync(folder).sort(), ['a', 'b', MANIFEST]);
});

test('a file becomes a directory, a directory becomes a file', async () => {
  const folder = await folderOf(treeOf({ a: '1', 'b/c': '2', 'b/d/e': '3' }));
  await writeTree(folder, treeOf({ 'a/x/y': '4', b: '5' }));
  assert.equal(Object.keys(readTree(folder)), ['a/x/y', 'b', MANIFEST]);
});

test('a file replaces an empty directory and its empty subdirectories', async () => {
  const folder = await folderOf(treeOf({ a: '1', 'b/c': '2' }));
  mkdirSync(join(folder, 'b', 'empty', 'deep'), { recursive: true });
  await writeTree(folder, treeOf({ a: '1', b: '3' }));
  assert.is(readFileSync(join(folder, 'b'), 'utf8'), '3');
});

test('refuses an output directory that is a link, which can lead anywhere', async () => {
  const home = scratchFolder();
  mkdirSync(join(home, 'there'));
  symlinkSync('there', join(home, 'plant'));
  assert.match(
    await outputError(() => writeTree(join(home, 'plant'), treeOf({ 'a/b': '1' }))),
    /plant is a link but must be the output directory/,
  );
  assert.equal(readTree(join(home, 'there')), {});
});

test('renders lazy files once, to write or to compare them', async () => {
  const asked: string[] = [];
  const tree = new Map<string, File>();
  const make = (path: string) => {
    asked.push(path);
    return path === MANIFEST ? renderManifest(tree, 'plant', 'harvgen 0.0.0') : path;
  };
  const paths = ['a', 'b/c', MANIFEST, 'x/y', 'x/z'];
  for (const path of paths) tree.set(path, new LazyFile(path, make, path));
  const folder = newFolder();
  assert.equal((await writeTree(folder, tree)).added, paths);
  assert.equal(asked.splice(0), ['a', 'b/c', 'x/y', 'x/z', MANIFEST]);
  // No digests are known for a new tree.
  const again = new Map(tree);
  assert.equal(compareTree(folder, again).unchanged, paths);
  assert.equal(asked.splice(0), ['a', 'b/c', 'x/y', 'x/z', MANIFEST]);
  tree.set('x/zz', new LazyFile('x/zz', make, 'x/zz'));
  assert.equal(compareTree(folder, tree), {
    added: ['x/zz'],
    changed: [MANIFEST],
    removed: [],
    unchanged: ['a', 'b/c', 'x/y', 'x/z'],
    edited: [],
  });
  assert.equal(asked.splice(0), [], 'their digests are known');
  const other = new Map(tree).set('a', { content: 'other' });
  other.delete('x/zz');
  assert.equal(compareTree(folder, other).changed, ['a', MANIFEST]);
  assert.equal(asked.splice(0), ['b/c', 'x/y', 'x/z']);
});

test('reports an error for a directory that cannot be created', async () => {
  const folder = join(scratchFolder(), 'file', 'plant');
  writeFiles(join(folder, '..', '..'), { file: 'mine' });
  assert.match(
    await outputError(() => writeTree(folder, treeOf({ a: '1' }))),
    /a file is at the path of a directory/,
  );
});

/** Only root can act as two users. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

const SECRET = treeOf({ a: { content: 'secret', confidential: true }, b: { content: 'public' } });

function rightsOf(path: string): number {
  return statSync(path).mode & 0o777;
}

/** All cases of a change: new, removed, changed and unchanged files, and files in each other's way. */
const BEFORE = treeOf({
  stays: '1',
  changes: '1',
  'deep/changes': '1',
  'deep/er/goes': '1',
  goes: '1',
  'was/a/folder': '1',
  'was/b': '1',
  'was-file': '1',
  run: '1',
});
const AFTER = treeOf({
  stays: '1',
  changes: '2',
  'deep/changes': '2',
  'new/and/deep': '2',
  was: '2',
  'was-file/x/y': '2',
  run: { content: '1', executable: true },
});

/** Returns a directory with the tree from before and unmanaged files, all with old modification times. */
async function oldFolder(): Promise<string> {
  const folder = await folderOf(BEFORE);
  writeFiles(folder, { mine: 'mine', 'deep/mine': 'mine' });
  chmodSync(join(folder, 'was', 'a'), 0o2750);
  chmodSync(join(folder, 'goes'), 0o600);
  for (const [path, [kind]] of Object.entries(disk(folder))) {
    if (kind === 'file') utimesSync(join(folder, path), 1e9, 1e9);
  }
  return folder;
}

/** Writes a tree on a disk where some calls fail; returns the message, or an empty text on success. */
async function writeOnBadDisk(
  folder: string,
  tree: Tree,
  fails: (call: number, name: string) => boolean,
): Promise<string> {
  const { release } = await lockFolder(folder, () => {});
  try {
    const difference = compareTree(folder, tree);
    onBadDisk(fails, () => writeTrees([{ folder, tree, difference }]));
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    release();
  }
}

/** Writes a tree, and calls `look` before each rename with its number, from 1. */
async function writeLooking(folder: string, tree: Tree, look: (rename: number) => void): Promise<void> {
  let renames = 0;
  const message = await writeOnBadDisk(folder, tree, (_, name) => {
    if (name === 'renameSync') look(++renames);
    return false;
  });
  assert.is(message, '');
}

test('confidential files are never public, not even those that a killed build leaves', async () => {
  const folder = join(scratchFolder(), 'plant');
  const work = (path: string) => rightsOf(join(folder, '.harvgen', path));
  const before = process.umask(0);
  try {
    await writeLooking(folder, SECRET, (rename) => {
      if (rename === 2)
        assert.equal(
          ['new', 'journal.json', 'new/tree/a', 'new/tree/b', `new/tree/${MANIFEST}`].map(work),
          [0o770, 0o640, 0o640, 0o644, 0o640],
        );
    });
    assert.equal(
      ['a', 'b', MANIFEST].map((path) => rightsOf(join(folder, path))),
      [0o640, 0o644, 0o640],
    );
    await writeTree(folder, AFTER);
    assert.is(rightsOf(join(folder, MANIFEST)), 0o644, 'readable by all users without secrets');
  } finally {
    process.umask(before);
  }
});

test('the umask removes further permissions', async () => {
  const before = process.umask(0o077);
  try {
    const folder = await folderOf(SECRET);
    assert.is(rightsOf(join(folder, 'a')), 0o600);
    assert.equal(compareTree(folder, SECRET).changed, []);
  } finally {
    process.umask(before);
  }
});

test('changes nothing before all files are staged, and leaves no staged files', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  const tree = () => Object.entries(disk(folder)).filter(([path]) => !path.startsWith('.harvgen'));
  await writeLooking(folder, AFTER, (rename) => {
    if (rename === 1) assert.equal(tree(), Object.entries(before));
  });
  assert.equal(compareTree(folder, AFTER), {
    added: [],
    changed: [],
    removed: [],
    unchanged: [...AFTER.keys()],
    edited: [],
  });
  const after = disk(folder);
  for (const path of ['stays', 'mine', 'deep/mine']) assert.equal(after[path], before[path], path);
  assert.not(existsSync(join(folder, 'deep', 'er')));
  assert.not(existsSync(join(folder, '.harvgen')));
});

test('the journal exists from before the first rename until after the last', async () => {
  const folder = await oldFolder();
  await writeLooking(folder, AFTER, (rename) => {
    const journal = readJournal(folder);
    if (rename === 1) {
      assert.equal(journal, new Map());
      return;
    }
    for (const path of ['changes', 'was', 'was-file/x/y', MANIFEST]) {
      assert.equal(journal.get(path), [digest(AFTER.get(path)?.content ?? '')], path);
    }
    assert.not(journal.has('stays'));
  });
  assert.equal(readJournal(folder), new Map());
});

test('the next build extends an earlier journal, and restores it if it changes nothing', async () => {
  const folder = await oldFolder();
  const earlier = JSON.stringify({ changes: ['x'], other: ['y'] });
  writeFiles(folder, { '.harvgen/journal.json': earlier });
  const journal = () => readFileSync(join(folder, '.harvgen', 'journal.json'), 'utf8');
  assert.match(
    await writeOnBadDisk(folder, AFTER, (_, name) => name === 'writeFileSync'),
    'Nothing was changed.',
  );
  assert.is(journal(), earlier);
  assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['.gitignore', 'journal.json']);
  await writeLooking(folder, AFTER, (rename) => {
    if (rename !== 2) return;
    assert.equal(readJournal(folder).get('changes'), ['x', digest('2')]);
    assert.equal(readJournal(folder).get('other'), ['y']);
  });
  assert.not(existsSync(join(folder, '.harvgen')));
});

/** Asserts the state after a failed build: unchanged, or completed by the next. Returns whether nothing was changed. */
async function assertHeals(folder: string, before: Tree, message: string): Promise<boolean> {
  const isWhole = message.endsWith(' Nothing was changed.');
  if (!isWhole)
    assert.match(
      message,
      /^\S+ cannot be written: EIO\. The output tree is only partly written: fix the cause and rebuild\.$/,
    );
  assert.equal(compareTree(folder, before).edited, [], 'nothing was edited');
  assert.equal((await writeTree(folder, AFTER)).edited, []);
  assert.equal(compareTree(folder, AFTER).unchanged, [...AFTER.keys()]);
  assert.not(existsSync(join(folder, '.harvgen')));
  return isWhole;
}

test('if any step fails, nothing is changed or the next build completes it', async () => {
  const counts = { whole: 0, partly: 0 };
  for (let nth = 1; ; nth += 1) {
    const folder = await oldFolder();
    const before = disk(folder);
    let last = '';
    const message = await writeOnBadDisk(folder, AFTER, (call, name) => {
      if (call === nth) last = name;
      return call === nth;
    });
    if (last === '') break;
    if (message === '') {
      // A directory that stays and the cleanup may fail.
      assert.ok(['rmdirSync', 'rmSync', 'lstatSync'].includes(last), last);
      assert.equal(compareTree(folder, AFTER).unchanged, [...AFTER.keys()], `step ${nth}`);
      continue;
    }
    if (message.endsWith(' Nothing was changed.')) assert.equal(disk(folder), before, `step ${nth}, ${last}`);
    counts[(await assertHeals(folder, BEFORE, message)) ? 'whole' : 'partly'] += 1;
    for (const path of ['mine', 'deep/mine']) assert.is(readFileSync(join(folder, path), 'utf8'), 'mine');
  }
  assert.ok(counts.whole > 15 && counts.partly > 10, JSON.stringify(counts));
});

/** The tree of a first build. */
const FIRST = treeOf({
  'a/1': '1',
  'a/2': { content: '1', executable: true },
  'a/b/c/1': { content: '1', confidential: true },
  'a/b/d/1': '1',
  'e/1': '1',
  f: '1',
});

test('a first build moves whole directories into place, with correct modes', async () => {
  const folder = join(scratchFolder(), 'plant');
  let renamed = 0;
  const before = process.umask(0);
  try {
    await writeLooking(folder, FIRST, (rename) => {
      renamed = rename;
    });
  } finally {
    process.umask(before);
  }
  assert.is(renamed, 5, 'the journal, a, e, f, the manifest');
  assert.equal(compareTree(folder, FIRST).unchanged, [...FIRST.keys()]);
  assert.equal(
    Object.entries(disk(folder)).map(([path, [, mode]]) => `${path} ${mode.toString(8)}`),
    [
      'a 777',
      'a/1 644',
      'a/2 755',
      'a/b 777',
      'a/b/c 777',
      'a/b/c/1 640',
      'a/b/d 777',
      'a/b/d/1 644',
      'e 777',
      'e/1 644',
      'f 644',
      'manifest.json 640',
    ],
  );
});

test('if any step of a first build fails, nothing is left or the next build completes it', async () => {
  let failed = 0;
  for (let nth = 1; ; nth += 1) {
    const folder = join(scratchFolder(), 'plant');
    let last = '';
    const message = await writeOnBadDisk(folder, FIRST, (call, name) => {
      if (call === nth) last = name;
      return call === nth;
    });
    if (last === '') break;
    if (message === '') {
      assert.ok(['rmSync', 'lstatSync', 'rmdirSync'].includes(last), last);
      assert.equal(compareTree(folder, FIRST).unchanged, [...FIRST.keys()], `step ${nth}`);
      continue;
    }
    failed += 1;
    if (message.endsWith(' Nothing was changed.')) assert.not(existsSync(folder), `step ${nth}, ${last}`);
    await assertHeals(folder, FIRST, message);
  }
  assert.ok(failed > 20, `${failed} steps failed`);
});

asRoot('a new directory inherits the group of its parent', async () => {
  const folder = await oldFolder();
  chownSync(join(folder, 'deep'), 0, 65534);
  chmodSync(join(folder, 'deep'), 0o2755);
  await writeTree(folder, treeOf({ 'deep/new/1': '1', 'new/1': '1' }));
  const groups = ['deep/new', 'new'].map((path) => statSync(join(folder, path)).gid);
  assert.equal(groups, [65534, process.getgid?.()]);
});

test('removes a partly created directory when a file name is too long', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  const long = 'x'.repeat(300);
  for (const path of [`one/two/${long}/x`, `one/two/${long}`]) {
    const tree = new Map([...treeOf({ stays: '1' }), [path, { content: '1' }]]);
    const { release } = await lockFolder(folder, () => {});
    const difference = { ...compareTree(folder, BEFORE), added: [path], removed: ['goes'], unchanged: [] };
    const message = await outputError(() => writeTrees([{ folder, tree, difference }]));
    release();
    assert.match(
      message,
      /\/one\/two\/x+ cannot be written: the name is too long for the disk \(ENAMETOOLONG\)\. Nothing was changed\.$/,
    );
    assert.equal(disk(folder), before);
  }
});

test('changes nothing if staging fails', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  // The message names the final path of a staged file.
  for (const [nth, named] of [
    [2, 'was'],
    [3, 'was-file/x/y'],
  ] as const) {
    let writes = 0;
    const message = await writeOnBadDisk(folder, AFTER, (_, name) => {
      if (name === 'writeFileSync') writes += 1;
      return name === 'writeFileSync' && writes === nth;
    });
    assert.is(message, `${join(folder, named)} cannot be written: EIO. Nothing was changed.`);
    assert.equal(disk(folder), before);
  }
});

test('keeps all files of a directory that another process creates meanwhile', async () => {
  const folder = await oldFolder();
  await writeLooking(folder, AFTER, (rename) => {
    if (rename === 1) writeFiles(folder, { 'new/mine': 'mine', 'new/and/deep': 'mine' });
  });
  assert.is(readFileSync(join(folder, 'new/and/deep'), 'utf8'), '2');
  assert.is(readFileSync(join(folder, 'new/mine'), 'utf8'), 'mine');
});

test('succeeds if the work directory cannot be removed: the tree is correct', async () => {
  const folder = await oldFolder();
  let renames = 0;
  const message = await writeOnBadDisk(folder, AFTER, (_, name) => {
    if (name === 'renameSync') renames += 1;
    // The journal, new, was, was-file, changes, deep/changes, run, the manifest.
    return renames >= 8 && name !== 'renameSync';
  });
  assert.is(message, '');
  assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['.gitignore', 'journal.json', 'new']);
  await writeTree(folder, AFTER);
  assert.not(existsSync(join(folder, '.harvgen')));
});

test('removes the files of an earlier build from the work directory', async () => {
  const folder = await oldFolder();
  writeFiles(folder, { '.harvgen/new/0/x': 'half', '.harvgen/new/99': 'half', '.harvgen/old/1': 'old' });
  writeFileSync(join(folder, '.harvgen', 'journal.json'), '{"changes": [');
  mkdirSync(join(folder, '.harvgen', 'old', '2'));
  await writeTree(folder, AFTER);
  assert.not(existsSync(join(folder, '.harvgen')));
  assert.equal(compareTree(folder, AFTER).unchanged, [...AFTER.keys()]);
});

/** Returns several output directories in one directory, each locked, with its current and its new tree. */
async function severalFolders(
  count: number,
): Promise<{ home: string; outputs: Output[]; release: () => void }> {
  const home = scratchFolder();
  const outputs: Output[] = [];
  const locks: Lock[] = [];
  for (let index = 0; index < count; index += 1) {
    const folder = join(home, `plant-${index}`);
    await writeTree(folder, treeOf({ a: '1', 'b/c': '1', old: '1' }));
    const tree = treeOf({ a: '2', 'b/c': '1', 'd/e': '2' });
    locks.push(await lockFolder(folder, () => {}));
    outputs.push({ folder, tree, difference: compareTree(folder, tree) });
  }
  return { home, outputs, release: () => locks.map((lock) => lock.release()) };
}

test('if any step fails, several directories are all unchanged or the next build completes them', async () => {
  for (let nth = 1; ; nth += 1) {
    const { home, outputs, release } = await severalFolders(3);
    release();
    const before = disk(home);
    let isMet = false;
    const isNth = (call: number) => {
      isMet ||= call === nth;
      return call === nth;
    };
    const locks = await Promise.all(outputs.map(({ folder }) => lockFolder(folder, () => {})));
    let message = '';
    try {
      onBadDisk(isNth, () => writeTrees(outputs));
    } catch (error) {
      message = (error as Error).message;
    }
    for (const lock of locks) lock.release();
    if (message.endsWith(' Nothing was changed.')) assert.equal(disk(home), before, `step ${nth}`);
    for (const { folder, tree } of outputs) {
      assert.equal((await writeTree(folder, tree)).edited, [], `step ${nth}`);
      assert.equal(holds(folder), sorted(tree));
    }
    if (!isMet) {
      assert.ok(nth > 60, `${nth} steps`);
      break;
    }
  }
});

test('detects a full disk at the last directory before it changes the first', async () => {
  const { home, outputs, release } = await severalFolders(2);
  rmSync(join(home, 'plant-1', '.harvgen'), { recursive: true });
  writeFileSync(join(home, 'plant-1', '.harvgen'), '');
  const calls: string[] = [];
  const message = await outputError(() =>
    onBadDisk(
      (_, name) => {
        calls.push(name);
        return false;
      },
      () => writeTrees(outputs),
    ),
  );
  assert.match(message, /plant-1\/\.harvgen\/\w+ cannot be written: .*\(ENOTDIR\)\. Nothing was changed\.$/);
  assert.not(calls.includes('renameSync'), 'nothing was replaced');
  assert.is(readFileSync(join(home, 'plant-0', 'a'), 'utf8'), '1');
  release();
});

test('a bug in harvgen is undone too, and is not hidden', async () => {
  const { home, outputs, release } = await severalFolders(2);
  const before = disk(home);
  const [first, second] = outputs as [Output, Output];
  const odd = { ...second, tree: new Map([...second.tree].filter(([path]) => path !== 'd/e')) };
  assert.throws(
    () => writeTrees([first, odd]),
    (error: unknown) => error instanceof TypeError,
  );
  for (const { folder } of outputs) {
    for (const name of ['new', 'old'])
      rmSync(join(folder, '.harvgen', name), { recursive: true, force: true });
  }
  assert.equal(disk(home), before);
  release();
});

test('isBehind is true for any difference and for the work directory of a build', async () => {
  const tree = treeOf({ a: '1', b: '1' });
  const folder = await folderOf(tree);
  const isBehindNow = (wanted: Tree) =>
    isBehind({ folder, tree: wanted, difference: compareTree(folder, wanted) });
  assert.not(isBehindNow(tree));
  for (const other of [treeOf({ a: '1' }), treeOf({ a: '2', b: '1' }), treeOf({ a: '1', b: '1', c: '1' })]) {
    assert.ok(isBehindNow(other));
  }
  mkdirSync(join(folder, '.harvgen'));
  assert.ok(isBehindNow(tree));
  await writeTree(folder, tree);
  assert.not(isBehindNow(tree));
});

test('a stamp changes only when a build writes the directory', async () => {
  const folder = newFolder();
  assert.is(stampOf(folder), '');
  const stamps = new Set<string>(['']);
  for (const content of ['1', '2', '1']) {
    await writeTree(folder, treeOf({ a: content }));
    const stamp = stampOf(folder);
    assert.not(stamps.has(stamp));
    stamps.add(stamp);
    await writeTree(folder, treeOf({ a: content }));
    assert.is(stampOf(folder), stamp);
  }
});

/** Returns the files of a directory with their bytes and executable bit, to compare with `sorted` of a tree. */
function holds(folder: string): unknown[] {
  return Object.entries(disk(folder))
    .filter(([, [kind]]) => kind === 'file')
    .map(([path, [, mode, , , content]]) => [path, content, (mode & 0o100) !== 0]);
}

function sorted(tree: Tree): unknown[] {
  return [...tree]
    .map(([path, { content, executable = false }]) => [
      path,
      Buffer.from(content).toString('hex'),
      executable,
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

/** Small trees with paths that are in each other's way. */
const smallTree = fc
  .dictionary(
    fc.constantFrom('a', 'a/b', 'a/b/c', 'a/d', 'b', 'b/a', 'c', 'c/a/b/d', 'd', 'd/b', 'e'),
    fc.record({
      content: fc.oneof(fc.constantFrom('', '1', '2'), fc.uint8Array({ maxLength: 3 })),
      executable: fc.boolean(),
    }),
  )
  .map((files) => {
    const isFree = (path: string) => !Object.keys(files).some((other) => path.startsWith(`${other}/`));
    return treeOf(Object.fromEntries(Object.entries(files).filter(([path]) => isFree(path))));
  });

/** Unmanaged files; those in `d` block a file at that path. */
const unmanagedFiles = fc.subarray(['mine', 'x/mine', 'd/mine', '.git/HEAD']);

const failures = fc.array(
  fc.record({
    step: fc.integer({ min: 1, max: 40 }),
    // A limited number of calls, or all further ones: then nothing can be undone, as if the build were killed.
    lasts: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
  }),
  { minLength: 1, maxLength: 3 },
);

/** The lock of a process that has ended. */
const KILLED = `${spawnSync(process.execPath, ['--version']).pid} ${hostname()}\n`;

test('random trees: after any failure, the next build writes the correct tree and changes nothing else', async () => {
  const RUNS = runs(150);
  const seen = { failed: 0, killed: 0, refused: 0, written: 0 };
  const run = fc.asyncProperty(
    fc.tuple(smallTree, smallTree, smallTree),
    unmanagedFiles,
    failures,
    async ([first, second, third], foreign, chosen) => {
      const folder = await folderOf(first);
      const isBlocked = (tree: Tree) => tree.has('d') && foreign.includes('d/mine');
      if (isBlocked(first)) return;
      writeFiles(folder, Object.fromEntries(foreign.map((path) => [path, 'mine'])));
      const mine = foreign.map((path) => disk(folder)[path]);
      for (const { step, lasts } of chosen) {
        if (isBlocked(second)) break;
        const before = disk(folder);
        const lock = await lockFolder(folder, () => {});
        const difference = compareTree(folder, second);
        assert.equal(difference.edited, [], 'nothing was edited');
        let message = '';
        try {
          onBadDisk(
            (call) => call >= step && call < step + lasts,
            () => writeTrees([{ folder, tree: second, difference }]),
          );
        } catch (error) {
          message = (error as Error).message;
        }
        if (message.includes('only partly written')) {
          seen.killed += 1;
          writeFileSync(join(folder, '.harvgen', 'lock'), KILLED);
        } else {
          lock.release();
          if (message === '') {
            seen.written += 1;
            assert.equal(filesOf(folder, foreign), sorted(second));
          } else {
            seen.failed += 1;
            assert.equal(contents(disk(folder)), contents(before), message);
          }
        }
      }
      if (isBlocked(third)) {
        seen.refused += 1;
        const before = disk(folder);
        assert.match(await outputError(() => compareTree(folder, third)), /but is a directory/);
        assert.equal(disk(folder), before);
      } else {
        assert.equal((await writeTree(folder, third)).edited, []);
        assert.equal(filesOf(folder, foreign), sorted(third));
        assert.not(readdirSync(folder).includes('.harvgen'));
      }
      assert.equal(
        foreign.map((path) => disk(folder)[path]),
        mine,
      );
    },
  );
  await fc.assert(run, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `${what}: ${count}`);
});

/** Returns the files of a directory without the unmanaged ones, and without a journal that could not be removed. */
function filesOf(folder: string, foreign: readonly string[]): unknown[] {
  return (holds(folder) as [string][]).filter(
    ([path]) => !foreign.includes(path) && !path.startsWith('.harvgen'),
  );
}

/** Returns the content of a directory without the inode of each file: without hard links, a restored file has another one. */
function contents(all: ReturnType<typeof disk>): unknown[] {
  return Object.entries(all)
    .filter(([path]) => !path.startsWith('.harvgen'))
    .map(([path, [kind, mode, , , content]]) => [path, kind, mode, content]);
}

test.run();
