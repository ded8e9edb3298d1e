// needs: git patch

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileChanges, fileDiff, filesBefore } from '../../src/inspect/diff/files.ts';
import { compareTree } from '../../src/tree/compare.ts';
import { MANIFEST, renderManifest } from '../../src/tree/manifest.ts';
import type { File, Tree } from '../../src/tree/tree.ts';
import { harvgen } from '../support/cli.ts';
import { readTree } from '../support/files.ts';
import { edited, PLANT, plantCalled } from '../support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from '../support/scratch.ts';
import { writeTree } from '../support/write-tree.ts';

/** The output of `harvgen diff` is a patch: with it, git and patch turn the current tree into the result of a build. */
const test = suite('the diff as a patch');
const text = (content: string, executable = false): File => ({ content, executable });

function treeOf(files: Readonly<Record<string, File>>): Tree {
  const tree = new Map(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  return tree.set(MANIFEST, { content: renderManifest(tree, 'plant', 'harvgen 0.0.0') });
}

/** Returns the content of a tree, for comparison. */
function contents(tree: Tree): unknown {
  return [...tree]
    .map(([path, { content, executable = false }]) => [
      path,
      Buffer.from(content).toString('latin1'),
      executable,
    ])
    .sort();
}

/** Asserts that both git and patch turn one tree into another by the diff. */
async function assertApplies(before: Tree, after: Tree, root: string): Promise<void> {
  const home = scratchFolder();
  const folder = join(home, 'git', root);
  if (before.size > 0) await writeTree(folder, before);
  else mkdirSync(join(home, 'git'));
  cpSync(join(home, 'git'), join(home, 'patch'), { recursive: true });
  const found = filesBefore(folder, after, compareTree(folder, after));
  assert.equal(contents(found), contents(before));
  const changes = fileChanges(found, after);
  const input = `some words\n  harv-1: gone\n\n${changes.map((change) => fileDiff(change, root)).join('')}`;
  if (changes.length > 0) {
    execFileSync('git', ['apply', '-'], { cwd: join(home, 'git'), input, stdio: 'pipe' });
    execFileSync('patch', ['-p1', '-s'], { cwd: join(home, 'patch'), input, stdio: 'pipe' });
  }
  for (const tool of ['git', 'patch']) {
    const where = join(home, tool, root);
    assert.equal(
      contents(filesBefore(where, after, compareTree(where, after))),
      contents(after),
      `${tool}\n${input}`,
    );
  }
  rmSync(home, { recursive: true });
}

test('a new, a changed, a removed and an executable file, and one that loses its executable bit', async () => {
  await assertApplies(
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

test('the first tree', async () => {
  await assertApplies(new Map(), treeOf({ 'www/boot.ipxe': text('#!ipxe\n'), empty: text('') }), 'out/plant');
});

test('unusual contents and unusual paths', async () => {
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
    await assertApplies(
      treeOf(Object.fromEntries(paths.map((path, number) => [path, at(number)]))),
      treeOf(Object.fromEntries(paths.map((path, number) => [path, at(2 * number + 1)]))),
      'my out/größe',
    );
  }
});

test('any change of any files', async () => {
  const content = fc
    .array(fc.constantFrom('a', 'b', 'c', 'c', '', 'x\r', '-- a'), { maxLength: 40 })
    .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`));
  const file = fc.record({ content, executable: fc.boolean() });
  const files = fc.dictionary(fc.constantFrom('a', 'b/c', 'b/d', 'e'), file);
  await fc.assert(
    fc.asyncProperty(files, files, (before, after) => assertApplies(treeOf(before), treeOf(after), 'plant')),
    { seed: 1, numRuns: 40 },
  );
});

/** The arguments to apply a patch, by the program's name. */
const TOOLS: Readonly<Record<string, readonly string[]>> = { git: ['apply', '-'], patch: ['-p1', '-s'] };

test('real edits, and the whole output of the command: words, several sites, a mode, a manual edit', () => {
  const sites = {
    a: edited(PLANT, ['site: plant', 'site: a']),
    b: plantCalled('b', 2),
  };
  const home = writeFiles(scratchFolder(), { 'a/site.yaml': sites.a, 'b/site.yaml': sites.b });
  harvgen(['build', 'a'], home);
  chmodSync(join(home, 'out/a/scripts/fetch-media.sh'), 0o644);
  writeFileSync(join(home, 'out/a/www/boot.ipxe'), '#!ipxe\r\nmanual edit: größe');
  rmSync(join(home, 'out/a/README.md'));
  writeFiles(home, {
    'a/site.yaml': edited(
      sites.a,
      [
        '  harv-3: {',
        '  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, install: always }\n  harv-5: {',
      ],
      ['aa:01:02, ip: 192.168.178.42', 'aa:01:12, ip: 192.168.178.52'],
      ['v1.4.1', 'v1.4.2'],
    ),
  });
  const { code, stdout } = harvgen(['diff', 'a', 'b'], home);
  assert.is(code, 0);
  const [words = '', ...patches] = stdout.split(/^(?=diff --git )/m);
  assert.match(words, /^out\/a: [\s\S]*^ {2}on the boot server, [\s\S]*^out\/b: /m);
  assert.not.match(patches.join(''), /^out\//m);
  for (const [tool, args] of Object.entries(TOOLS)) {
    const copy = join(scratchFolder(), 'copy');
    cpSync(join(home, 'out'), join(copy, 'out'), { recursive: true });
    execFileSync(tool, args, { cwd: copy, input: stdout, stdio: 'pipe' });
    cpSync(join(home, 'a'), join(copy, 'a'), { recursive: true });
    cpSync(join(home, 'b'), join(copy, 'b'), { recursive: true });
    assert.is(harvgen(['build', '--check', 'a', 'b'], copy).code, 0, tool);
    assert.is(
      harvgen(['diff', 'a', 'b'], copy).stdout,
      'out/a: nothing changes\nout/b: nothing changes\n',
      `${tool} leaves nothing behind`,
    );
  }
});

test('a patch for another directory, applied in the directory of --out', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  for (const [tool, args] of Object.entries(TOOLS)) {
    const out = join(scratchFolder(), 'trees of ours');
    mkdirSync(out);
    const { stdout } = harvgen(['diff', '--out', out, 'plant'], home);
    execFileSync(tool, args, { cwd: out, input: stdout, stdio: 'pipe' });
    assert.is(harvgen(['build', '--check', '--out', out, 'plant'], home).code, 0, tool);
    assert.ok('manifest.json' in readTree(join(out, 'plant')));
  }
});

test.run();
