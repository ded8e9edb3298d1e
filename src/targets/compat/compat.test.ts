import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  asReference,
  asYaml,
  leakyPlant,
  secretsOfPlant,
  secretValue,
  type Writing,
} from '../../../test/support/leaky-plant.ts';
import { type Edit, edited, PLANT } from '../../../test/support/plant.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { secretForms } from '../../../test/support/secret-forms.ts';
import { compile } from '../../compile.ts';
import { fillSecrets } from '../../secrets/fill.ts';
import { isConfigPath, isFilledPath } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';

const test = suite('the URLs of older boot servers, as files');

async function treeOf(text: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(text));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

const compat = (kinds: string): Edit => ['server:\n', `server:\n  compat: [${kinds}]\n`];

function text(tree: Tree, path: string): string {
  const file = tree.get(path);
  if (!file) throw new Error(`there is no ${path}`);
  return textOf(file);
}

const MACS = ['52:54:00:aa:01:01', '52:54:00:aa:01:02', '52:54:00:aa:01:03'];

test('generates no such files by default', async () => {
  const paths = [...(await treeOf(PLANT)).keys()];
  assert.equal(
    paths.filter((path) => path.includes(':') || path === 'www/all'),
    [],
  );
});

test('phs: copies each script and configuration to the MAC with colons, byte for byte', async () => {
  const tree = await treeOf(edited(PLANT, compat('phs, phs')));
  const added = [...tree.keys()].filter((path) => path.includes(':'));
  assert.equal(
    added,
    ['config', 'ipxe'].flatMap((folder) => MACS.map((mac) => `www/${folder}/${mac}`)),
  );
  for (const mac of MACS) {
    const key = mac.replaceAll(':', '-');
    assert.is(text(tree, `www/ipxe/${mac}`), text(tree, `www/ipxe/${key}.ipxe`));
    assert.is(text(tree, `www/config/${mac}`), text(tree, `www/config/${key}.yaml`));
  }
  assert.not.ok(tree.has('www/all'));
});

test('a machine without Harvester has a script but no configuration', async () => {
  const tree = await treeOf(
    edited(PLANT, compat('phs'), ['ip: 192.168.178.43 }\n', 'ip: 192.168.178.43, boot: { os: local } }\n']),
  );
  assert.ok(tree.has(`www/ipxe/${MACS[2]}`));
  assert.not.ok(tree.has(`www/config/${MACS[2]}`));
});

test('copies contain the same secrets as the original files', async () => {
  const filled = fillSecrets(
    await treeOf(edited(PLANT, compat('phs, phs-all'))),
    new Map([['cluster_token', 'a "token"']]),
  );
  for (const mac of MACS) assert.match(text(filled, `www/config/${mac}`), 'token: "a \\"token\\""\n');
  for (const path of [`www/config/${MACS[0]}`, 'www/config/52-54-00-aa-01-01.yaml'])
    assert.is(filled.get(path)?.confidential, true, path);
  assert.not.ok(filled.get('www/all')?.confidential);
});

test('recognizes both paths of a configuration, and no other path', () => {
  for (const path of ['www/config/52:54:00:aa:01:01', 'www/config/52-54-00-aa-01-01.yaml']) {
    assert.ok(isConfigPath(path), path);
    assert.ok(isFilledPath(path), path);
  }
  for (const path of [
    'www/ipxe/52:54:00:aa:01:01',
    'www/config/52:54:00:aa:01',
    'www/config/52:54:00:aa:01:01.txt',
    'x/www/config/52:54:00:aa:01:01',
    'www/all',
  ])
    assert.not.ok(isConfigPath(path), path);
});

test('oci-harvester: adds a script that chains to boot.ipxe, without any configuration', async () => {
  const tree = await treeOf(edited(PLANT, compat('oci')));
  const script = text(tree, 'www/harvester/boot.php');
  assert.match(
    script,
    /^#!ipxe\n# .* PHP .*\n:start\nchain --replace --autofree \.\.\/boot\.ipxe \|\| sleep 10\ngoto start\n$/,
  );
  assert.not.ok((await treeOf(PLANT)).has('www/harvester/boot.php'));
  // nginx serves this URL without the file, in pods as well.
  const pods = await treeOf(
    edited(PLANT, ['server:\n', 'server:\n  compat: [oci]\n  kubernetes: { media_claim: media }\n']),
  );
  const maps = [...pods.keys()].filter((path) => path.startsWith('k8s/tree'));
  assert.ok(maps.length > 0);
  for (const path of maps) assert.not.match(text(pods, path), 'boot.php');
});

test('the list of phs has its schema and order, with the values of the nodes', async () => {
  const tree = await treeOf(edited(PLANT, compat('phs-all')));
  const listed = text(tree, 'www/all');
  assert.match(listed, /^\{.*\}\n$/);
  const { server, downloadserver, maclist, config, Indices, ...others } = JSON.parse(listed);
  assert.equal([server, downloadserver, others], ['http://192.168.178.7', 'http://192.168.178.7', {}]);
  assert.equal(Object.keys(JSON.parse(listed)), ['server', 'downloadserver', 'maclist', 'config', 'Indices']);
  assert.equal(Indices, Object.fromEntries(MACS.map((mac, index) => [mac, index])));
  const [first, second] = maclist;
  assert.equal(Object.keys(first), ['macaddress', 'values']);
  const { config: created, ...values } = first.values;
  assert.equal(first.macaddress, MACS[0]);
  assert.equal(values, {
    ipaddress: '192.168.178.41',
    netmask: '255.255.255.0',
    gateway: '192.168.178.1',
    version: 'v1.4.1',
    type: 'create',
  });
  assert.equal([created.token, created.os.hostname, created.install.mode], ['***', 'harv-1', 'create']);
  assert.equal(Object.keys(created), [...Object.keys(created)].sort());
  assert.is(second.values.type, 'join');
  const [{ cluster, config_create, config_join, ...more }] = config;
  assert.equal([cluster, more, config.length], ['plant', {}, 1]);
  assert.equal(config_create, created);
  // The values that all joining nodes share: hostnames differ.
  assert.is(config_join.os.hostname, undefined);
  assert.is(config_join.server_url, 'https://192.168.178.40:443');
  assert.is(config_join.install.device, second.values.config.install.device);
});

test('the list of phs contains no secret, as a reference or in clear text', async () => {
  const inClear: Writing = secretValue;
  for (const write of [asReference, inClear]) {
    const plant = leakyPlant(write);
    const site = { ...plant, server: { ...plant.server, compat: ['phs-all'] } };
    const listed = text(await treeOf(asYaml(site)), 'www/all');
    assert.match(listed, '***');
    assert.not.match(listed, /@@secret|\$\{secret/);
    for (const name of secretsOfPlant())
      for (const form of secretForms(secretValue(name))) assert.not.ok(listed.includes(form), name);
  }
});

test.run();
