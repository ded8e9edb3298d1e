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

const test = suite('trees with placeholders instead of secrets');
const A = 'www/config/a.yaml';
const B = 'www/config/b.yaml';
const MARKED = { [A]: 'token: "@@secret:one@@"', [B]: 'é: "@@secret:two:json@@"', 'www/x': 'x' };

/** A tree with its manifest and with substituted values. */
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

test('values before and after: placeholders in both trees, and the secrets with other values', async () => {
  const folder = await folderOf(filled(FIRST));
  const same = compared(folder, filled(FIRST));
  assert.equal([texts(same.before), texts(same.after)], [MARKED, MARKED]);
  assert.equal([same.filling, same.otherValues], ['filled', []]);
  const other = compared(folder, filled({ ...FIRST, two: 'third-value' }));
  assert.equal([texts(other.before), texts(other.after)], [MARKED, MARKED]);
  assert.equal([other.filling, other.otherValues], ['filled', ['two']]);
});

test('placeholders before and values after, and the first build', async () => {
  const folder = await folderOf(treeOf(MARKED));
  const { before, after, filling, otherValues } = compared(folder, filled(FIRST));
  assert.equal([texts(before), texts(after), filling, otherValues], [MARKED, MARKED, 'to-fill', []]);
  const first = compared(join(folder, 'none'), filled(FIRST));
  assert.equal([texts(first.before), texts(first.after), first.filling], [{}, MARKED, 'filled']);
});

test('values before and placeholders after, also in removed files', async () => {
  const folder = await folderOf(filled(FIRST));
  const { [B]: _, ...left } = MARKED;
  const { before, after, filling } = compared(folder, treeOf(left));
  assert.equal([texts(before), texts(after), filling], [MARKED, left, 'to-mark']);
});

test('a site without secrets is unchanged', async () => {
  const tree = treeOf({ a: '1', [A]: 'b: 1' });
  const { before, after, filling } = compared(await folderOf(tree), tree);
  assert.equal([texts(before), texts(after), filling], [texts(tree), texts(tree), undefined]);
});

test('hides an edited file and treats it as equal to the new one', async () => {
  const folder = await folderOf(filled(FIRST));
  writeFileSync(join(folder, A), '# moved\ntoken: "first-value"');
  const { before, filling, otherValues } = compared(folder, filled(FIRST));
  assert.equal([texts(before), filling, otherValues], [MARKED, 'filled', []]);
  const { [A]: _, ...left } = MARKED;
  assert.equal(texts(compared(folder, filled(FIRST, left)).before), { ...MARKED, [A]: '' });
});

test('positions in an edited manifest reveal nothing', async () => {
  const folder = await folderOf(filled(FIRST));
  const manifest = (positions: unknown) => ({
    generator: 'harvgen 1',
    site: 'plant',
    files: { [A]: digest('token: "first-value"') },
    secrets: { [A]: positions },
  });
  for (const positions of [
    [[8, 900, '@@secret:one@@']],
    [
      [8, 1, '@@secret:one@@'],
      [8, 1, '@@secret:one@@'],
    ],
  ]) {
    writeFiles(folder, { 'manifest.json': JSON.stringify(manifest(positions)) });
    const { before } = compared(folder, treeOf({ [A]: MARKED[A] }));
    assert.equal(before.get(A)?.content, MARKED[A]);
  }
});

test('hides values from an interrupted build, whatever the file mode', async () => {
  const folder = await folderOf(treeOf(MARKED));
  writeFileSync(join(folder, A), 'token: "first-value"');
  const journal = JSON.stringify({ [A]: [{ filled: digest('token: "first-value"') }] });
  writeFiles(folder, { '.harvgen/journal.json': journal });
  const { before, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before)[A], filling, [...unknown]], [MARKED[A], 'to-mark', []]);
});

test('shows files from an interrupted build without values', async () => {
  const folder = await folderOf(treeOf(MARKED));
  writeFileSync(join(folder, A), 'key: 1');
  writeFiles(folder, { '.harvgen/journal.json': JSON.stringify({ [A]: [digest('key: 1')] }) });
  const { before, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before)[A], filling, [...unknown]], ['key: 1', undefined, []]);
});

test('an old manifest has no positions: hides files that no build without values wrote', async () => {
  const folder = await folderOf(treeOf(MARKED));
  writeFileSync(join(folder, A), '# gone\ntoken: "first-value"');
  const { before, after, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before), texts(after), filling, [...unknown]], [MARKED, MARKED, undefined, [A]]);
  const without = compared(folder, treeOf({ [A]: 'token: "clear"', 'www/x': 'x' }));
  assert.equal(
    [texts(without.before)[A], [...without.unknown]],
    ['token: "clear"', [A]],
    'no placeholder is required',
  );
  const { [A]: _, ...left } = MARKED;
  const gone = compared(folder, treeOf(left));
  assert.equal([texts(gone.before)[A], [...gone.unknown]], ['', [A]], 'a removed file');
});

test('shows an edited file with its placeholders', async () => {
  const folder = await folderOf(treeOf(MARKED));
  for (const text of ['# mine\ntoken: "@@secret:one@@"', 'token: "@@secret:another@@"']) {
    writeFileSync(join(folder, A), text);
    const { before, unknown } = compared(folder, treeOf(MARKED));
    assert.equal([texts(before)[A], [...unknown]], [text, []]);
  }
  writeFileSync(join(folder, A), 'token: "@@secret:one@@"');
  const twice = { [A]: 'token: "@@secret:one@@"\npassword: "@@secret:one@@"' };
  assert.equal([...compared(folder, treeOf({ ...MARKED, ...twice })).unknown], [], 'the built file');
  writeFileSync(join(folder, A), 'token: "@@secret:one@@"\npassword: "first-value"');
  assert.equal([...compared(folder, treeOf({ ...MARKED, ...twice })).unknown], [A], 'one placeholder of two');
});

test('shows placeholders instead of values in the manifest, and hides the manifest', async () => {
  const folder = await folderOf(filled(FIRST));
  for (const path of [A, B] as const) writeFileSync(join(folder, path), MARKED[path]);
  const { before, filling, unknown } = compared(folder, treeOf(MARKED));
  assert.equal([texts(before), filling, [...unknown]], [MARKED, 'to-mark', []]);
});

test.run();
