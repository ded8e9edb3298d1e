import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { written } from '../../test/support/random-files.ts';
import { mutated, mutations } from '../../test/support/random-mutation.ts';
import { sitePlan } from '../../test/support/random-plan.ts';
import { buildSite } from '../../test/support/random-site.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Draft } from '../values/draft.ts';
import { consoleInConfig, labelsInConfig, roleInConfig } from './effective.ts';
import type { Node } from './model.ts';

const test = suite('single values of configurations');

const scratch = scratchFolder();
let cases = 0;

function assertSame(node: Draft<Node>): string[] {
  const { role, tty } = node.config?.install ?? {};
  const labels = node.config?.os?.labels;
  assert.is(roleInConfig(node), role);
  assert.is(consoleInConfig(node), tty);
  assert.is(
    labelsInConfig(node, () => true),
    labels && Object.keys(labels).length > 0 ? labels : undefined,
  );
  for (const label of Object.keys(labels ?? {}))
    assert.is(
      labelsInConfig(node, (one) => one === label),
      labels,
    );
  assert.is(
    labelsInConfig(node, () => false),
    undefined,
  );
  return Object.entries({ role, tty, labels }).flatMap(([key, value]) => (value ? key : []));
}

test('are those of the whole, with slips in the inventory and without', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(sitePlan, fc.option(mutations, { nil: [] }), async (plan, slips) => {
      cases += 1;
      const inventory = mutated({ 'plant/site.yaml': buildSite(plan).inventory }, slips);
      const folder = writeFiles(join(scratch, `${cases}`), written(inventory, plan.style));
      const { draft } = await resolve(join(folder, 'plant'), new Report());
      for (const node of draft?.nodes ?? [])
        if (node) for (const key of assertSame(node)) seen.add(`${node.os} ${key}`);
    }),
    { seed: 1, numRuns: 60 },
  );
  assert.equal([...seen].sort(), ['harvester labels', 'harvester role', 'harvester tty']);
});

test.run();
