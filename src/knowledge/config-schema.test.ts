import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { located } from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { parseVersion, type Version } from '../values/version.ts';
import {
  availability,
  configSchema,
  follow,
  hasNoEffect,
  pathsOfOtherMode,
  replacementKey,
  usefulKeys,
  withoutOtherMode,
  writtenKeys,
} from './config-schema.ts';
import type { HarvesterConfig } from './harvester-config.gen.ts';
import type { ConfigSchema } from './schemas.ts';

const testAvailability = suite('the keys of a release');

const release = (text: string) => parseVersion(text) as Version;

function key(path: string): ConfigSchema {
  return path.split('.').reduce((at, name) => follow(at.properties?.[name] as ConfigSchema), configSchema());
}

testAvailability(
  'a key is too new before its first release, then present, and gone after its last release',
  () => {
    const wipe = key('install.wipe_disks');
    const found = ['v1.2.1', 'v1.2.2', 'v1.4.3', 'v1.5.0', 'v1.9.0'].map((text) =>
      availability(wipe, release(text)),
    );
    assert.equal(found, ['too-new', 'present', 'present', 'gone', 'gone']);
  },
);

testAvailability('a release candidate has the keys of its release', () => {
  assert.is(availability(key('install.wipe_disks_list'), release('v1.5.0-rc1')), 'present');
  assert.is(availability(key('install.wipe_disks'), release('v1.5.0-rc1')), 'gone');
});

testAvailability('a release in between can lack a key', () => {
  const cpu = key('install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU');
  const seen = ['v1.2.2', 'v1.3.0', 'v1.3.0-rc2', 'v1.3.1'].map((text) => availability(cpu, release(text)));
  assert.equal(seen, ['present', 'gone', 'gone', 'present']);
});

testAvailability('a key can lose its effect, or never have one', () => {
  assert.is(hasNoEffect(key('install.silent'), release('v1.2.1')), false);
  assert.is(hasNoEffect(key('install.silent'), release('v1.2.2')), true);
  assert.is(hasNoEffect(key('install.management_interface.default_route'), release('v1.1.0')), true);
  assert.is(hasNoEffect(key('install.device'), release('v1.9.0')), false);
});

testAvailability('useful keys exist, have an effect and are not internal', () => {
  const keys = usefulKeys(key('install'), release('v1.4.1'));
  assert.ok(keys.includes('wipe_disks'));
  for (const useless of ['wipe_disks_list', 'cordoned', 'force_gpt', 'automatic'])
    assert.not(keys.includes(useless));
  assert.not(usefulKeys(configSchema(), release('v1.4.1')).includes('runtime_version'));
});

testAvailability('another key is the replacement if the release has it', () => {
  const other = (name: string, text: string) =>
    replacementKey(key(`install.${name}`), key('install'), release(text));
  assert.is(other('wipe_disks', 'v1.6.1'), 'wipe_disks_list');
  assert.is(other('wipe_disks_list', 'v1.4.1'), 'wipe_disks');
  assert.is(other('wipe_all_disks', 'v1.2.1'), undefined);
  assert.is(other('cordoned', 'v1.4.1'), undefined);
});

testAvailability.run();

const testModeOnly = suite('keys of one mode');

const LOCATION: SourceLocation = { source: new Source('site.yaml', ''), start: 0, end: 0 };

function config(): HarvesterConfig {
  const install = located({ device: '/dev/sda', vip: '10.0.0.1', addons: {} }, LOCATION);
  return located({ server_url: 'https://10.0.0.1', sans: [], os: {}, install }, LOCATION) as HarvesterConfig;
}

testModeOnly('the paths of keys that a node of a mode must not have', () => {
  assert.equal(pathsOfOtherMode(config(), 'create'), [['server_url']]);
  assert.equal(pathsOfOtherMode(config(), 'join'), [['sans'], ['install', 'vip'], ['install', 'addons']]);
});

testModeOnly('a copy without these keys; the original is unchanged', () => {
  const whole = config();
  assert.equal(JSON.parse(JSON.stringify(withoutOtherMode(whole, 'join'))), {
    server_url: 'https://10.0.0.1',
    os: {},
    install: { device: '/dev/sda' },
  });
  assert.equal(whole, config());
});

testModeOnly('a configuration without such keys is returned itself', () => {
  const plain = located({ os: {} }, LOCATION) as HarvesterConfig;
  assert.is(withoutOtherMode(plain, 'join'), plain);
});

testModeOnly.run();

const testWrittenKeys = suite('the keys of a configuration');

const paths = (config: object) => writtenKeys(config).map(({ path }) => path);

testWrittenKeys('outer keys before inner ones, through maps, lists and freely named keys', () => {
  const config = {
    token: 'x',
    os: { sysctls: { 'net.core.x': '1' }, modules: ['kvm'] },
    install: { webhooks: [{ event: 'STARTED' }, { headers: { Accept: ['a'] } }] },
  };
  assert.equal(paths(config), [
    'token',
    'os',
    'os.sysctls',
    'os.sysctls.net.core.x',
    'os.modules',
    'install',
    'install.webhooks',
    'install.webhooks[0].event',
    'install.webhooks[1].headers',
    'install.webhooks[1].headers.Accept',
  ]);
});

testWrittenKeys('unknown keys and their content are ignored', () => {
  assert.equal(paths({ nothing: { token: 'x' }, os: { none: 1 } }), ['os']);
});

testWrittenKeys('a missing list entry, from an invalid value, is ignored', () => {
  assert.equal(paths({ install: { webhooks: [undefined, { event: 'STARTED' }] } }), [
    'install',
    'install.webhooks',
    'install.webhooks[1].event',
  ]);
});

testWrittenKeys('each key has its schema and that of its parent key', () => {
  const [, item] = writtenKeys({ os: { externalStorageConfig: { enabled: true } } });
  assert.is(item?.path, 'os.externalStorageConfig');
  assert.is(item?.schema['x-since'], 'v1.4.0');
  assert.is(item?.above?.['x-since'], 'v1.1.0');
});

testWrittenKeys('references are resolved', () => {
  const [, , address] = writtenKeys({ install: { management_interface: {}, vip: '10.0.0.1' } });
  assert.is(address?.schema.format, 'ipv4');
});

testWrittenKeys('the keys of a configuration are computed once', () => {
  const config = { token: 'x' };
  assert.is(writtenKeys(config), writtenKeys(config));
});

testWrittenKeys.run();
