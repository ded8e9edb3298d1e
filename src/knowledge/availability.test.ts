import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVersion, type Version } from '../values/version.ts';
import {
  availability,
  type ConfigSchema,
  configSchema,
  follow,
  hasNoEffect,
  instead,
  usefulKeys,
} from './config-schema.ts';

const test = suite('what a release has');

const release = (text: string) => parseVersion(text) as Version;

function key(path: string): ConfigSchema {
  return path.split('.').reduce((at, name) => follow(at.properties?.[name] as ConfigSchema), configSchema());
}

test('a key is too new before its first release, there from then on, and gone after its last', () => {
  const wipe = key('install.wipe_disks');
  const seen = ['v1.2.1', 'v1.2.2', 'v1.4.3', 'v1.5.0', 'v1.9.0'].map((text) =>
    availability(wipe, release(text)),
  );
  assert.equal(seen, ['too-new', 'present', 'present', 'gone', 'gone']);
});

test('a release candidate has what its release has', () => {
  assert.is(availability(key('install.wipe_disks_list'), release('v1.5.0-rc1')), 'present');
  assert.is(availability(key('install.wipe_disks'), release('v1.5.0-rc1')), 'gone');
});

test('a release in between can lack a key', () => {
  const cpu = key('install.harvester.longhorn.default_settings.guaranteedInstanceManagerCPU');
  const seen = ['v1.2.2', 'v1.3.0', 'v1.3.0-rc2', 'v1.3.1'].map((text) => availability(cpu, release(text)));
  assert.equal(seen, ['present', 'gone', 'gone', 'present']);
});

test('a key can have lost its effect, or never had one', () => {
  assert.is(hasNoEffect(key('install.silent'), release('v1.2.1')), false);
  assert.is(hasNoEffect(key('install.silent'), release('v1.2.2')), true);
  assert.is(hasNoEffect(key('install.management_interface.default_route'), release('v1.1.0')), true);
  assert.is(hasNoEffect(key('install.device'), release('v1.9.0')), false);
});

test('keys worth setting are those that are there, do something, and are not internal', () => {
  const keys = usefulKeys(key('install'), release('v1.4.1'));
  assert.ok(keys.includes('wipe_disks'));
  for (const none of ['wipe_disks_list', 'cordoned', 'force_gpt', 'automatic'])
    assert.not(keys.includes(none));
  assert.not(usefulKeys(configSchema(), release('v1.4.1')).includes('runtime_version'));
});

test('another key serves instead where there is one, and a release has it', () => {
  const other = (name: string, text: string) =>
    instead(key(`install.${name}`), key('install'), release(text));
  assert.is(other('wipe_disks', 'v1.6.1'), 'wipe_disks_list');
  assert.is(other('wipe_disks_list', 'v1.4.1'), 'wipe_disks');
  assert.is(other('wipe_all_disks', 'v1.2.1'), undefined);
  assert.is(other('cordoned', 'v1.4.1'), undefined);
});

test.run();
