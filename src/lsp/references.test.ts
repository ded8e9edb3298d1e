import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { SHARED_SITES } from '../../test/support/shared-sites.ts';
import { siteTexts } from '../../test/support/site-texts.ts';
import { formatLocation } from '../source/diagnostics/text.ts';
import { Source } from '../source/source.ts';
import { namesIn } from './occurrences.ts';
import { definitionsAt, referencesAt } from './references.ts';
import { namedMaps } from './schema-place.ts';

/** Definitions and references in two split sites with shared fragments, and in the samples. */

const test = suite('definitions and references');

const folder = writeFiles(scratchFolder(), SHARED_SITES);
const texts = await siteTexts([join(folder, 'east'), join(folder, 'west')]);

/** Returns the offset of a text in a file; `word` is a part of it. */
function offsetOf(file: string, text: string, word: string): number {
  const all = SHARED_SITES[file] ?? '';
  const at = all.indexOf(text);
  assert.ok(at >= 0 && text.includes(word), text);
  return at + text.indexOf(word);
}

function definitions(file: string, text: string, word: string): string[] {
  const found = definitionsAt(texts, join(folder, file), offsetOf(file, text, word));
  return found.map((at) => formatLocation(at, folder));
}

function references(file: string, text: string, word: string): string[] {
  const found = referencesAt(texts, join(folder, file), offsetOf(file, text, word), true);
  return found.map((at) => `${formatLocation(at, folder)} ${at.source.text.slice(at.start, at.end)}`);
}

test('lead from each use to its definition, across files', () => {
  assert.equal(definitions('east/nodes/e-1.yaml', '"gpu"', 'gpu'), ['_shared/hardware.yaml:7:3']);
  assert.equal(definitions('west/site.yaml', '- gpu', 'gpu'), ['_shared/hardware.yaml:7:3']);
  assert.equal(definitions('_shared/hardware.yaml', 'profiles: [rack]', 'rack'), [
    '_shared/hardware.yaml:3:3',
  ]);
  assert.equal(definitions('east/nodes/e-1.yaml', 'network: storage', 'storage'), [
    '_shared/storage.yaml:2:3',
  ]);
  assert.equal(definitions('east/manifests/settings.yaml', 'networks.storage', 'storage'), [
    '_shared/storage.yaml:2:3',
  ]);
  assert.equal(definitions('east/manifests/settings.yaml', 'nodes.e-1', 'e-1'), ['east/nodes/e-1.yaml:2:3']);
  assert.equal(definitions('west/site.yaml', '../_shared/storage', 'storage'), ['_shared/storage.yaml:1:1']);
  // A name that only east has.
  assert.equal(definitions('east/nodes/e-1.yaml', 'network: mgmt', 'mgmt'), ['east/site.yaml:6:3']);
});

test('are found in a text whose anchor contains its own aliases, which has no end', () => {
  const text = 'profiles: &all { rack: {}, gpu: [*all, *all, *all] }\nsecrets: [1]\n';
  const { occurrences, isBroken } = namesIn(new Source('site.yaml', text));
  assert.equal(
    occurrences.map(({ name }) => name),
    ['rack', 'gpu'],
  );
  assert.is(isBroken, true);
});

test('lead to nothing where there is no name', () => {
  assert.equal(definitions('east/site.yaml', 'subnet: 10', 'subnet'), []);
  assert.equal(definitions('east/nodes/e-1.yaml', '# storage', 'storage'), []);
  assert.equal(references('east/site.yaml', 'v1.4.1', 'v1'), []);
});

test('list all uses in the sites that share a fragment, also in manifests and by aliases', () => {
  const storage = [
    "_shared/storage.yaml:2:3 'storage'",
    'east/manifests/settings.yaml:6:21 storage',
    'east/nodes/e-1.yaml:7:56 storage',
    'west/site.yaml:17:59 storage',
  ];
  assert.equal(references('_shared/storage.yaml', "'storage'", 'storage'), storage);
  assert.equal(references('west/site.yaml', '&net storage', 'storage'), storage);
  assert.equal(references('east/manifests/settings.yaml', 'networks.storage', 'storage'), storage);
  assert.equal(references('west/site.yaml', '- gpu', 'gpu'), [
    '_shared/hardware.yaml:7:3 gpu',
    'east/nodes/e-1.yaml:4:22 "gpu"',
    'east/nodes/e-1.yaml:9:16 gpu',
    'west/site.yaml:14:7 gpu',
  ]);
});

