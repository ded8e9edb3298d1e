import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asNobody, onBadDisk } from '../../test/support/bad-disk.ts';
import { disk } from '../../test/support/disk-state.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { folderOf, outputFault, treeOf, writeTree } from '../../test/support/write-tree.ts';
import { Change } from './change.ts';
import { compareTree } from './compare.ts';
import { readJournal } from './journal.ts';
import { lockFolder } from './lock.ts';
import { digest, MANIFEST } from './manifest.ts';
import type { Tree } from './tree.ts';
import { writeTrees } from './write.ts';

const test = suite('the change of a folder');

/** Only root can be two people. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

const SECRET = treeOf({ a: { content: 'secret', confidential: true }, b: { content: 'public' } });

/** Does something with files being made for everybody, but for what is said otherwise. */
function withoutUmask<T>(work: () => T): T {
  const before = process.umask(0);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}

function rightsOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test('what is confidential is so from the first, and what a build that is killed leaves is', async () => {
  const folder = join(scratchFolder(), 'plant');
  const lock = await lockFolder(folder, () => {});
  try {
    const change = new Change(folder, SECRET, compareTree(folder, SECRET));
    withoutUmask(() => change.stage());
    const work = (path: string) => rightsOf(join(folder, '.harvgen', path));
    assert.equal(
      ['new', 'old', 'journal.json', 'new/0', 'new/1', 'new/2'].map(work),
      [0o770, 0o770, 0o640, 0o640, 0o644, 0o640],
    );
    withoutUmask(() => change.make());
    assert.equal(
      ['a', 'b', MANIFEST].map((path) => rightsOf(join(folder, path))),
      [0o640, 0o644, 0o640],
    );
    const next = new Change(folder, AFTER, compareTree(folder, AFTER));
    withoutUmask(() => {
      next.stage();
      next.make();
    });
    const kept = readdirSync(join(folder, '.harvgen', 'old')).map((name) => `old/${name}`);
    const secrets = kept.filter((path) =>
      /secret|digest/.test(readFileSync(join(folder, '.harvgen', path), 'utf8')),
    );
    assert.equal(secrets.map(work), [0o640]);
    assert.is(rightsOf(join(folder, MANIFEST)), 0o644, "and is everybody's again where nothing is filled in");
    next.finish();
    assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['.gitignore', 'lock']);
  } finally {
    lock.release();
  }
});

test('the umask takes more', async () => {
  const before = process.umask(0o077);
  try {
    const folder = await folderOf(SECRET);
    assert.is(rightsOf(join(folder, 'a')), 0o600);
    assert.equal(compareTree(folder, SECRET).changed, []);
  } finally {
    process.umask(before);
  }
});

/** What a change can meet: files that come, go, change, stay, and are in each other's way. */
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

/** A folder that holds the tree from before, with files of somebody else, all of long ago. */
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

/** Begins a change for which the folder is locked; gives it, and what ends it. */
async function begun(folder: string, tree: Tree): Promise<{ change: Change; release: () => void }> {
  const { release } = await lockFolder(folder, () => {});
  return { change: new Change(folder, tree, compareTree(folder, tree)), release };
}

/** Writes a tree on a disk of which some calls fail; gives what is said, and nothing where it is written. */
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

