import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFiles } from '../../../test/support/scratch.ts';
import { folderOf, treeOf } from '../../../test/support/write-tree.ts';
import { fillSecrets } from '../../secrets/fill.ts';
import { compareTree } from '../../tree/compare.ts';
import { digest } from '../../tree/manifest.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { filesBefore } from './files.ts';
import { type MarkedTrees, restorePlaceholders } from './secrets.ts';

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
  return restorePlaceholders(folder, filesBefore(folder, tree, compareTree(folder, tree)), tree);
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

test('what a build that was cut short has filled in is not shown, whatever its mode', async () => {
  const folder = await folderOf(treeOf(MARKED));
  writeFileSync(join(folder, A), 'token: "first-value"');
  const journal = JSON.stringify({ [A]: [{ filled: digest('token: "first-value"') }] });
  writeFiles(folder, { '.harvgen/journal.json': journal });
  const { before, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before)[A], filling, [...unknown]], [MARKED[A], 'to-mark', []]);
});

test('what a build without values that was cut short has left is shown', async () => {
  const folder = await folderOf(treeOf(MARKED));
  writeFileSync(join(folder, A), 'key: 1');
  writeFiles(folder, { '.harvgen/journal.json': JSON.stringify({ [A]: [digest('key: 1')] }) });
  const { before, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before)[A], filling, [...unknown]], ['key: 1', undefined, []]);
});

test('a manifest from before does not tell: what no build without values wrote is not shown', async () => {
  const folder = await folderOf(treeOf(MARKED));
  writeFileSync(join(folder, A), '# gone\ntoken: "first-value"');
  const { before, after, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before), texts(after), filling, [...unknown]], [MARKED, MARKED, undefined, [A]]);
  const without = compared(folder, treeOf({ [A]: 'token: "clear"', 'www/x': 'x' }));
  assert.equal(
    [texts(without.before)[A], [...without.unknown]],
    ['token: "clear"', [A]],
    'no mark is wanted',
  );
  const { [A]: _, ...left } = MARKED;
  const gone = compared(folder, treeOf(left));
  assert.equal([texts(gone.before)[A], [...gone.unknown]], ['', [A]], 'a file that goes');
});

test('an edited file with the marks in their places is shown', async () => {
  const folder = await folderOf(treeOf(MARKED));
  for (const text of ['# mine\ntoken: "@@secret:one@@"', 'token: "@@secret:another@@"']) {
    writeFileSync(join(folder, A), text);
    const { before, unknown } = compared(folder, treeOf(MARKED));
    assert.equal([texts(before)[A], [...unknown]], [text, []]);
  }
  writeFileSync(join(folder, A), 'token: "@@secret:one@@"');
  const twice = { [A]: 'token: "@@secret:one@@"\npassword: "@@secret:one@@"' };
  assert.equal([...compared(folder, treeOf({ ...MARKED, ...twice })).unknown], [], 'what was built');
  writeFileSync(join(folder, A), 'token: "@@secret:one@@"\npassword: "first-value"');
  assert.equal([...compared(folder, treeOf({ ...MARKED, ...twice })).unknown], [A], 'one mark of two');
});

test('marks in place of values that a manifest knows of are shown, and the manifest is not', async () => {
  const folder = await folderOf(filled(FIRST));
  for (const path of [A, B] as const) writeFileSync(join(folder, path), MARKED[path]);
  const { before, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before), filling, [...unknown]], [MARKED, 'to-mark', []]);
});

test.run();
