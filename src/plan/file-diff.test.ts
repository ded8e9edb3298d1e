import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../test/support/scratch.ts';
import { MANIFEST, renderManifest } from '../output/manifest.ts';
import type { File, Tree } from '../output/tree.ts';
import { writeTree } from '../output/write.ts';
import { fileChanges } from './file-changes.ts';
import { fileDiff } from './file-diff.ts';
import { filesBefore } from './files-before.ts';

const test = suite('the diff of a file');
const text = (content: string, executable = false): File => ({ content, executable });

function treeOf(files: Readonly<Record<string, File>>): Tree {
  const tree = new Map(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return tree.set(MANIFEST, { content: renderManifest(tree, 'plant', 'harvgen 0.0.0') });
}

/** What a tree holds, for comparing. */
function contents(tree: Tree): unknown {
  return [...tree]
    .map(([path, { content, executable = false }]) => [
      path,
      Buffer.from(content).toString('latin1'),
      executable,
    ])
    .sort();
}

/** Says that git and patch alike make one tree of another by the diff. */
function assertApplies(before: Tree, after: Tree, place: string): void {
  const home = scratchFolder();
  const folder = join(home, 'git', place);
  if (before.size > 0) writeTree(folder, before);
  else mkdirSync(join(home, 'git'));
  cpSync(join(home, 'git'), join(home, 'patch'), { recursive: true });
  const found = filesBefore(folder, after);
  assert.equal(contents(found), contents(before));
  const changes = fileChanges(found, after);
  const input = `some words\n  harv-1: gone\n\n${changes.map((change) => fileDiff(change, place)).join('')}`;
  if (changes.length > 0) {
    execFileSync('git', ['apply', '-'], { cwd: join(home, 'git'), input, stdio: 'pipe' });
    execFileSync('patch', ['-p1', '-s'], { cwd: join(home, 'patch'), input, stdio: 'pipe' });
  }
  for (const tool of ['git', 'patch']) {
    const where = join(home, tool, place);
    assert.equal(contents(filesBefore(where, after)), contents(after), `${tool}\n${input}`);
  }
  rmSync(home, { recursive: true });
}

test('a file that is new, another, gone, executable, and one that is not any more', () => {
  assertApplies(
    treeOf({
      same: text('1\n'),
      other: text('1\n2\n'),
      gone: text('x\n'),
      run: text('y\n', true),
      'dir/still': text('z\n'),
    }),
    treeOf({
      same: text('1\n'),
      other: text('1\n3\n', true),
      new: text('x\n', true),
      run: text('y\n'),
      'dir/still': text('z\n', true),
    }),
    'out/plant',
  );
});

test('the first tree of all', () => {
  assertApplies(new Map(), treeOf({ 'www/boot.ipxe': text('#!ipxe\n'), empty: text('') }), 'out/plant');
});

test('odd contents and odd paths', () => {
  const contents = [
    '',
    'a',
    'a\n',
    'a\r\nb\r\n',
    '\ufeffa\n',
    'é\u2028\u0001\u001b[31m\n',
    '--- a\n+++ b\n@@ -1 +1 @@\n',
    '\r',
    '\n\n',
  ];
  const paths = ['a b', 'é', 'tab\there', 'quo"te', 'back\\slash', "'", ' ', '-x', 'a/b c/d'];
  for (const [index] of contents.entries()) {
    const at = (shift: number) => text(contents[(index + shift) % contents.length] as string);
    assertApplies(
      treeOf(Object.fromEntries(paths.map((path, number) => [path, at(number)]))),
      treeOf(Object.fromEntries(paths.map((path, number) => [path, at(2 * number + 1)]))),
      'my out/größe',
    );
  }
});

test('any change of any files', () => {
  const content = fc
    .array(fc.constantFrom('a', 'b', 'c', 'c', '', 'x\r', '-- a'), { maxLength: 40 })
    .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`));
  const file = fc.record({ content, executable: fc.boolean() });
  const files = fc.dictionary(fc.constantFrom('a', 'b/c', 'b/d', 'e'), file);
  fc.assert(
    fc.property(files, files, (before, after) => assertApplies(treeOf(before), treeOf(after), 'plant')),
    { seed: 1, numRuns: 40 },
  );
});

test('what is no text is said to differ, and no more', () => {
  const bytes = { content: new Uint8Array([0xff, 0x00]) };
  assert.is(
    fileDiff({ path: 'x', change: 'changed', before: text('a\n'), after: bytes }, 'out/p'),
    'diff --git a/out/p/x b/out/p/x\nBinary files a/out/p/x and b/out/p/x differ\n',
  );
  assert.is(
    fileDiff({ path: 'x', change: 'added', after: bytes }, ''),
    'diff --git a/x b/x\nnew file mode 100644\nBinary files /dev/null and b/x differ\n',
  );
  assert.is(
    fileDiff({ path: 'x', change: 'changed', before: bytes, after: { ...bytes, executable: true } }, ''),
    'diff --git a/x b/x\nold mode 100644\nnew mode 100755\n',
  );
  assert.match(fileDiff({ path: 'x', change: 'added', after: text('a\0b') }, ''), 'Binary files');
});

test('bytes that are text are compared as text', () => {
  const before = { content: Buffer.from('\ufeffa\n') };
  assert.match(
    fileDiff({ path: 'x', change: 'changed', before, after: text('b\n') }, ''),
    '\n-\ufeffa\n+b\n',
  );
});

test.run();