test('nothing of the tree is touched before it is made, and nothing of the work is left after it', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  const tree = () => Object.entries(disk(folder)).filter(([path]) => !path.startsWith('.harvgen'));
  assert.equal(tree(), Object.entries(before));
  change.make();
  change.finish();
  release();
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

test('the journal is there from before the first file moves until all have', async () => {
  const folder = await oldFolder();
  const { change, release } = await begun(folder, AFTER);
  assert.equal(readJournal(folder), new Map());
  change.stage();
  const journal = readJournal(folder);
  for (const path of ['changes', 'was', 'was-file/x/y', MANIFEST]) {
    assert.equal(journal.get(path), [digest(AFTER.get(path)?.content ?? '')], path);
  }
  assert.not(journal.has('stays'));
  change.make();
  assert.equal(readJournal(folder), journal);
  change.finish();
  assert.equal(readJournal(folder), new Map());
  release();
});

test('the journal of an earlier build goes on with the next, and is back when that is taken back', async () => {
  const folder = await oldFolder();
  const earlier = JSON.stringify({ changes: ['x'], other: ['y'] });
  writeFiles(folder, { '.harvgen/journal.json': earlier });
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  assert.equal(readJournal(folder).get('changes'), ['x', digest('2')]);
  assert.equal(readJournal(folder).get('other'), ['y']);
  change.make();
  change.undo();
  release();
  assert.is(readFileSync(join(folder, '.harvgen', 'journal.json'), 'utf8'), earlier);
  assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['.gitignore', 'journal.json']);
  await writeTree(folder, AFTER);
  assert.not(existsSync(join(folder, '.harvgen')));
});

test('what is made is taken back: bytes, modes, times, and which file it is', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  change.make();
  change.undo();
  release();
  assert.equal(disk(folder), before);
});

test('whichever step fails, everything is as it was', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  let failed = 0;
  for (let nth = 1; ; nth += 1) {
    let last = '';
    const said = await writeOnBadDisk(folder, AFTER, (call, name) => {
      if (call === nth) last = name;
      return call === nth && name !== 'linkSync';
    });
    if (last === '') break;
    if (said === '') {
      // A hard link, an empty folder and the journal that stays may fail. Back to where we were.
      assert.ok(['linkSync', 'rmdirSync', 'statSync', 'rmSync', 'lstatSync'].includes(last), last);
      assert.equal(compareTree(folder, AFTER).unchanged, [...AFTER.keys()], `step ${nth}`);
      rmSync(folder, { recursive: true });
      await writeTree(folder, BEFORE);
      writeFiles(folder, { mine: 'mine', 'deep/mine': 'mine' });
      for (const path of Object.keys(before)) delete before[path];
      Object.assign(before, disk(folder));
      continue;
    }
    failed += 1;
    assert.match(said, /^\S+ cannot be written: EIO\. Nothing was changed\.$/, `step ${nth}`);
    assert.equal(disk(folder), before, `step ${nth}, ${last}`);
  }
  assert.ok(failed > 30, `${failed} steps failed`);
});

/** What a first build makes. */
const FIRST = treeOf({
  'a/1': '1',
  'a/2': { content: '1', executable: true },
  'a/b/c/1': { content: '1', confidential: true },
  'a/b/d/1': '1',
  'e/1': '1',
  f: '1',
});

