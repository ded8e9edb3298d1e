import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bigPlant } from '../../test/support/big-plant.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { resolve } from '../compile.ts';
import { Report } from '../diagnostics/report.ts';
import { sampleOf } from './alike.ts';

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
