import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { folderOf, treeOf, writeTree } from '../../test/support/write-tree.ts';
import { compareTree } from './compare.ts';
import { knownFiles } from './known.ts';
import { digest, MANIFEST } from './manifest.ts';
import { SeenFiles } from './seen-files.ts';
import type { Tree } from './tree.ts';
import { workPath } from './work-folder.ts';

const test = suite('files that were seen');

const LATER = 10_000;

test('are known as long as the disk says the same of them', () => {
  const path = join(scratchFolder(), 'file');
  const change = (work: () => void) => {
    const before = lstatSync(path);
    const seen = new SeenFiles();
    seen.note(path, before, 'digest', Date.now() + LATER);
    assert.is(seen.digestOf(path, lstatSync(path)), 'digest');
    work();
    return seen.digestOf(path, lstatSync(path));
  };
  writeFileSync(path, '1');
  assert.is(
    change(() => readFileSync(path)),
    'digest',
  );
  assert.is(
    change(() => writeFileSync(path, '12')),
    undefined,
  );
  assert.is(
    change(() => utimesSync(path, 1, 1)),
    undefined,
  );
  assert.is(
    change(() => {
      const { atime, mtime } = lstatSync(path);
      writeFileSync(`${path}.new`, '34');
      utimesSync(`${path}.new`, atime, mtime);
      renameSync(`${path}.new`, path);
    }),
    undefined,
  );
  assert.is(new SeenFiles().digestOf(path, lstatSync(path)), undefined);
});

test('are to hold what has the digest of it, whether it is the same as before or not', () => {
  const seen = new SeenFiles();
  const contents = fc.constantFrom('', 'a', 'b', 'ä', '\ud800', new Uint8Array([1]), new Uint8Array([2]));
  fc.assert(
    fc.property(fc.constantFrom('1', '2'), contents, (path, content) => {
      const file = { content };
      assert.is(seen.digestOfMade(path, file, content), digest(content));
      assert.ok([content, undefined].includes(seen.newTextOf(file)));
    }),
  );
});

test('have a manifest that is read anew when it is another one, or there is a journal', () => {
  const folder = scratchFolder();
  const seen = new SeenFiles();
  const write = (digest: string) =>
    writeFileSync(
      join(folder, MANIFEST),
      JSON.stringify({ generator: 'harvgen 1', site: 'x', files: { a: digest } }),
    );
  for (const digest of ['1', '1', '2', '1']) {
    write(digest);
    assert.equal([...knownFiles(folder, seen)], [['a', [digest]]]);
  }
  mkdirSync(workPath(folder));
  writeFileSync(workPath(folder, 'journal.json'), JSON.stringify({ a: ['3'] }));
  assert.equal([...knownFiles(folder, seen)], [['a', ['3', '1']]]);
  rmSync(workPath(folder), { recursive: true });
  assert.equal([...knownFiles(folder, seen)], [['a', ['1']]]);
});

test('are not known while they are so new that they could change in the same moment', () => {
  const path = join(scratchFolder(), 'file');
  writeFileSync(path, '1');
  const there = lstatSync(path);
  const seen = new SeenFiles();
  for (const [age, digest] of [
    [0, undefined],
    [1999, undefined],
    [2001, 'digest'],
    [-1000, undefined],
  ] as const) {
    seen.note(path, there, 'digest', Math.max(there.mtimeMs, there.ctimeMs) + age);
    assert.is(seen.digestOf(path, there), digest, `${age}`);
  }
});

/** As if all had been written long ago: nothing is too new to be remembered. */
class Trusting extends SeenFiles {
  override note(path: string, there: Parameters<SeenFiles['note']>[1], digest: string): void {
    super.note(path, there, digest, Date.now() + LATER);
  }
}

test('random edits: a comparison finds the same with what was seen as without', async () => {
  const texts = fc.constantFrom('', '1', '2', 'longer');
  const files = fc.dictionary(fc.constantFrom('a', 'b/c', 'b/d', 'e/f/g'), texts);
  const steps = fc.array(fc.tuple(files, fc.option(fc.tuple(fc.nat(), texts))), {
    minLength: 1,
    maxLength: 5,
  });
  const run = fc.asyncProperty(files, steps, async (first, then) => {
    const folder = await folderOf(treeOf(first));
    const seen = new Trusting();
    for (const [wanted, edit] of then) {
      const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) =>
        lstatSync(join(folder, path)).isFile(),
      );
      const path = edit && paths[edit[0] % paths.length];
      // By rename: on a clock that ticks slowly, what is written in place may look the same.
      if (path && path !== MANIFEST) {
        writeFileSync(join(folder, 'x'), edit[1]);
        renameSync(join(folder, 'x'), join(folder, path));
      }
      const all = compareTree(folder, treeOf(wanted));
      const trusted = compareTree(folder, treeOf(wanted), seen, true);
      // Whatever it has not looked at: nothing that somebody edited would be lost.
      const lost = [...trusted.changed, ...trusted.removed].filter((one) => all.edited.includes(one)).sort();
      assert.equal(trusted.edited, lost);
      if (!path) assert.equal(trusted, all);
      const tree: Tree = treeOf(wanted);
      assert.equal(compareTree(folder, tree, seen), all);
    }
  });
  await fc.assert(run, { seed: Number(process.env.HARVGEN_SEED ?? 1), numRuns: 60 });
});

test('are not read again', async () => {
  const tree = treeOf({ a: '1', b: '2' });
  const folder = await folderOf(tree);
  const seen = new Trusting();
  compareTree(folder, tree, seen);
  const there = lstatSync(join(folder, 'a'));
  // Whoever is believed can lie.
  seen.note(join(folder, 'a'), there, 'other');
  assert.equal(compareTree(folder, tree, seen).edited, ['a']);
});

test('are not even looked at by who looks later, but for those that will be others', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '2', 'c/d': '3' }));
  const seen = new Trusting();
  compareTree(folder, treeOf({ a: '1', b: '2', 'c/d': '3' }), seen);
  for (const path of ['a', 'b']) {
    writeFileSync(join(folder, 'x'), 'mine');
    renameSync(join(folder, 'x'), join(folder, path));
  }
  rmSync(join(folder, 'c'), { recursive: true });
  const { added, changed, edited, unchanged } = compareTree(
    folder,
    treeOf({ a: '1', b: 'new', 'c/d': '3' }),
    seen,
    true,
  );
  assert.equal(
    { added, changed, edited, unchanged },
    {
      added: ['c/d'],
      changed: ['b', MANIFEST],
      edited: ['b'],
      unchanged: ['a'],
    },
  );
});

test('are looked at where another build has written the folder', async () => {
  const tree = treeOf({ a: '1', b: '2' });
  const folder = await folderOf(tree);
  const seen = new Trusting();
  compareTree(folder, tree, seen);
  await writeTree(folder, treeOf({ a: '1', b: 'other' }));
  assert.equal(compareTree(folder, treeOf({ a: '1', b: '2' }), seen, true).changed, ['b', MANIFEST]);
});

test('are looked at where the manifest does not know them', async () => {
  const folder = await folderOf(treeOf({ a: '1', b: '2' }));
  const seen = new Trusting();
  compareTree(folder, treeOf({ a: '1', b: '2' }), seen);
  rmSync(join(folder, 'b'));
  await writeTree(folder, treeOf({ a: '1' }));
  compareTree(folder, treeOf({ a: '1' }), seen);
  assert.equal(compareTree(folder, treeOf({ a: '1', b: '2' }), seen, true).added, ['b']);
});

test.run();
