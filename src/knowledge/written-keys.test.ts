import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writtenKeys } from './config-schema.ts';

const test = suite('the keys that a configuration holds');

const paths = (config: object) => writtenKeys(config).map(({ path }) => path);

test('outer keys before inner ones, through maps, lists and freely named keys', () => {
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

test('what the schema does not know is passed over, with all that is in it', () => {
  assert.equal(paths({ nothing: { token: 'x' }, os: { none: 1 } }), ['os']);
});

test('a hole in a list, left by a value at fault, is passed over', () => {
  assert.equal(paths({ install: { webhooks: [undefined, { event: 'STARTED' }] } }), [
    'install',
    'install.webhooks',
    'install.webhooks[1].event',
  ]);
});

test('each key comes with what the schema says of it, and of the key above', () => {
  const [, item] = writtenKeys({ os: { externalStorageConfig: { enabled: true } } });
  assert.is(item?.path, 'os.externalStorageConfig');
  assert.is(item?.schema['x-since'], 'v1.4.0');
  assert.is(item?.above?.['x-since'], 'v1.1.0');
});

test('a reference is followed', () => {
  const [, , address] = writtenKeys({ install: { management_interface: {}, vip: '10.0.0.1' } });
  assert.is(address?.schema.format, 'ipv4');
});

test('a configuration is gone through once', () => {
  const config = { token: 'x' };
  assert.is(writtenKeys(config), writtenKeys(config));
});

test.run();
