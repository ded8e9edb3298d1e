import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onBadDisk } from '../../test/support/bad-disk.ts';
import { disk } from '../../test/support/disk-state.ts';
import { readTree } from '../../test/support/files.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { folderOf, outputFault, treeOf, writeTree } from '../../test/support/write-tree.ts';
import { compareTree } from './compare.ts';
import { LazyFile } from './lazy-file.ts';
import { type Lock, lockFolder } from './lock.ts';
import { digest, MANIFEST, renderManifest } from './manifest.ts';
import type { File, Tree } from './tree.ts';
import { isBehind, type Output, stampOf, writeTrees } from './write.ts';

const test = suite('writing a tree');

function newFolder(): string {
  return join(scratchFolder(), 'out', 'plant');
}

test('the folder holds the tree, byte for byte', async () => {
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

test('bytes are written as they are', async () => {
  const bytes = new Uint8Array([0, 0xff, 0xfe, 0x0d, 0x0a, 0x80]);
  const folder = await folderOf(treeOf({ a: bytes, b: new Uint8Array([9, ...bytes, 9]).subarray(1, -1) }));
  for (const path of ['a', 'b']) assert.equal(new Uint8Array(readFileSync(join(folder, path))), bytes);
});

test('files that do not change keep their time', async () => {
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
  assert.equal((await writeTree(folder, treeOf({ a: '1' }))).removed, ['kept/z', 'old/deep/x', 'old/y']);
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
  assert.match(await outputFault(() => writeTree(folder, treeOf({ a: '1', b: '2' }))), /of somebody else/);
  assert.equal(readTree(folder), { a: 'mine' });
});

test('nothing is written where one file cannot be', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', b: '2' }));
  rmSync(join(folder, 'b'));
  writeFiles(folder, { 'b/mine': 'mine' });
  const before = disk(folder);
  assert.match(await outputFault(() => writeTree(folder, treeOf({ a: 'new', b: '2' }))), /and is a folder/);
  assert.equal(disk(folder), before);
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
  assert.match(await outputFault(() => writeTree(folder, treeOf({ 'www/new': '2' }))), /and is a link/);
  assert.equal(readTree(join(home, 'other')), { new: 'mine', old: 'mine' });
});

test("a build that was cut short is finished by the next, and what it wrote is nobody's edit", async () => {
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

test('what stands beside a file is not followed, nor touched', async () => {
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

test('nothing but the tree is left beside it', async () => {
  const folder = newFolder();
  await writeTree(folder, treeOf({ a: '1', 'b/c': '2' }));
  await writeTree(folder, treeOf({ a: '2', 'b/c': '3' }));
  assert.equal(readdirSync(folder).sort(), ['a', 'b', MANIFEST]);
});

test('a file becomes a folder, a folder becomes a file', async () => {
  const folder = await folderOf(treeOf({ a: '1', 'b/c': '2', 'b/d/e': '3' }));
  await writeTree(folder, treeOf({ 'a/x/y': '4', b: '5' }));
  assert.equal(Object.keys(readTree(folder)), ['a/x/y', 'b', MANIFEST]);
});

test('an empty folder gives way to a file, with the empty ones in it', async () => {
  const folder = await folderOf(treeOf({ a: '1', 'b/c': '2' }));
  mkdirSync(join(folder, 'b', 'empty', 'deep'), { recursive: true });
  await writeTree(folder, treeOf({ a: '1', b: '3' }));
  assert.is(readFileSync(join(folder, 'b'), 'utf8'), '3');
});

test('an output folder that is a link is refused: it may lead anywhere', async () => {
  const home = scratchFolder();
  mkdirSync(join(home, 'there'));
  symlinkSync('there', join(home, 'plant'));
  assert.match(
    await outputFault(() => writeTree(join(home, 'plant'), treeOf({ 'a/b': '1' }))),
    /plant is a link, and should be the folder of the output/,
  );
  assert.equal(readTree(join(home, 'there')), {});
});

test('what is made when it is asked for is made once, to be written or to be compared', async () => {
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
  // Of a tree that is made anew no digest is known.
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
  assert.equal(asked.splice(0), ['a', 'b/c', 'x/y', 'x/z']);
  const other = new Map(tree).set('a', { content: 'other' });
  other.delete('x/zz');
  assert.equal(compareTree(folder, other).changed, ['a', MANIFEST]);
  assert.equal(asked.splice(0), ['b/c', 'x/y', 'x/z']);
});

test('a folder that cannot be made is an error that says so', async () => {
  const folder = join(scratchFolder(), 'file', 'plant');
  writeFiles(join(folder, '..', '..'), { file: 'mine' });
  assert.match(
    await outputFault(() => writeTree(folder, treeOf({ a: '1' }))),
    /a file where a folder should be/,
  );
});

/** Several folders in one, each with a tree that it holds and one that it shall hold; and a lock on each. */
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

test('several folders are written together, or none: whichever step fails', async () => {
  const { home, outputs, release } = await severalFolders(3);
  release();
  const before = disk(home);
  for (let nth = 1; ; nth += 1) {
    let isMet = false;
    const isNth = (call: number, name: string) => {
      isMet ||= call === nth;
      return call === nth && name !== 'linkSync' && name !== 'rmdirSync';
    };
    const locks = await Promise.all(outputs.map(({ folder }) => lockFolder(folder, () => {})));
    let said = '';
    try {
      onBadDisk(isNth, () => writeTrees(outputs));
    } catch (error) {
      said = (error as Error).message;
    }
    for (const lock of locks) lock.release();
    if (!isMet) {
      assert.ok(nth > 60, `${nth} steps`);
      break;
    }
    if (said === '') {
      // A link or a folder that stays is no failure: back to where we were.
      for (const { folder } of outputs) await writeTree(folder, treeOf({ a: '1', 'b/c': '1', old: '1' }));
      Object.assign(before, disk(home));
      continue;
    }
    assert.match(said, /^\S+ cannot be written: EIO\. Nothing was changed\.$/, `step ${nth}`);
    assert.equal(disk(home), before, `step ${nth}`);
  }
  for (const { folder, tree } of outputs) assert.equal(holds(folder), sorted(tree));
});

test('a full disk at the last folder is met before the first is touched', async () => {
  const { home, outputs, release } = await severalFolders(2);
  rmSync(join(home, 'plant-1', '.harvgen'), { recursive: true });
  writeFileSync(join(home, 'plant-1', '.harvgen'), '');
  const calls: string[] = [];
  const said = await outputFault(() =>
    onBadDisk(
      (_, name) => {
        calls.push(name);
        return false;
      },
      () => writeTrees(outputs),
    ),
  );
  assert.match(said, /plant-1\/\.harvgen\/\w+ cannot be written: .*\(ENOTDIR\)\. Nothing was changed\.$/);
  assert.not(calls.includes('linkSync'), 'nothing was replaced');
  assert.is(readFileSync(join(home, 'plant-0', 'a'), 'utf8'), '1');
  release();
});

test('what cannot be taken back is said, and all else is taken back', async () => {
  const { home, outputs, release } = await severalFolders(3);
  const before = disk(home);
  // The last folder's manifest cannot be put into its place, and then the second's cannot be taken back.
  let renames = 0;
  let isUndone = false;
  const said = await outputFault(() =>
    onBadDisk(
      (_, name) => {
        if (name !== 'renameSync') return false;
        renames += 1;
        // Of each folder: the journal, a, d/e, old, the manifest.
        if (renames === 3 + 4 + 4 + 4) {
          isUndone = true;
          return true;
        }
        return isUndone && renames === 15 + 3 + 1;
      },
      () => writeTrees(outputs),
    ),
  );
  release();
  assert.match(
    said,
    /^\S+plant-2\S+ cannot be written: EIO\. Not all that was begun could be taken back: \S+plant-1\S+ cannot be written: EIO\. Mend that, and build again\.$/,
  );
  const after = disk(home);
  for (const folder of ['plant-0', 'plant-2']) {
    const of = (all: typeof before) =>
      Object.entries(all).filter(([path]) => path.startsWith(folder) && !path.includes('.harvgen'));
    assert.equal(of(after), of(before), folder);
  }
  const folder = join(home, 'plant-1');
  const { edited } = compareTree(folder, treeOf({ a: '3' }));
  assert.equal(edited, [], 'the journal knows what is there');
  await writeTree(folder, treeOf({ a: '3' }));
  assert.equal(holds(folder), sorted(treeOf({ a: '3' })));
});

test('a fault of the program is taken back too, and is not hidden', async () => {
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

test('there is something to do where anything differs, and where a build has left its work', async () => {
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

test('a stamp is another one when a build has written the folder, and only then', async () => {
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

/** The files of a folder with their bytes and whether they can be run, to be compared with `sorted` of a tree. */
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

/** Small trees of paths that are in each other's way. */
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

/** Files of somebody else; those in `d` are in the way of a file there. */
const foreignFiles = fc.subarray(['mine', 'x/mine', 'd/mine', '.git/HEAD']);

const faults = fc.array(
  fc.record({
    step: fc.integer({ min: 1, max: 40 }),
    // Once, or as on a disk that is gone: then nothing can be taken back, as where a build is killed.
    lasts: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
  }),
  { minLength: 1, maxLength: 3 },
);

test('random trees: whatever fails on the way, the next build gives what it should, and touches nothing else', async () => {
  const SEED = Number(process.env.HARVGEN_SEED ?? 1);
  const RUNS = Number(process.env.HARVGEN_RUNS ?? 150);
  const seen = { failed: 0, killed: 0, refused: 0, written: 0 };
  const run = fc.asyncProperty(
    fc.tuple(smallTree, smallTree, smallTree),
    foreignFiles,
    faults,
    async ([first, second, third], foreign, failures) => {
      const folder = await folderOf(first);
      const isBlocked = (tree: Tree) => tree.has('d') && foreign.includes('d/mine');
      if (isBlocked(first)) return;
      writeFiles(folder, Object.fromEntries(foreign.map((path) => [path, 'mine'])));
      const mine = foreign.map((path) => disk(folder)[path]);
      for (const { step, lasts } of failures) {
        if (isBlocked(second)) break;
        const before = disk(folder);
        const lock = await lockFolder(folder, () => {});
        const difference = compareTree(folder, second);
        assert.equal(difference.edited, [], 'nobody edited anything');
        let said = '';
        try {
          onBadDisk(
            (call) => call >= step && call < step + lasts,
            () => writeTrees([{ folder, tree: second, difference }]),
          );
        } catch (error) {
          said = (error as Error).message;
        }
        if (said.includes('could be taken back')) {
          seen.killed += 1;
          writeFileSync(join(folder, '.harvgen', 'lock'), ''); // that of a process that died over it
          utimesSync(join(folder, '.harvgen', 'lock'), 0, 0);
        } else {
          lock.release();
          if (said === '') {
            seen.written += 1;
            assert.equal(filesOf(folder, foreign), sorted(second));
          } else {
            seen.failed += 1;
            assert.equal(contents(disk(folder)), contents(before), said);
          }
        }
      }
      if (isBlocked(third)) {
        seen.refused += 1;
        const before = disk(folder);
        assert.match(await outputFault(() => compareTree(folder, third)), /and is a folder/);
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

/** The files of a folder but for those of somebody else, and a journal that could not be removed. */
function filesOf(folder: string, foreign: readonly string[]): unknown[] {
  return (holds(folder) as [string][]).filter(
    ([path]) => !foreign.includes(path) && !path.startsWith('.harvgen'),
  );
}

/** What a folder holds but for which file on the disk it is: where there can be no hard links that is another one. */
function contents(all: ReturnType<typeof disk>): unknown[] {
  return Object.entries(all)
    .filter(([path]) => !path.startsWith('.harvgen'))
    .map(([path, [kind, mode, , , content]]) => [path, kind, mode, content]);
}

test.run();
