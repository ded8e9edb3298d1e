import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
/** The page with room for what a test adds. */
const spacious = page.replace(/(?<=\| |at most )[\d,]+(?= \| | lines)/g, '99,999');

const test = suite('the check of rooms');

/** A copy of what the check reads. */
const copy = scratchFolder();
for (const folder of ['src', 'scripts']) cpSync(join(root, folder), join(copy, folder), { recursive: true });

/** Returns the report on the sources with additional files, and with a text of the page replaced. */
function reported(
  files: Readonly<Record<string, string>>,
  change: readonly [string, string] = ['', ''],
  text = spacious,
) {
  writeFiles(copy, { 'docs/architecture.md': text.replace(...change), ...files });
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/check-rooms.mjs'), copy], {
    encoding: 'utf8',
  });
  for (const path of Object.keys(files)) rmSync(join(copy, path));
  assert.is(status, stderr === '' ? 0 : 1);
  return stderr;
}

test('the sources match the page', () => assert.is(reported({}, ['', ''], page), ''));

test('reports an import of a module above', () => {
  assert.is(
    reported({
      'src/values/planted.ts': "import type { Site } from '../site/model.ts';\nexport type A = Site;\n",
    }),
    'src/values/planted.ts imports src/site/model.ts: docs/architecture.md does not allow values to import site\n',
  );
});

test('reports an import at run time', () => {
  assert.match(
    reported({ 'src/site/planted.ts': "export const load = () => import('../cli/main.ts');\n" }),
    'src/site/planted.ts imports src/cli/main.ts: docs/architecture.md does not allow site to import cli',
  );
});

test('reports a module without a row', () => {
  assert.is(
    reported({ 'src/planted/a.ts': 'export const a = 1;\n' }),
    'src/planted/a.ts: docs/architecture.md has no row for planted\n',
  );
});

test('reports files that import each other', () => {
  assert.is(
    reported({
      'src/values/a.ts': "export type { B } from './b.ts';\n",
      'src/values/b.ts': "import type { B as C } from './a.ts';\nexport type B = C | 1;\n",
    }),
    'circular: src/values/a.ts imports src/values/b.ts, src/values/b.ts imports src/values/a.ts\n',
  );
});

test('reports directories that import each other, by different files', () => {
  assert.is(
    reported({
      'src/targets/planted-a/a.ts': "export type { B } from '../planted-b/b.ts';\n",
      'src/targets/planted-a/c.ts': 'export type C = 1;\n',
      'src/targets/planted-b/b.ts': 'export type B = 1;\n',
      'src/targets/planted-b/d.ts': "export type { C } from '../planted-a/c.ts';\n",
    }),
    'circular: src/targets/planted-a/a.ts imports src/targets/planted-b/b.ts, src/targets/planted-b/d.ts imports src/targets/planted-a/c.ts\n',
  );
});

test('reports a room, all rooms, the templates and the scripts over their number', () => {
  const lines = '// A line.\n'.repeat(30_000);
  assert.equal(
    reported(
      { 'src/edit/planted.ts': lines, 'src/edit/planted.test.ts': lines, 'src/edit/planted.gen.ts': lines },
      ['', ''],
      page,
    )
      .replaceAll(/\d+/g, '#')
      .split('\n'),
    [
      'src/edit has # lines, # more than docs/architecture.md allows (#)',
      'src has # lines, # more than docs/architecture.md allows (#)',
      '',
    ],
  );
  assert.match(
    reported({ 'src/targets/planted.sh': lines, 'scripts/planted.mjs': lines }, ['', ''], page),
    /^the templates and scripts of src\/targets has \d+ lines, \d+ more than docs\/architecture.md allows \(\d+\)\nscripts has \d+ lines, \d+ more than docs\/architecture.md allows \(\d+\)\n$/,
  );
});

test('reports a room by how much it is over', () => {
  const [, number = ''] = /^\| `src\/index\.ts` \|.*\| ([\d,]+) \|/m.exec(page) ?? [];
  assert.is(
    reported({}, [`| ${number} | \`values\`, \`source\``, '| 1 | `values`, `source`'], page),
    'src/index has 22 lines, 21 more than docs/architecture.md allows (1)\n',
  );
});

test('reports a row that lists a module below it, and one that is not imported', () => {
  assert.is(
    reported({}, ['| nothing |', '| `cli` |']),
    [
      'docs/architecture.md: values lists cli, which has no row above it',
      'docs/architecture.md: values lists cli, but imports nothing from it\n',
    ].join('\n'),
  );
});

test('a random test without a seed is reported', () => {
  const fc = 'fc';
  const folder = writeFiles(scratchFolder(), {
    'test/a.test.ts': `${fc}.assert(run(1), { seed: SEED });\n${fc}.sample(site, { numRuns: f(5) });\n`,
    'src/b.test.ts': `\nawait ${fc}.check(all);\n${fc}.seed();\n`,
  });
  const argv = [join(root, 'scripts/check-seeds.mjs')];
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' });
  assert.is(status, 1);
  assert.equal(stderr.match(/^\S+ fc\.\w+/gm)?.sort(), [
    'src/b.test.ts:2 fc.check',
    'test/a.test.ts:2 fc.sample',
  ]);
});

test.run();
