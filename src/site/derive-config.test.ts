import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Edit } from '../../test/support/plant.ts';
import { node, plain, resolved } from '../../test/support/resolved.ts';
import { derivationOf } from '../source/origin.ts';

const test = suite('derived configurations, by release');

const OTHERS =
  '  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';
const release = (version: string): Edit => ['version: v1.4.1', `version: ${version}`];
const silent = (...codes: string[]): Edit => [
  'harvester:\n',
  `silence: { ${codes.map((code) => `${code}: for the test`).join(', ')} }\nharvester:\n`,
];

/** Returns the configuration of a node of the common site after edits. */
async function configOf(name: string, ...edits: readonly Edit[]) {
  return node(await resolved(...edits), name).config;
}

for (const version of ['v1.1.0', 'v1.4.1', 'v1.5.1', 'v1.6.0', 'v1.9.0']) {
  test(`${version}: the bond is explicit, because its default changed in v1.6.0; NICs have MAC addresses`, async () => {
    const { install } = await configOf('harv-1', release(version));
    assert.equal(plain(install?.management_interface), {
      interfaces: [{ hwAddr: '52:54:00:aa:01:01' }],
      method: 'dhcp',
      bond_options: { mode: 'active-backup', miimon: '100' },
    });
  });
}

test('a virtual machine needs skipchecks from v1.3.0 on, the first release with checks', async () => {
  const vm: Edit = ['mode: create }', 'mode: create, vm: { memory: 64Gi, vcpus: 16 } }'];
  assert.is((await configOf('harv-1', vm, release('v1.2.2'))).install?.skipchecks, undefined);
  assert.is((await configOf('harv-1', vm, release('v1.3.0'))).install?.skipchecks, true);
  assert.is((await configOf('harv-2', vm)).install?.skipchecks, undefined);
});

test('a cluster of one node keeps one replica, from v1.2.0 on, the first release with this setting', async () => {
  const one = await configOf('harv-1', [OTHERS, '']);
  assert.is(one.install?.harvester?.storage_class?.replica_count, 1);
  assert.is((await configOf('harv-1', [OTHERS, ''], release('v1.1.2'))).install?.harvester, undefined);
});

test('two nodes and a witness keep two replicas; three nodes keep the default', async () => {
  const witness: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, role: witness }'];
  const two = await configOf('harv-1', witness);
  assert.is(two.install?.harvester?.storage_class?.replica_count, 2);
  assert.is((await configOf('harv-1')).install?.harvester, undefined);
});

test('replicas are set only for the create node', async () => {
  const config = await configOf('harv-2', [OTHERS, `${OTHERS.split('\n')[0]}\n`], silent('two-node-cluster'));
  assert.is(config.install?.harvester, undefined);
});

test('replicas that are set stay unchanged', async () => {
  const config = await configOf(
    'harv-1',
    [OTHERS, ''],
    [
      'mode: create }',
      'mode: create, config: { install: { harvester: { storage_class: { replica_count: 3 } } } } }',
    ],
    silent('replica-count-too-high'),
  );
  assert.is(config.install?.harvester?.storage_class?.replica_count, 3);
});

test('derived values have a derivation, and values that are set have none', async () => {
  const site = await resolved();
  const { config } = node(site, 'harv-1');
  assert.is(derivationOf(config, 'token'), "the cluster's token");
  assert.is(derivationOf(config.install as object, 'vip'), "the cluster's VIP");
  assert.is(derivationOf(config.install as object, 'device'), undefined);
  assert.is(derivationOf(config.os as object, 'hostname'), "the node's name");
});

test('a value that replaces a derived one is not derived', async () => {
  const config = await configOf('harv-1', [
    'mode: create }',
    'mode: create, config: { os: { hostname: harv-1 } } }',
  ]);
  assert.is(derivationOf(config.os as object, 'hostname'), undefined);
});

test.run();
