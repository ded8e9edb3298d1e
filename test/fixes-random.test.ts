import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { saveFiles } from '../src/edit/save.ts';
import type { Diagnostic } from '../src/source/diagnostics/report.ts';
import { runs, SEED } from './support/effort.ts';
import { applied, fixSite } from './support/fixes.ts';
import { type Files, spread, written } from './support/random-files.ts';
import { edit, edited, mutated, mutations } from './support/random-mutation.ts';
import { sitePlan } from './support/random-plan.ts';
import { buildSite } from './support/random-site.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

/** Fixes of random inventories with random mistakes. */

const test = suite('fixes of random inventories');
const scratch = scratchFolder();
let cases = 0;

/** Random files with mistakes in their values, or in their text. */
const mistaken = fc.oneof(
  fc.record({ plan: sitePlan, typos: mutations }).map(({ plan, typos }): Files<string> => {
    return written(mutated(spread(buildSite(plan).inventory, plan.style), typos), plan.style);
  }),
  fc.record({ plan: sitePlan, change: edit }).map(({ plan, change }): Files<string> => {
    return edited(written(spread(buildSite(plan).inventory, plan.style), plan.style), change);
  }),
);

async function check(property: (site: string) => Promise<void>, usual: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(mistaken, async (files) => {
      cases += 1;
      const folder = writeFiles(join(scratch, String(cases)), files);
      await property(join(folder, 'plant'));
      rmSync(folder, { recursive: true });
    }),
    { seed: SEED, numRuns: runs(usual), endOnFailure: true },
  );
}

/** The errors after which a file cannot be read. */
function syntaxErrors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ code }) => code.startsWith('yaml-') || code === 'not-a-map').length;
}

test('safe fixes end their diagnostics, and a second run changes nothing', async () => {
  let count = 0;
  await check(async (site) => {
    const { diagnostics } = await compile(site);
    const first = await fixSite(site);
    assert.ok(syntaxErrors(first.left.diagnostics) <= syntaxErrors(diagnostics));
    assert.is(first.applied.length > 0, first.texts.changes.length > 0);
    count += first.applied.length;
    saveFiles(first.texts.changes, site);
    const second = await fixSite(site);
    assert.equal([second.applied, second.texts.changes], [[], []]);
    assert.equal(
      second.left.diagnostics.map(({ code, message }) => [code, message]),
      first.left.diagnostics.map(({ code, message }) => [code, message]),
    );
  }, 60);
  assert.ok(count > 8, `${count} fixes`);
});

test('after each fix, the text is YAML', async () => {
  let count = 0;
  await check(async (site) => {
    const { diagnostics } = await compile(site);
    for (const { fix, code } of diagnostics) {
      if (!fix || fix.edits.length === 0) continue;
      count += 1;
      const { diagnostics: after } = await compile(site, { edits: applied(fix) });
      assert.ok(syntaxErrors(after) <= syntaxErrors(diagnostics), `${code}: ${fix.title}`);
    }
  }, 60);
  assert.ok(count > 20, `${count} fixes`);
});

test.run();
