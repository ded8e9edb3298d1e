import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { at, foundIn, node, plain, resolvedFrom } from '../../test/support/resolved.ts';
import { locationOf } from '../source/origin.ts';

const test = suite('the cloud-init data of a node');

/** A second group of the first node. */
const SECOND: [string, string] = ['    groups: [compute]', '    groups: [compute, login]'];

function groupOf(userData: string): [string, string] {
  return ['profiles:\n', `  login: { cloud_init: { user_data: ${userData} } }\nprofiles:\n`];
}

test('maps of groups and layers merge by key, lists are concatenated, later values take precedence', async () => {
  const site = await resolvedFrom(
    CLOUD_INIT_PLANT,
    SECOND,
    [GROUP_USER_DATA, 'user_data: { packages: [a], locale: C, ntp: { enabled: true, servers: [x] } }'],
    groupOf('{ packages: [b], locale: de_DE, ntp: { servers: [y], pools: [z] } }'),
    [OWN_USER_DATA, 'user_data: { packages: [c], ntp: { enabled: false } }'],
  );
  const parts = node(site, 'cg01').cloudInit?.userData ?? [];
  assert.equal(plain(parts), [
    {
      packages: ['a', 'b', 'c'],
      locale: 'de_DE',
      ntp: { enabled: false, servers: ['x', 'y'], pools: ['z'] },
    },
  ]);
  const [map] = parts as readonly { readonly packages: string[]; readonly ntp: object }[];
  assert.ok(map);
  assert.equal(
    [0, 1, 2].map((index) => at(locationOf(map.packages, index))),
    ['8:31', '9:50', '21:31'],
  );
  assert.is(at(locationOf(map, 'ntp')), '21:40');
});

test('within the layers, a list replaces the lower one, as everywhere', async () => {
  const site = await resolvedFrom(CLOUD_INIT_PLANT, [
    'profiles:\n',
    'defaults: { cloud_init: { user_data: { packages: [below], runcmd: [below] } } }\nprofiles:\n',
  ]);
  assert.equal(plain(node(site, 'cg01').cloudInit?.userData), [
    { packages: ['slurmd', 'below'], runcmd: ['systemctl start slurmd'] },
  ]);
});

test('texts come after the maps, in order; a text of cloud-config is a map, by YAML 1.1', async () => {
  const site = await resolvedFrom(
    CLOUD_INIT_PLANT,
    SECOND,
    [GROUP_USER_DATA, 'user_data: "#!/bin/sh\\n"'],
    groupOf('"#cloud-config\\nwrite_files: [{ path: /x, permissions: 0640 }]\\nssh_pwauth: no\\n"'),
  );
  assert.equal(plain(node(site, 'cg01').cloudInit?.userData), [
    {
      write_files: [{ path: '/x', permissions: 0o640 }],
      ssh_pwauth: false,
      runcmd: ['systemctl start slurmd'],
    },
    '#!/bin/sh\n',
  ]);
});

test('meta-data is merged too; vendor-data and the network configuration come only from layers', async () => {
  const site = await resolvedFrom(
    CLOUD_INIT_PLANT,
    [GROUP_USER_DATA, 'meta_data: { rack: b, row: 1 }'],
    [OWN_USER_DATA, 'meta_data: { row: 2 }, vendor_data: "#!/bin/sh\\n", network_config: { version: 2 }'],
    ['    cloud_init:\n      meta_data: { row', '    cloud_init: { meta_data: { row'],
    ['{ version: 2 }', '{ version: 2 } }'],
  );
  const { metaData, vendorData, networkConfig } = node(site, 'cg01').cloudInit ?? {};
  assert.equal(plain([metaData, vendorData, networkConfig]), [
    { rack: 'b', row: 2 },
    ['#!/bin/sh\n'],
    { version: 2 },
  ]);
});

test('values of the node are substituted in texts, and similar text is unchanged', async () => {
  const site = await resolvedFrom(CLOUD_INIT_PLANT, [
    GROUP_USER_DATA,
    'user_data: { runcmd: ["echo ${node:name} ${HOME} $${x} ${node-x}"], "${node:name}": [1] }',
  ]);
  const of = (name: string) => plain(node(site, name).cloudInit?.userData);
  assert.equal(of('cg02'), [{ runcmd: ['echo cg02 ${HOME} $${x} ${node-x}'], '${node:name}': [1] }]);
});

test('a missing value of a node is reported at its location', async () => {
  const [error] = await foundIn(CLOUD_INIT_PLANT, [
    GROUP_USER_DATA,
    'user_data: { runcmd: ["echo ${node:xname}"] }',
  ]);
  assert.equal(error, [
    '8:29',
    'node-value',
    'cg02 has no xname: ${node:xname} has no value.',
    'set it for the node, or remove ${node:xname}',
  ]);
});

test('nodes with the same data share it', async () => {
  const more = 'nodes:\n  cg03: { mac: 52:54:00:7c:52:03, ip: 192.168.178.43, profiles: [compute] }\n';
  const site = await resolvedFrom(CLOUD_INIT_PLANT, ['nodes:\n', more]);
  const [one, own, other] = ['cg03', 'cg01', 'cg02'].map((name) => node(site, name).cloudInit);
  assert.is(one, other);
  assert.is.not(one, own);
});

test.run();