test('a first build puts whole folders into their places, with the modes that they should have', async () => {
  const folder = join(scratchFolder(), 'plant');
  const renamed: string[] = [];
  const { change, release } = await begun(folder, FIRST);
  withoutUmask(() =>
    onBadDisk(
      (_, name) => {
        if (name === 'renameSync') renamed.push(name);
        return false;
      },
      () => {
        change.stage();
        change.make();
        change.finish();
      },
    ),
  );
  release();
  assert.is(renamed.length, 5, 'the journal, a, e, f, the manifest');
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

test('whichever step of a first build fails, nothing is there but what was', async () => {
  const folder = join(scratchFolder(), 'plant');
  let failed = 0;
  for (let nth = 1; ; nth += 1) {
    let last = '';
    const said = await writeOnBadDisk(folder, FIRST, (call, name) => {
      if (call === nth) last = name;
      return call === nth;
    });
    if (last === '') break;
    if (said === '') {
      assert.ok(['rmSync', 'lstatSync', 'rmdirSync'].includes(last), last);
      assert.equal(compareTree(folder, FIRST).unchanged, [...FIRST.keys()], `step ${nth}`);
      rmSync(folder, { recursive: true });
      continue;
    }
    failed += 1;
    assert.match(said, /^\S+ cannot be written: EIO\. Nothing was changed\.$/, `step ${nth}`);
    assert.not(existsSync(folder), `step ${nth}, ${last}`);
  }
  assert.ok(failed > 20, `${failed} steps failed`);
});

asRoot('a new folder is of the group that the one above hands down', async () => {
  const folder = await oldFolder();
  chownSync(join(folder, 'deep'), 0, 65534);
  chmodSync(join(folder, 'deep'), 0o2755);
  await writeTree(folder, treeOf({ 'deep/new/1': '1', 'new/1': '1' }));
  const groups = ['deep/new', 'new'].map((path) => statSync(join(folder, path)).gid);
  assert.equal(groups, [65534, process.getgid?.()]);
});

test('whichever step fails where there are no hard links, everything is as it was', async () => {
  const folder = await oldFolder();
  const seen = (all = disk(folder)) =>
    Object.entries(all).map(([path, [kind, mode, , ...of]]) => [path, kind, mode, ...of]);
  const before = seen();
  const steps = new Set<string>();
  for (let nth = 1; ; nth += 1) {
    let count = 0;
    const said = await writeOnBadDisk(folder, AFTER, (_, name) => {
      if (name === 'linkSync') return true;
      if (!['copyFileSync', 'utimesSync', 'renameSync', 'mkdirSync', 'writeFileSync'].includes(name))
        return false;
      count += 1;
      if (count === nth) steps.add(name);
      return count === nth;
    });
    if (said === '') break;
    assert.match(said, /Nothing was changed\.$/);
    assert.equal(seen(), before, `step ${nth}`);
  }
  assert.is(steps.size, 5);
  assert.equal(compareTree(folder, AFTER).unchanged, [...AFTER.keys()]);
});

test('a folder that is made half is taken back: a name that is too long comes late', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  const long = 'x'.repeat(300);
  for (const path of [`one/two/${long}/x`, `one/two/${long}`]) {
    const tree = new Map([...treeOf({ stays: '1' }), [path, { content: '1' }]]);
    const { release } = await lockFolder(folder, () => {});
    const difference = { ...compareTree(folder, BEFORE), added: [path], removed: ['goes'], unchanged: [] };
    const said = await outputFault(() => writeTrees([{ folder, tree, difference }]));
    release();
    assert.match(
      said,
      /\/one\/two\/x+ cannot be written: the name is too long for the disk \(ENAMETOOLONG\)\. Nothing was changed\.$/,
    );
    assert.equal(disk(folder), before);
  }
});

asRoot('a folder that is not ours to write is one sentence, and nothing was changed', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  await writeTree(folder, BEFORE);
  for (const path of ['.', ...Object.keys(disk(folder))]) chownSync(join(folder, path), 65534, 65534);
  const before = disk(folder);
  for (const [path, named] of [
    ['deep', 'deep/changes'],
    ['was', 'was/b'],
    ['deep/er', 'deep/er/goes'],
  ] as const) {
    chownSync(join(folder, path), 0, 0);
    const { release } = await asNobody(() => lockFolder(folder, () => {}));
    const difference = compareTree(folder, AFTER);
    const said = await outputFault(() => asNobody(() => writeTrees([{ folder, tree: AFTER, difference }])));
    release();
    assert.is(
      said,
      `${join(folder, named)} cannot be written: it is not yours to write (EACCES). Nothing was changed.`,
    );
    assert.equal(disk(folder), before);
    chownSync(join(folder, path), 65534, 65534);
  }
});

test('where nothing can be staged nothing is touched', async () => {
  const folder = await oldFolder();
  const before = disk(folder);
  // A file waits under a number, and what is in a folder is called as it will be.
  for (const [nth, named] of [
    [2, '.harvgen/new/1'],
    [3, 'was-file/x/y'],
  ] as const) {
    let writes = 0;
    const said = await writeOnBadDisk(folder, AFTER, (_, name) => {
      if (name === 'writeFileSync') writes += 1;
      return name === 'writeFileSync' && writes === nth;
    });
    assert.is(said, `${join(folder, named)} cannot be written: EIO. Nothing was changed.`);
    assert.equal(disk(folder), before);
  }
});

