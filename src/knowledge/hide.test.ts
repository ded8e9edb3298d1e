import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Path } from '../source/leaf.ts';
import { shown } from './hide.ts';

const test = suite('hidden secrets');

const SETTINGS = ['config', 'system_settings'];

test('hides every value that is a secret in the schema', () => {
  const secrets: Path[] = [
    ['config', 'token'],
    ['config', 'os', 'password'],
    ['config', 'install', 'webhooks', 0, 'basicAuth', 'password'],
    [...SETTINGS, 'backup-target', 'secretAccessKey'],
    [...SETTINGS, 'ssl-certificates', 'privateKey'],
    [...SETTINGS, 'containerd-registry', 'Configs', 'registry.example.org:5000', 'Auth', 'Password'],
    ['bmc', 'password'],
    ['config', 'os', 'environment', 'API_KEY'],
    ['config', 'install', 'webhooks', 0, 'headers', 'Authorization', 0],
  ];
  for (const path of secrets) {
    for (const value of ['hunter2', '$6$salt$hash', 12345, 'x${secret:name}'])
      assert.is(shown(value, path), '***', path.join(' '));
    assert.is(shown('${secret:name}', path), '${secret:name}');
    assert.is(shown('${secret:a}${secret:b}', path), '${secret:a}${secret:b}');
  }
});

test('shows values that are not secrets', () => {
  const values: [unknown, Path][] = [
    ['harv-1', ['config', 'os', 'hostname']],
    ['admin', ['bmc', 'user']],
    ['password', ['labels', 'password']],
    [3, ['config', 'install', 'harvester', 'storage_class', 'replica_count']],
    ['plain', ['config', 'os', 'environment', 'PATH']],
    ['true', ['config', 'os', 'environment', 'PASSWORD_LOGIN']],
    ['${secret:key}', ['config', 'os', 'environment', 'API_KEY']],
    ['Bearer ${secret:hook}', ['config', 'install', 'webhooks', 0, 'headers', 'Authorization', 0]],
    ['AKIA', [...SETTINGS, 'backup-target', 'accessKeyId']],
    [[], ['disks']],
    ['x', ['no', 'such', 'key']],
  ];
  for (const [value, path] of values) assert.equal(shown(value, path), value);
});

test('hides only the secrets in a setting with JSON text', () => {
  const path = [...SETTINGS, 'backup-target'];
  assert.is(
    shown('{ "type": "s3", "secretAccessKey": "abc" }', path),
    '{"type":"s3","secretAccessKey":"***"}',
  );
  for (const value of ['{ "secretAccessKey": "${secret:key}" }', '{"type": "nfs"}', ''])
    assert.is(shown(value, path), value);
  assert.is(shown('{"secretAccessKey": "abc"', path), '***', 'invalid JSON may contain anything');
  assert.is(
    shown('{"Configs":{"r.example.org":{"Auth":{"Username":"me","Password":"abc"}}}}', [
      ...SETTINGS,
      'containerd-registry',
    ]),
    '{"Configs":{"r.example.org":{"Auth":{"Username":"me","Password":"***"}}}}',
  );
});

test('hides the credentials of a URL everywhere', () => {
  const path = [...SETTINGS, 'http-proxy', 'httpProxy'];
  assert.is(shown('http://me:hunter2@proxy:3128', path), 'http://***@proxy:3128');
  for (const value of ['http://proxy:3128', 'http://me:${secret:p}@proxy:3128'])
    assert.is(shown(value, path), value);
  assert.is(
    shown('{"httpProxy":"http://me:hunter2@proxy:3128"}', [...SETTINGS, 'http-proxy']),
    '{"httpProxy":"http://***@proxy:3128"}',
  );
});

test('hides base64 with a secret, as in a file that is encoded', () => {
  const path = ['config', 'os', 'write_files', 0, 'content'];
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  assert.is(shown(encoded('\npassword: hunter2\n'), path), '***');
  for (const text of ['\nPlant 2, rack B\n', 'password: ${secret:login}\n'])
    assert.is(shown(encoded(text), path), encoded(text));
});

test.run();