test('list an include in both sites, and a secret of both, but not the names of another site', () => {
  assert.equal(references('east/site.yaml', '../_shared/storage.yaml', 'storage'), [
    'east/site.yaml:2:37 ../_shared/storage.yaml',
    'west/site.yaml:4:3 "../_shared/storage.yaml"',
  ]);
  assert.equal(references('_shared/hardware.yaml', '{secret:root_password}', 'root'), [
    '_shared/hardware.yaml:12:86 root_password',
  ]);
  assert.equal(references('west/site.yaml', '{secret:west_token}', 'west'), [
    'west/site.yaml:9:45 west_token',
  ]);
  assert.equal(references('east/site.yaml', 'mgmt:', 'mgmt'), [
    'east/nodes/e-1.yaml:10:88 mgmt',
    'east/site.yaml:6:3 mgmt',
  ]);
});

test('of the samples lead from each use to a definition', async () => {
  const sites = ['bmi', 'harvester_cloud', 'location_x', 'location_y', 'ochami', 'oci'].map((one) =>
    join('sites', one),
  );
  const samples = await siteTexts(sites);
  const counts: Record<string, number> = {};
  for (const path of new Set(
    sites.flatMap((site) => samples.sitesOf(join(process.cwd(), site, 'site.yaml'))).flat(),
  )) {
    const source = samples.source(path);
    for (const { of, isDefinition, start } of source ? namesIn(source).occurrences : []) {
      if (isDefinition) continue;
      assert.ok(definitionsAt(samples, path, start).length > 0, `${relative('.', path)} ${start}`);
      counts[of] = (counts[of] ?? 0) + 1;
    }
  }
  assert.equal(Object.keys(counts).sort(), COUNTED);
});

test('are found at every place that the schema describes', () => {
  const text = `host:
  disks: { d1: { device: /dev/sdb } }
  luns: { l: { size: 1Gi, nodes: [n1] } }
  expose: [{ port: 443, cluster: c1 }]
networks: { net1: {} }
clusters: { c1: {} }
groups: { g1: {} }
tenants: { t1: { network: net1 } }
images: { i1: { snapshot_of: n1, parent: i2, tenant: t1 }, i2: {} }
profiles: { p1: { profiles: [p1], groups: [g1], cluster: c1, tenant: t1, boot: { image: i1 } } }
nodes:
  n1:
    vm: { disks: [{ size: 1Gi, on: d1 }] }
    nics: [{ network: net1 }]
    config: { os: { hostname: n1 } }
  'r[1-2]': { cluster: c1, nics: [{ network: net1 }], tenant: t1 }
`;
  const { occurrences, isBroken } = namesIn(new Source('/sites/plant/site.yaml', text));
  const uses: Record<string, string[]> = {};
  for (const { of, name, isDefinition } of occurrences)
    uses[of] = [...(uses[of] ?? []), isDefinition ? `${name}:` : name];
  assert.is(isBroken, false);
  assert.equal(uses, {
    'host.disks': ['d1:', 'd1'],
    nodes: ['n1', 'n1', 'n1:', 'n1', 'r[1-2]:'],
    clusters: ['c1', 'c1:', 'c1', 'c1'],
    networks: ['net1:', 'net1', 'net1', 'net1'],
    groups: ['g1:', 'g1'],
    tenants: ['t1:', 't1', 't1', 't1'],
    images: ['i1:', 'i2', 'i2:', 'i1'],
    profiles: ['p1:', 'p1'],
  });
  // A new annotation of the schema needs a line above.
  assert.equal([...namedMaps()].sort(), Object.keys(uses).sort());
});

const COUNTED = [
  'groups',
  'host.disks',
  'images',
  'include',
  'networks',
  'nodes',
  'profiles',
  'secrets',
  'tenants',
];

test.run();