test('a file that somebody makes in the meantime is kept, and is back when all is taken back', async () => {
  const folder = await oldFolder();
  const { change, release } = await begun(folder, AFTER);
  writeFiles(folder, { 'new/and/deep': 'mine' });
  const made = statSync(join(folder, 'new/and/deep'));
  change.stage();
  change.make();
  assert.is(readFileSync(join(folder, 'new/and/deep'), 'utf8'), '2');
  change.undo();
  release();
  assert.is(readFileSync(join(folder, 'new/and/deep'), 'utf8'), 'mine');
  assert.is(statSync(join(folder, 'new/and/deep')).ino, made.ino);
});

test('of a folder that somebody makes in the meantime, and fills, all is kept, and is there when all is taken back', async () => {
  const folder = await oldFolder();
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  writeFiles(folder, { 'new/mine': 'mine', 'new/and/deep': 'mine' });
  const before = Object.entries(disk(folder)).filter(([path]) => !path.startsWith('.harvgen'));
  change.make();
  assert.is(readFileSync(join(folder, 'new/and/deep'), 'utf8'), '2');
  assert.is(readFileSync(join(folder, 'new/mine'), 'utf8'), 'mine');
  change.undo();
  release();
  assert.equal(Object.entries(disk(folder)), before);
});

test('what somebody puts into a new folder is not taken away with it', async () => {
  const folder = await oldFolder();
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  change.make();
  writeFiles(folder, { 'new/and/mine': 'mine' });
  assert.match(await outputFault(() => change.undo()), /there is something else in it \(ENOTEMPTY\)\.$/);
  release();
  assert.equal(readdirSync(join(folder, 'new', 'and')), ['mine']);
  assert.is(readFileSync(join(folder, 'new', 'and', 'mine'), 'utf8'), 'mine');
});

test('where the manifest cannot be taken back nothing is, so that it stays true', async () => {
  const folder = await oldFolder();
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  change.make();
  let call = 0;
  assert.match(
    await outputFault(() =>
      onBadDisk(
        (_, name) => name === 'renameSync' && ++call === 1,
        () => change.undo(),
      ),
    ),
    /cannot be written: EIO\.$/,
  );
  release();
  const { unchanged, edited } = compareTree(folder, AFTER);
  assert.equal([unchanged, edited], [[...AFTER.keys()], []]);
  assert.ok(readJournal(folder).size > 0);
  await writeTree(folder, BEFORE);
  assert.equal(compareTree(folder, BEFORE).unchanged, [...BEFORE.keys()]);
});

test('work that cannot be removed is no failure: the tree is what it should be', async () => {
  const folder = await oldFolder();
  const { change, release } = await begun(folder, AFTER);
  change.stage();
  change.make();
  onBadDisk(
    () => true,
    () => change.finish(),
  );
  release();
  assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['.gitignore', 'journal.json', 'new', 'old']);
  await writeTree(folder, AFTER);
  assert.not(existsSync(join(folder, '.harvgen')));
});

test('what an earlier build has left in the way of the work is cleared up', async () => {
  const folder = await oldFolder();
  writeFiles(folder, { '.harvgen/new/0/x': 'half', '.harvgen/new/99': 'half', '.harvgen/old/1': 'old' });
  writeFileSync(join(folder, '.harvgen', 'journal.json'), '{"changes": [');
  mkdirSync(join(folder, '.harvgen', 'old', '2'));
  await writeTree(folder, AFTER);
  assert.not(existsSync(join(folder, '.harvgen')));
  assert.equal(compareTree(folder, AFTER).unchanged, [...AFTER.keys()]);
});

test.run();
