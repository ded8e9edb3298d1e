import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVersion, type Version } from '../values/version.ts';
import { releaseSchema } from './release-schema.ts';

const test = suite('the schema of a release');

const CREATE = {
  scheme_version: 1,
  token: 'token',
  os: { hostname: 'harv-1' },
  install: {
    mode: 'create',
    device: '/dev/sda',
    iso_url: 'http://192.168.178.7/harvester.iso',
    vip: '192.168.178.40',
    vip_mode: 'static',
    management_interface: { interfaces: [{ hwAddr: '52:54:00:aa:01:01' }], method: 'dhcp' },
  },
};
const { vip, vip_mode, ...install } = CREATE.install;
const JOIN = { ...CREATE, server_url: 'https://192.168.178.40:443', install: { ...install, mode: 'join' } };

function accepts(version: string, config: object, mode?: 'create' | 'join'): boolean {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  return ajv.validate(releaseSchema(parseVersion(version) as Version, mode), config);
}

test('accepts complete configurations, each in its mode', () => {
  for (const version of ['v1.1.0', 'v1.4.1', 'v1.9.0']) {
    assert.ok(accepts(version, CREATE, 'create'));
    assert.ok(accepts(version, JOIN, 'join'));
    assert.not(accepts(version, JOIN, 'create'));
    assert.not(accepts(version, CREATE, 'join'));
  }
});

test('requires the keys that the installer needs only for a mode', () => {
  const { token, ...rest } = CREATE;
  assert.not(accepts('v1.4.1', rest, 'create'));
  assert.ok(accepts('v1.4.1', rest));
});

test('settings are strings, although harvgen accepts maps', () => {
  const whole = (value: unknown) => ({ ...CREATE, system_settings: { 'overcommit-config': value } });
  assert.ok(accepts('v1.4.1', whole('{"cpu":800}'), 'create'));
  assert.not(accepts('v1.4.1', whole({ cpu: 800 }), 'create'));
});

test('rejects a value type from a later release', () => {
  const whole = (value: unknown) => ({ os: { externalStorageConfig: { multiPathConfig: value } } });
  const list = [{ vendor: 'NETAPP', product: 'LUN' }];
  const map = { blacklistWwids: ['.*'] };
  assert.equal(
    ['v1.6.1', 'v1.7.0'].map((version) => [accepts(version, whole(list)), accepts(version, whole(map))]),
    [
      [true, false],
      [true, true],
    ],
  );
});

test("contains no keywords of harvgen's own", () => {
  const text = JSON.stringify(releaseSchema(parseVersion('v1.8.1') as Version));
  assert.not.match(text, /"x-|"\$ref"|"format":/);
  assert.match(text, '"title":"Configuration of Harvester v1.8.1"');
});

test('every validator checks MAC addresses and subnets', () => {
  const cidr = (text: string) => ({ install: { cluster_pod_cidr: text } });
  assert.ok(accepts('v1.5.1', cidr('10.52.0.0/16')));
  assert.not(accepts('v1.5.1', cidr('10.52.0.0')));
  assert.not(accepts('v1.5.1', { install: { vip_hw_addr: '52:54:00' } }));
});

test.run();
