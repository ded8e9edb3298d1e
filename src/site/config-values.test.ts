import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { spread, written } from '../../test/support/random-files.ts';
import { sitePlan } from '../../test/support/random-plan.ts';
import { buildSite } from '../../test/support/random-site.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { Report } from '../source/diagnostics/report.ts';
import { derivationOf, isBroken, keyPlaceOf, placeOf, selfPlace } from '../source/origin.ts';
import { placedConfigOf } from './derive-config.ts';

const test = suite('the values of configurations');

const scratch = scratchFolder();
let cases = 0;

/** Every key of a map, and of those in it: its value, where it stands, and how it follows. */
function* told(holder: object, path = ''): Iterable<unknown[]> {
  yield [path, selfPlace(holder)];
  for (const [key, value] of Object.entries(holder)) {
    const at = key as never;
    const how = derivationOf(holder, key);
    yield [`${path}/${key}`, placeOf(holder, at), keyPlaceOf(holder, at), how, isBroken(holder, at)];
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield* told(value, `${path}/${key}`);
  }
}

test('are those of the ones that are made with places, and know these', async () => {
  let nodes = 0;
  await fc.assert(
    fc.asyncProperty(sitePlan, async (plan) => {
      cases += 1;
      const files = written(spread(buildSite(plan).inventory, plan.style), plan.style);
      const { draft } = await resolve(
        join(writeFiles(join(scratch, `${cases}`), files), 'plant'),
        new Report(),
      );
      for (const node of draft?.nodes ?? []) {
        const placed = node && placedConfigOf(node);
        if (!placed || !node?.config) continue;
        nodes += 1;
        assert.is(JSON.stringify(node.config), JSON.stringify(placed.config));
        assert.equal([...told(node.config)], [...told(placed.config)]);
      }
    }),
    { seed: 1, numRuns: 40 },
  );
  assert.ok(nodes > 60);
});

test.run();
