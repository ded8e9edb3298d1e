import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/**
 * Each file of test/broken/ is the site.yaml of a site with a fault, each folder what the common site has beside its
 * site.yaml, and the .txt beside it what harvgen says of it, to the letter. HARVGEN_UPDATE=1 writes the .txt anew: read
 * what it changed.
 */
const folder = fileURLToPath(new URL('./broken/', import.meta.url));
const cases = readdirSync(folder).filter((name) => !name.endsWith('.txt'));
const test = suite('broken inventories');

test('there are enough of them', () => {
  assert.ok(cases.length >= 20);
});

for (const name of cases) {
  test(`${name} is refused with the right words, and nothing is written`, () => {
    const beside = statSync(join(folder, name)).isDirectory() ? readTree(join(folder, name)) : undefined;
    const site = makeSite(
      beside ? { 'site.yaml': PLANT, ...beside } : readFileSync(join(folder, name), 'utf8'),
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
}

test('ten different mistakes are ten diagnostics, each at its own line, and nothing follows from them', () => {
  const site = makeSite(readFileSync(join(folder, 'ten-mistakes.yaml'), 'utf8'));
  const { stdout } = harvgen(['check', '--format', 'json', 'plant'], dirname(site));
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; line: number }[] };
  assert.is(diagnostics.length, 10);
  assert.is(new Set(diagnostics.map(({ code }) => code)).size, 10);
  assert.is(new Set(diagnostics.map(({ line }) => line)).size, 10);
});

test.run();
