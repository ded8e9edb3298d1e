import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { checkFixes, isRevealed } from './support/fixes.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/**
 * Each file of test/broken/ is the site.yaml of a site with an error. Each directory contains the files that such a site has
 * in addition to the common one. The .txt file is the exact output of harvgen. HARVGEN_UPDATE=1 rewrites it: review the
 * change.
 */
const folder = fileURLToPath(new URL('./broken/', import.meta.url));
const cases = readdirSync(folder).filter((name) => !name.endsWith('.txt'));
const test = suite('broken inventories');

test('at least twenty inventories exist', () => {
  assert.ok(cases.length >= 20);
});

for (const name of cases) {
  test(`${name} is rejected with the recorded message, and nothing is written`, () => {
    const others = statSync(join(folder, name)).isDirectory() ? readTree(join(folder, name)) : undefined;
    const site = makeSite(
      others ? { 'site.yaml': PLANT, ...others } : readFileSync(join(folder, name), 'utf8'),
    );
    const home = dirname(site);
    const before = readTree(home);
    const { code, stdout, stderr } = harvgen(['build', 'plant'], home);
    const golden = join(folder, `${name.replace(/\.yaml$/, '')}.txt`);
    if (process.env.HARVGEN_UPDATE) writeFileSync(golden, stderr);
    assert.fixture(stderr, readFileSync(golden, 'utf8'));
    assert.is(stdout, '');
    assert.is(code, 1);
    assert.equal(readTree(home), before);
  });

  test(`${name}: each fix ends its error and adds no other`, async () => {
    const path = join(folder, name);
    const others = statSync(path).isDirectory() ? readTree(path) : undefined;
    const site = makeSite(others ? { 'site.yaml': PLANT, ...others } : readFileSync(path, 'utf8'));
    const { diagnostics } = await compile(site);
    const recompiled = async (edits: ReadonlyMap<string, string>) =>
      (await compile(site, { edits })).diagnostics;
    await checkFixes(diagnostics, recompiled, isRevealed);
  });
}

test('ten mistakes are ten diagnostics, each at its own line, without further ones', () => {
  const site = makeSite(readFileSync(join(folder, 'ten-mistakes.yaml'), 'utf8'));
  const { stdout } = harvgen(['check', '--format', 'json', 'plant'], dirname(site));
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; line: number }[] };
  assert.is(diagnostics.length, 10);
  assert.is(new Set(diagnostics.map(({ code }) => code)).size, 10);
  assert.is(new Set(diagnostics.map(({ line }) => line)).size, 10);
});

test.run();
