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

const TEXTS = ['\nPlant 2\n', '  x\ny\n', '\tZürich\ny\n', '    a\n  b\n', 'Plant 2\n'];
const FILES: Edit = [
  'os: {',
  `os: { write_files: ${JSON.stringify(TEXTS.map((content, index) => ({ path: `/etc/${index}`, content })))},`,
];

for (const version of ['v1.1.3', 'v1.2.2', 'v1.3.0', 'v1.4.1', 'v1.9.0'])
  test(`${version}: files that begin with a blank or an empty line are in base64`, async () => {
    const { write_files: files = [] } = (await configOf('harv-1', FILES, release(version))).os ?? {};
    assert.equal(
      files.map(({ encoding, content = '' }) => encoding && Buffer.from(content, 'base64').toString()),
      [...TEXTS.slice(0, 4), undefined],
    );
    assert.equal(plain(files.at(-1)), { path: '/etc/4', content: 'Plant 2\n' });
    const how =
      'in base64, because the installer cannot write text that begins with a blank or an empty line';
    for (const key of ['content', 'encoding']) assert.is(derivationOf(files[0] as object, key), how);
    assert.is(derivationOf(files[4] as object, 'content'), undefined);
  });

for (const version of ['v1.1.2', 'v1.2.0', 'v1.2.1'])
  test(`${version}: files stay text, which the installer writes correctly`, async () => {
    const { os } = await configOf('harv-1', FILES, release(version));
    assert.equal(
      os?.write_files?.map(({ content }) => content),
      TEXTS,
    );
  });

test('files with an encoding or a secret, and shared files of another release, are unchanged', async () => {
  const edits: Edit[] = [
    FILES,
    ['"path":"/etc/0",', '"path":"/etc/0","encoding":"",'],
    ['"content":"  x\\ny\\n"', '"content":"x\\n${secret:x}\\n"'],
    [
      'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
      'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}", harvester: { version: v1.2.1 } }\n',
    ],
    ['  config:\n', '  cluster: east\n  config:\n'],
    ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, cluster: west, mode: create }'],
  ];
  const site = await resolved(...edits);
  const filesOf = (name: string) => node(site, name).config.os?.write_files?.map(({ encoding }) => encoding);
  assert.equal(filesOf('harv-1'), ['b64', undefined, 'b64', 'b64', undefined]);
  assert.equal(filesOf('harv-3'), ['', undefined, undefined, undefined, undefined]);
});

test.run();
