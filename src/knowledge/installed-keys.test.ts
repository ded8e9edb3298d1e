import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVersion } from '../values/version.ts';
import { isOwnSetting } from './cluster-dump.ts';
import { configSchema, follow } from './config-schema.ts';
import { inRelease, installedKey, installedKeys } from './installed-keys.ts';
import type { ConfigSchema } from './schemas.ts';

/** Returns the paths of all keys of the schema, for every release, that have no keys inside. */
function leaves(part: ConfigSchema, path: string): string[] {
  const inner = Object.entries(part.properties ?? {}).flatMap(([name, one]) =>
    leaves(follow(one), path ? `${path}.${name}` : name),
  );
  return inner.length > 0 ? inner : [path];
}

const KEYS = leaves(configSchema(), '');
const SETTINGS = Object.keys(configSchema().properties?.system_settings?.properties ?? {});

test('every key of the installer, of any release, has a row', () => {
  assert.ok(KEYS.length > 130, `${KEYS.length} keys`);
  assert.equal(
    KEYS.filter((key) => !installedKey(key)),
    [],
  );
});

test('every row is about a key of the schema, once, with its source', () => {
  const keys = [...installedKeys().values()].map(({ key }) => key);
  assert.equal(
    keys.filter((key) => !KEYS.some((leaf) => leaf === key || leaf.startsWith(`${key}.`))),
    [],
  );
  assert.equal(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
  assert.equal(
    [...installedKeys().values()].filter(({ source, how }) => !source || !how),
    [],
  );
});

test('a key that an object changes has the state after its removal', () => {
  const changed = [...installedKeys().values()].filter(
    ({ reach }) => reach === 'cluster' || reach === 'reboot',
  );
  assert.equal(
    changed.filter(({ removed }) => !removed),
    [],
  );
});

test('a comparison with a cluster ignores the settings that no object changes', () => {
  assert.ok(isOwnSetting('api-ui-version'));
  for (const name of SETTINGS)
    assert.is(isOwnSetting(name), installedKey(`system_settings.${name}`)?.reach === 'none', name);
});

test('a row includes names of the inventory, with dots and brackets', () => {
  assert.is(installedKey('os.sysctls.net.ipv4.ip_forward')?.key, 'os.sysctls');
  assert.is(installedKey('os.write_files[0].content')?.key, 'os.write_files');
  assert.is(installedKey('os.sysctlsx'), undefined);
  assert.is(installedKey('system_settings.unknown'), undefined);
});

test('before CloudInit, the change of an operating system is manual', () => {
  const row = installedKey('os.sysctls');
  assert.ok(row);
  const [old, now] = ['v1.2.2', 'v1.3.0'].map((release) => parseVersion(release));
  assert.ok(old && now);
  assert.is(inRelease(row)(now), row);
  assert.equal(
    { ...inRelease(row)(old), source: '' },
    {
      ...row,
      reach: 'manual',
      how: 'edit /oem/90_custom.yaml on each node, then reboot it',
      source: '',
    },
  );
});

test.run();
