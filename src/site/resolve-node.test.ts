import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edit } from '../../test/support/plant.ts';
import { at, node, plain, resolved } from '../../test/support/resolved.ts';
import { keyLocationOf, locationOf } from '../source/origin.ts';

const test = suite('the layers of a node');

const LAYERS: readonly Edit[] = [
  [
    '  config:\n    os: {',
    '  labels: { from: defaults, d: "1" }\n  profiles: [one]\n  config:\n    os: { modules: [d],',
  ],
  [
    'nodes:\n',
    `profiles:
  one: { firmware: bios, labels: { from: one, o: "1" }, config: { os: { modules: [o, p] }, install: { device: /dev/one } } }
  two: { labels: { from: two, t: "1" }, config: { install: { device: /dev/two } } }
nodes:
`,
  ],
];

test('layers: defaults, below the profiles in their order, below the node', async () => {
  const site = await resolved(...LAYERS, [
    'ip: 192.168.178.43',
    'ip: 192.168.178.43, profiles: [one, two], labels: { n: "1" }',
  ]);
  const harv3 = node(site, 'harv-3');
  assert.equal(plain(harv3.facts.labels), { from: 'two', d: '1', o: '1', t: '1', n: '1' });
  assert.is(harv3.userConfig.install?.device, '/dev/two');
  assert.is(harv3.firmware, 'bios');
});

test('layers: in the other order, the other profile takes precedence', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [two, one]']);
  assert.is(node(site, 'harv-3').userConfig.install?.device, '/dev/one');
  assert.is(node(site, 'harv-3').facts.labels?.from, 'one');
});

test('layers: the node takes precedence', async () => {
  const site = await resolved(...LAYERS, [
    'ip: 192.168.178.43',
    'ip: 192.168.178.43, role: witness, labels: { from: node }, config: { install: { device: /dev/own } }',
  ]);
  const harv3 = node(site, 'harv-3');
  assert.equal(
    [harv3.role, harv3.facts.labels?.from, harv3.userConfig.install?.device],
    ['witness', 'node', '/dev/own'],
  );
});

test('layers: the role in Harvester and the one in SMD come from different layers, and each from its last', async () => {
  const rolesOf = async ([first, second, own]: readonly string[]) => {
    const site = await resolved(
      ['nodes:\n', `profiles: { one: { role: ${first} }, two: { role: ${second} } }\nnodes:\n`],
      ['ip: 192.168.178.43', `ip: 192.168.178.43, profiles: [one, two], role: ${own}`],
    );
    const harv3 = node(site, 'harv-3');
    const lines = (['role', 'smdRole'] as const).map((key) => locationOf(harv3, key));
    return [
      harv3.role,
      harv3.smdRole,
      ...lines.map(({ source, start, end }) => source.text.slice(start, end)),
    ];
  };
  for (const layers of [
    ['Compute', 'worker', 'Application'],
    ['default', 'Application', 'worker'],
    ['worker', 'Compute', 'Application'],
  ])
    assert.equal(await rolesOf(layers), ['worker', 'Application', 'worker', 'Application'], layers.join());
});

test('layers: lists replace each other', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [two]']);
  assert.equal(plain(node(site, 'harv-2').userConfig.os?.modules), ['o', 'p']);
  assert.equal(plain(node(site, 'harv-3').userConfig.os?.modules), ['d']);
});

test('layers: profiles of the node replace those of defaults, and an empty list sets none', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: []']);
  assert.is(node(site, 'harv-2').firmware, 'bios');
  assert.is(node(site, 'harv-3').firmware, 'uefi');
});

test('layers: each value records its layer', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.43', 'ip: 192.168.178.43, labels: { n: "1" }']);
  const labels = node(site, 'harv-3').facts.labels as Record<string, string>;
  assert.equal(
    ['d', 'from', 'o', 'n'].map((key) => at(keyLocationOf(labels, key))),
    ['17:29', '25:36', '25:47', '30:67'],
  );
});

test('layers: nodes do not affect each other', async () => {
  const site = await resolved(...LAYERS, ['ip: 192.168.178.42', 'ip: 192.168.178.42, labels: { n: "1" }']);
  assert.is(node(site, 'harv-2').facts.labels?.n, '1');
  assert.is(node(site, 'harv-3').facts.labels?.n, undefined);
});

test('settings for create nodes apply only to them, from defaults and from profiles', async () => {
  const site = await resolved(
    [
      '    install:\n',
      '    system_settings: { ui-source: bundled }\n    install:\n      addons: { rancher_logging: { enabled: true } }\n',
    ],
    ['nodes:\n', 'profiles:\n  sans: { config: { sans: [harvester.example.org] } }\nnodes:\n'],
    ['  config:\n    os:', '  profiles: [sans]\n  config:\n    os:'],
    ['version: v1.4.1', 'version: v1.6.1'],
  );
  const keys = (name: string) => {
    const { userConfig } = node(site, name);
    return [Object.keys(userConfig).sort(), Object.keys(userConfig.install ?? {}).sort()];
  };
  assert.equal(keys('harv-1'), [
    ['install', 'os', 'sans', 'system_settings'],
    ['addons', 'device'],
  ]);
  assert.equal(keys('harv-2'), [['install', 'os'], ['device']]);
  assert.is(node(site, 'harv-1').config.install?.vip, '192.168.178.40');
  assert.is(node(site, 'harv-2').config.install?.vip, undefined);
});

test('a create node by profile has the settings for create nodes', async () => {
  const site = await resolved(
    ['    install:\n', '    system_settings: { ui-source: bundled }\n    install:\n'],
    ['mode: create }', 'profiles: [first] }'],
    ['nodes:\n', 'profiles:\n  first: { mode: create }\nnodes:\n'],
  );
  assert.equal(
    site.nodes.map(({ mode, config }) => [mode, 'system_settings' in config, 'server_url' in config]),
    [
      ['create', true, false],
      ['join', false, true],
      ['join', false, true],
    ],
  );
});

test.run();
