import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgenWarm } from './support/cli.ts';
import { broken, promisesFor, type RecordedRelease, schemaOf } from './support/promises.ts';

/* The promises of docs/reference/compatibility.md, for the releases that scripts/record-release.mjs has recorded. */

const test = suite('the promises of earlier releases');

const folder = fileURLToPath(new URL('data/releases/', import.meta.url));
const releases = readdirSync(folder);

test('a release is recorded', () => {
  assert.ok(releases.includes('1.0.json'));
});

for (const name of releases)
  test(`the samples of ${name.replace('.json', '')} build without errors, and every promise holds`, async () => {
    const release: RecordedRelease = JSON.parse(readFileSync(`${folder}${name}`, 'utf8'));
    for (const [what, facts] of Object.entries(release.promises)) assert.ok(facts.length > 0, what);
    assert.equal(broken(release, await promisesFor(release.sites, harvgenWarm)), {});
  });

test('records every key of nodes, Harvester configurations and outputs', async () => {
  const { promises }: RecordedRelease = JSON.parse(readFileSync(`${folder}1.0.json`, 'utf8'));
  const missing = (file: string, path: string, { properties }: { properties?: object }) => {
    const facts = promises[`keys of ${file}`]?.filter((fact) => fact.startsWith(path)) ?? [];
    const names = new Set(facts.map((fact) => /^[\w-]+/.exec(fact.slice(path.length))?.[0]));
    return Object.keys(properties ?? {}).filter((key) => !names.has(key));
  };
  const site = 'src/knowledge/site.schema.json';
  const config = schemaOf('src/knowledge/harvester/config.schema.json');
  const defs = (file: string) => schemaOf(file).$defs as { readonly node: object };
  assert.ok(Object.keys(config.properties ?? {}).length > 5);
  assert.equal(missing(site, '.nodes.*.', defs(site).node), []);
  assert.equal(missing(site, '.profiles.*.config.', config), []);
  assert.equal(
    missing('schema/diff.schema.json', '.sites[].nodes[].', defs('schema/diff.schema.json').node),
    [],
  );
});

test('reports what breaks a promise: a lost fact, a required key, a further type of a key that programs read', () => {
  const inventory = 'keys of src/knowledge/site.schema.json';
  const output = 'keys of schema/check.schema.json';
  const release: RecordedRelease = {
    sites: {},
    promises: {
      commands: ['build', 'check'],
      [inventory]: ['.a: object', '.a.b is always there', '.a.c: value x'],
      [output]: ['.line: number'],
    },
  };
  const now = {
    commands: ['build', 'diff'],
    // A map that no earlier inventory has may require keys.
    [inventory]: ['.a: object', '.a.d is always there', '.new: object', '.new.e is always there'],
    [output]: ['.line: number', '.line: null', '.column: number'],
  };
  assert.equal(broken(release, now), {
    commands: ['not any more: check'],
    [inventory]: ['not any more: .a.c: value x', 'new: .a.d is always there'],
    [output]: ['new: .line: null'],
  });
});

test.run();
