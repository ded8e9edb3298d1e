import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant } from '../../test/support/big-plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { Report } from '../source/diagnostics/report.ts';
import type { Draft } from '../values/draft.ts';
import { type Comparison, OF_FACTS, OF_NICS, OF_NODES, sampleOf } from './alike.ts';
import type { Node, Site } from './model.ts';

const test = suite('a sample of alike nodes');

async function siteOf(text: string) {
  const report = new Report();
  const { draft } = await resolve(makeSite(text), report);
  assert.ok(draft);
  return draft;
}

async function sampled(text: string) {
  const { nodes = [], clusters = [] } = sampleOf(await siteOf(text));
  assert.equal(clusters[0]?.members, nodes);
  return nodes.map((node) => node?.name);
}

test('the first two of each kind', async () => {
  assert.equal(await sampled(bigPlant(40)), ['node-1', 'node-2', 'node-3']);
});

for (const [what, said] of Object.entries({
  'a configuration': 'config: { os: { sysctls: { a.b: c } } }',
  'a fact': 'hardware: { threads: 16 }',
  'what only Linux finds': 'cloud_init: { user_data: {} }',
  'a group': 'groups: [g]',
  'a serial number': 'serial: abc',
  'a silence': 'silence: { bond-lacp: so it is }',
})) {
  test(`one that has ${what} of its own is of another kind`, async () => {
    const text = bigPlant(40).replace(/(node-17: \{.*?) \}/, `$1, ${said} }`);
    assert.equal(await sampled(`${text}groups: { g: {} }\n`), ['node-1', 'node-2', 'node-3', 'node-17']);
  });
}

test('one without an address, and one whose NIC has a name, are of other kinds', async () => {
  const text = bigPlant(40).replace(/(node-8: \{.*), ip: \S+ \}/, '$1 }');
  const named = text.replace(/node-9: \{(.*)\}/, 'node-9: { nics: [{ name: eno1, $1}] }');
  assert.equal(await sampled(named), ['node-1', 'node-2', 'node-3', 'node-8', 'node-9']);
});

test('those that say the same themselves are alike, and so are those with other labels and controllers', async () => {
  const own = 'disks: [{ path: /dev/sda, size: 1Ti }], config: { os: { sysctls: { a.b: c } } }';
  const text = bigPlant(40).replace(
    /, ip: (\d\S+\d)/g,
    `, ip: $1, ${own}, labels: { at: a$1 }, bmc: { address: $1 }`,
  );
  assert.equal(await sampled(text), ['node-1', 'node-2', 'node-3']);
});

test('one that has a fault is like no other', async () => {
  const text = bigPlant(40).replace(/(node-9: \{.*?) \}/, '$1, role: boss }');
  assert.equal(await sampled(text), ['node-1', 'node-2', 'node-3', 'node-9']);
});

/** Values of a key: one, those that leave two nodes alike where one has them instead, and those that do not. */
const VALUES: Readonly<Record<Comparison, readonly [one: unknown, alike: unknown[], unlike: unknown[]]>> = {
  same: ['a', [], ['b', undefined]],
  equal: [{ a: ['b'] }, [{ a: ['b'] }], [{ a: ['c'] }, {}, undefined]],
  presence: ['a', ['b'], [undefined]],
  count: [['a'], [['b']], [['a', 'b'], undefined]],
  own: ['a', ['b', undefined], []],
  follows: ['a', ['b', undefined], []],
  alone: [undefined, [], ['a']],
  parts: [undefined, [], []],
};

type Change = (node: Draft<Node>, change: object) => object;

const TABLES: readonly (readonly [string, Readonly<Record<string, Comparison>>, Change])[] = [
  ['nodes', OF_NODES, (node, change) => ({ ...node, ...change })],
  ['what is declared', OF_FACTS, (node, change) => ({ ...node, facts: { ...node.facts, ...change } })],
  ['NICs', OF_NICS, (node, change) => ({ ...node, nics: [{ ...node.nics?.[0], ...change }] })],
];

for (const [what, table, change] of TABLES)
  test(`each key of ${what} counts as it is said to`, async () => {
    const { nodes: [, second] = [] } = await siteOf(bigPlant(2));
    assert.ok(second);
    // Kinds are told apart by what nodes say themselves first.
    const node = { ...second, own: { a: ['b'] } };
    const kindsWith = (key: string, one: unknown, other: unknown) => {
      const nodes = Array.from({ length: 20 }, (_, index) =>
        change(node as Draft<Node>, { [key]: index === 7 ? other : one }),
      );
      return (sampleOf({ nodes } as unknown as Draft<Site>).nodes?.length ?? 0) - 1;
    };
    for (const [key, how] of Object.entries(table)) {
      const [one, alike, unlike] = VALUES[how];
      for (const other of alike) assert.is(kindsWith(key, one, other), 1, `${key}: ${JSON.stringify(other)}`);
      for (const other of unlike)
        assert.is(kindsWith(key, one, other), 2, `${key}: ${JSON.stringify(other)}`);
    }
  });

test('a site whose nodes are all of other kinds, or that is small, is its own sample', async () => {
  for (const text of [
    bigPlant(15),
    bigPlant(200).replace(/, ip: (\d\S+\d)/g, ', ip: $1, config: { os: { sysctls: { at: a$1 } } }'),
  ]) {
    const site = await siteOf(text);
    assert.is(sampleOf(site), site);
  }
});

test.run();
