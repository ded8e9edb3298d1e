import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFiles } from '../../test/support/scratch.ts';
import { folderOf, treeOf } from '../../test/support/write-tree.ts';
import { compareTree } from '../output/compare.ts';
import { digest } from '../output/manifest.ts';
import { type Tree, textOf } from '../output/tree.ts';
import { fillSecrets } from '../secrets/fill.ts';
import { filesBefore } from './files-before.ts';
import { type MarkedTrees, withMarks } from './with-marks.ts';

const test = suite('trees with marks in place of secrets');
const A = 'www/config/a.yaml';
const B = 'www/config/b.yaml';
const MARKED = { [A]: 'token: "@@secret:one@@"', [B]: 'é: "@@secret:two:json@@"', 'www/x': 'x' };

/** A tree with its manifest, and with values filled in. */
function filled(values: Readonly<Record<string, string>>, files: Record<string, string> = MARKED): Tree {
  const marked = new Map(Object.entries(files).map(([path, content]) => [path, { content }]));
  return treeOf(Object.fromEntries(fillSecrets(marked, new Map(Object.entries(values)))));
}

function compared(folder: string, tree: Tree): MarkedTrees {
  return withMarks(folder, filesBefore(folder, tree, compareTree(folder, tree)), tree);
}

function texts(tree: Tree): Record<string, string> {
  return Object.fromEntries(
    [...tree].flatMap(([path, file]) => (path === 'manifest.json' ? [] : [[path, textOf(file)]])),
  );
}

const FIRST = { one: 'first-value', two: 'second-value' };

test('filled before and after: marks in both, and which secrets have other values', async () => {
  const folder = await folderOf(filled(FIRST));
  const same = compared(folder, filled(FIRST));
  assert.equal([texts(same.before), texts(same.after)], [MARKED, MARKED]);
  assert.equal([same.filling, same.otherValues], ['filled', []]);
  const other = compared(folder, filled({ ...FIRST, two: 'third-value' }));
  assert.equal([texts(other.before), texts(other.after)], [MARKED, MARKED]);
  assert.equal([other.filling, other.otherValues], ['filled', ['two']]);
});

test('marks before and values after, and the first build', async () => {
  const folder = await folderOf(treeOf(MARKED));
  const { before, after, filling, otherValues } = compared(folder, filled(FIRST));
  assert.equal([texts(before), texts(after), filling, otherValues], [MARKED, MARKED, 'to-fill', []]);
  const first = compared(join(folder, 'none'), filled(FIRST));
  assert.equal([texts(first.before), texts(first.after), first.filling], [{}, MARKED, 'filled']);
});

test('values before and marks after, in files that go, too', async () => {
  const folder = await folderOf(filled(FIRST));
  const { [B]: _, ...left } = MARKED;
  const { before, after, filling } = compared(folder, treeOf(left));
  assert.equal([texts(before), texts(after), filling], [MARKED, left, 'to-mark']);
});

test('a site without secrets is as it was', async () => {
  const tree = treeOf({ a: '1', [A]: 'b: 1' });
  const { before, after, filling } = compared(await folderOf(tree), tree);
  assert.equal([texts(before), texts(after), filling], [texts(tree), texts(tree), undefined]);
});

test('of a file that was edited nothing is shown: it counts as what a build makes of it', async () => {
  const folder = await folderOf(filled(FIRST));
  writeFileSync(join(folder, A), '# moved\ntoken: "first-value"');
  const { before, filling, otherValues } = compared(folder, filled(FIRST));
  assert.equal([texts(before), filling, otherValues], [MARKED, 'filled', []]);
  const { [A]: _, ...left } = MARKED;
  assert.equal(texts(compared(folder, filled(FIRST, left)).before), { ...MARKED, [A]: '' });
});

test('places of a manifest that somebody edited show nothing', async () => {
  const folder = await folderOf(filled(FIRST));
  const manifest = (places: unknown) => ({
    generator: 'harvgen 1',
    site: 'plant',
    files: { [A]: digest('token: "first-value"') },
    secrets: { [A]: places },
  });
  for (const places of [
    [[8, 900, '@@secret:one@@']],
    [
      [8, 1, '@@secret:one@@'],
      [8, 1, '@@secret:one@@'],
    ],
  ]) {
    writeFiles(folder, { 'manifest.json': JSON.stringify(manifest(places)) });
    const { before } = compared(folder, treeOf({ [A]: MARKED[A] }));
    assert.equal(before.get(A)?.content, MARKED[A]);
  }
});

test('what a first build that was cut short has filled in is not shown', async () => {
  const folder = await folderOf(treeOf({ [A]: 'token: "first-value"' }));
  chmodSync(join(folder, A), 0o640);
  const journal = JSON.stringify({ [A]: [digest('token: "first-value"')] });
  writeFiles(folder, { '.harvgen/journal.json': journal });
  const { before, filling } = compared(folder, treeOf(MARKED));
  assert.equal([before.get(A)?.content, filling], [MARKED[A], 'to-mark']);
});

test.run();
