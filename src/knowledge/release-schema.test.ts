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

function takes(version: string, config: object, mode?: 'create' | 'join'): boolean {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  return ajv.validate(releaseSchema(parseVersion(version) as Version, mode), config);
}

test('whole configurations are taken, each in its mode', () => {
  for (const version of ['v1.1.0', 'v1.4.1', 'v1.9.0']) {
    assert.ok(takes(version, CREATE, 'create'));
    assert.ok(takes(version, JOIN, 'join'));
    assert.not(takes(version, JOIN, 'create'));
    assert.not(takes(version, CREATE, 'join'));
  }
});

test('what the installer stops without is demanded in a mode, and not without one', () => {
  const { token, ...rest } = CREATE;
  assert.not(takes('v1.4.1', rest, 'create'));
  assert.ok(takes('v1.4.1', rest));
});

test('settings are strings, whatever harvgen makes strings of', () => {
  const whole = (value: unknown) => ({ ...CREATE, system_settings: { 'overcommit-config': value } });
  assert.ok(takes('v1.4.1', whole('{"cpu":800}'), 'create'));
  assert.not(takes('v1.4.1', whole({ cpu: 800 }), 'create'));
});

test('a form of a value that came later is not taken before', () => {
  const whole = (value: unknown) => ({ os: { externalStorageConfig: { multiPathConfig: value } } });
  const list = [{ vendor: 'NETAPP', product: 'LUN' }];
  const map = { blacklistWwids: ['.*'] };
  assert.equal(
    ['v1.6.1', 'v1.7.0'].map((version) => [takes(version, whole(list)), takes(version, whole(map))]),
    [
      [true, false],
      [true, true],
    ],
  );
});

test("nothing of harvgen's own stands in it", () => {
  const text = JSON.stringify(releaseSchema(parseVersion('v1.8.1') as Version));
  assert.not.match(text, /"x-|"\$ref"|"format":/);
  assert.match(text, '"title":"Configuration of Harvester v1.8.1"');
});

test('MAC addresses and subnets are checked by every validator', () => {
  const cidr = (text: string) => ({ install: { cluster_pod_cidr: text } });
  assert.ok(takes('v1.5.1', cidr('10.52.0.0/16')));
  assert.not(takes('v1.5.1', cidr('10.52.0.0')));
  assert.not(takes('v1.5.1', { install: { vip_hw_addr: '52:54:00' } }));
});

test.run();
