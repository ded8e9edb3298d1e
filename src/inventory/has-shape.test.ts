import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { bigPlant } from '../../test/support/big-plant.ts';
import { schemaOf } from '../knowledge/tables/schemas.ts';
import { hasShape } from './has-shape.ts';
import { validate } from './shape-validator.ts';

const SEED = Number(process.env.HARVGEN_SEED ?? 1);
const RUNS = Number(process.env.HARVGEN_RUNS ?? 3000);

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const test = suite("whether an inventory's shape is right");

const SITES = [...yamlBelow('sites'), ...yamlBelow('test'), bigPlant(3)]
  .flatMap((text) => {
    try {
      return [parse(text) as Json];
    } catch {
      return [];
    }
  })
  .filter((site) => typeof site === 'object' && site !== null && !Array.isArray(site));

test('a sample site has it', () => {
  const whole = SITES.filter((site) => hasShape(site));
  assert.ok(whole.length > 5, `${whole.length} of ${SITES.length}`);
  for (const site of SITES) assert.is(hasShape(site), validate(site));
});

test('it is what ajv says, whatever changes', () => {
  const names = [...new Set(keysOf(schemaOf('site.schema.json')))];
  const value = fc.oneof(
    fc.constantFrom<Json>(0, 1, -1, 2.5, 1e9, true, null, '', 'a', 'x y', '10.0.0.1', '10.0.0.0/24', [], {}),
    fc.constantFrom<Json>(Number.NaN, Infinity, '🦊', 'a'.repeat(70), ['a'], [1], { a: 1 }, { mac: 'x' }),
    fc.constantFrom<Json>('52:54:00:aa:01:01', 'v1.4.1', 'https://a', 'linux', 'create', '/dev/sda', 4095),
  );
  const key = fc.oneof(fc.constantFrom(...names), fc.constantFrom('a', 'a b', 'cg[1-2]', '__proto__'));
  const change = fc.record({ at: fc.nat(), key: fc.option(key), value: fc.option(value) });
  const met = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...SITES), fc.array(change, { maxLength: 3 }), (site, changes) => {
      const changed = structuredClone(site);
      for (const one of changes) apply(changed, one);
      const isRight = validate(changed);
      assert.is(hasShape(changed), isRight, JSON.stringify(validate.errors));
      met[isRight ? 'right' : 'wrong'] += 1;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert.ok(met.right > RUNS / 20 && met.wrong > RUNS / 20, JSON.stringify(met));
});

test('each value of the right sites, changed by itself', () => {
  for (const site of SITES.filter((one) => validate(one))) {
    for (const [container, key] of spots(site)) {
      const map = container as { [key: string]: Json };
      const before = map[key] as Json;
      for (const value of [0, 'x', '', true, null, [], {}, [before], { a: before }, `${before} `]) {
        map[key] = value as Json;
        assert.is(hasShape(site), validate(site), `${key}: ${JSON.stringify(value)}`);
      }
      map[key] = before;
    }
  }
});

test.run();

/** All YAML files of a folder of the repository. */
function yamlBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(keysOf)];
}

/** All places of values in a tree, as what holds each, and its key there. */
function spots(tree: Json): [object, string][] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.keys(tree).flatMap((key): [object, string][] => [
    [tree, key],
    ...spots((tree as { [key: string]: Json })[key] as Json),
  ]);
}

/** Sets a key beside one of a tree's, or that one; takes it out where no value is given. */
function apply(tree: Json, { at, key, value }: { at: number; key: string | null; value: Json | null }): void {
  const all = spots(tree);
  const [container, there] = all[at % all.length] ?? [tree as object, 'a'];
  const name = key ?? there;
  if (value === null && !Array.isArray(container)) delete (container as { [key: string]: Json })[name];
  else if (!Array.isArray(container) || name === there) {
    Object.defineProperty(container, name, {
      value: structuredClone(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}
