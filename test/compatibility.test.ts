import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgenWarm } from './support/cli.ts';
import { promisesFor, type RecordedRelease } from './support/promises.ts';

/* The promises of docs/reference/compatibility.md, for the releases that scripts/record-release.mjs has recorded. */

const test = suite('the promises of earlier releases');

const folder = fileURLToPath(new URL('data/releases/', import.meta.url));
const releases = readdirSync(folder);

test('a release is recorded', () => {
  assert.ok(releases.includes('1.0.json'));
});

for (const name of releases)
  test(`the samples of ${name.replace('.json', '')} build without errors, and every promise holds`, async () => {
    const { sites, promises }: RecordedRelease = JSON.parse(readFileSync(`${folder}${name}`, 'utf8'));
    const now = await promisesFor(sites, harvgenWarm);
    for (const [what, facts] of Object.entries(promises)) {
      assert.ok(facts.length > 0, what);
      const present = new Set(now[what]);
      assert.equal(
        facts.filter((fact) => !present.has(fact)),
        [],
        what,
      );
    }
  });

test.run();
