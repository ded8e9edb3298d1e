import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

const test = suite('the check of imports between modules');

/** Returns the report on the sources with additional files, and with a text of the page replaced. */
function reported(files: Readonly<Record<string, string>>, change: readonly [string, string] = ['', '']) {
  const folder = scratchFolder();
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
  writeFiles(folder, { 'docs/architecture.md': page.replace(...change), ...files });
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/check-modules.mjs'), folder], {
    encoding: 'utf8',
  });
  assert.is(status, stderr === '' ? 0 : 1);
  return stderr;
}

test('the sources match the page', () => assert.is(reported({}), ''));

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

test('reports an import cycle', () => {
  assert.is(
    reported({
      'src/values/a.ts': "export type { B } from './b.ts';\n",
      'src/values/b.ts': "import type { B as C } from './a.ts';\nexport type B = C | 1;\n",
    }),
    'circular: src/values/a.ts imports src/values/b.ts imports src/values/a.ts\n',
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

test.run();
