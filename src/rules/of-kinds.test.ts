import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMap, type JsonMap } from '../../test/support/random-fields.ts';
import { written } from '../../test/support/random-files.ts';
import { mutated, mutations } from '../../test/support/random-mutation.ts';
import { sitePlan } from '../../test/support/random-plan.ts';
import { buildSite } from '../../test/support/random-site.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { sampleOf } from '../site/alike.ts';
import { Report } from '../source/diagnostics/report.ts';
import { finds } from './check.ts';
import { rules } from './index.ts';

const test = suite('rules of kinds');

const RUNS = 40;
const OF_EACH = 14;

const scratch = scratchFolder();
let cases = 0;

/** Gives an inventory with more nodes of each kind that it has: alike but for their names and addresses. */
function withTwins(inventory: JsonMap): JsonMap {
  const nodes: JsonMap = {};
  for (const [index, [name, node]] of Object.entries(inventory.nodes ?? {}).entries()) {
    nodes[name] = node;
    if (isMap(node)) for (let n = 1; n < OF_EACH; n += 1) nodes[`${name}-${n}`] = twinOf(node, index, n);
  }
  return { ...inventory, nodes };
}

function twinOf(node: JsonMap, index: number, n: number): JsonMap {
  const own = (value: JsonMap, nic: number): JsonMap => ({
    ...value,
    ...(value.mac !== undefined && { mac: `52:54:0${nic}:ee:${hex(index)}:${hex(n)}` }),
    ...(typeof value.ip === 'string' && { ip: value.ip.replace(/\d+$/, (last) => String(+last + n)) }),
  });
  const { nics } = node;
  const twin = own(node, 0);
  if (twin.mode === 'create') delete twin.mode;
  return Array.isArray(nics)
    ? { ...twin, nics: nics.map((nic, at) => (isMap(nic) ? own(nic, at) : nic)) }
    : twin;
}

function hex(number: number): string {
  return number.toString(16).padStart(2, '0');
}

/** What one node says that the others of its kind do not: what a node of another site says, with slips. */
const oddity = fc.record({
  which: fc.nat(),
  other: sitePlan,
  said: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  slips: fc.option(mutations, { nil: [] }),
});

type Oddity = typeof oddity extends fc.Arbitrary<infer T> ? T : never;

/** Gives an inventory with one node as no other is. */
function withOdd(inventory: JsonMap, { which, other, said, slips }: Oddity): JsonMap {
  const nodes = inventory.nodes as Record<string, JsonMap>;
  const names = Object.keys(nodes);
  const name = names[which % names.length] as string;
  const others = Object.values(buildSite(other).inventory.nodes ?? {}) as JsonMap[];
  const ofOther = Object.entries(others[which % others.length] ?? {});
  const node = { ...nodes[name] };
  for (const at of said) {
    const [key, value] = ofOther[at % ofOther.length] ?? [];
    if (key !== undefined && value !== undefined) node[key] = value;
  }
  return { ...inventory, nodes: { ...nodes, ...mutated({ node: { [name]: node } }, slips).node } };
}

test('find something in two of each kind where they do in all, whatever is said of a single one', async () => {
  const found = new Set<string>();
  await fc.assert(
    fc.asyncProperty(sitePlan, oddity, async (plan, odd) => {
      cases += 1;
      const inventory = withOdd(withTwins(buildSite(plan).inventory), odd);
      const folder = writeFiles(
        join(scratch, `${cases}`),
        written({ 'plant/site.yaml': inventory }, plan.style),
      );
      const { draft } = await resolve(join(folder, 'plant'), new Report());
      const sample = draft && sampleOf(draft);
      if (!sample || sample === draft) return;
      for (const rule of rules) {
        if (!rule.ofKinds || !finds(rule, draft)) continue;
        assert.ok(finds(rule, sample), rule.code);
        found.add(rule.code);
      }
    }),
    { seed: Number(process.env.HARVGEN_SEED ?? 1), numRuns: Number(process.env.HARVGEN_RUNS ?? RUNS) },
  );
  assert.ok(found.size > 10, [...found].join(' '));
});

test.run();
