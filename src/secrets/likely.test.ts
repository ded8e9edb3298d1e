import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { likelySecrets } from './likely.ts';

const test = suite('likely secrets');

/** The text as it may be shown. */
function shown(text: string): string {
  let result = text;
  for (const { start, end } of likelySecrets(text))
    result = result.slice(0, start) + result.slice(start, end).replace(/[^\n]/g, '*') + result.slice(end);
  return result.replace(/\*+/g, '*');
}

for (const [text, expected] of Object.entries({
  'token: hunter2': 'token: *',
  'token: hunter2 # old': 'token: *',
  'cluster: { vip: 192.168.178.40, token: hunter2 }': 'cluster: { vip: 192.168.178.40, token: *}',
  'cluster: { token: hunter2, vip: 192.168.178.40 }': 'cluster: { token: *, vip: 192.168.178.40 }',
  'cluster: { token: "hunter2, and more", vip: x }': 'cluster: { token: *, vip: x }',
  "{ password: 'a}b' }": '{ password: * }',
  'token: "hunter2 \\" three" # x': 'token: * # x',
  "token: 'hunter2 '' three' # x": 'token: * # x',
  's: "{\\"password\\":\\"hunter\\\\\\" three\\", \\"a\\": 1}"': 's: "{\\"password\\":*, \\"a\\": 1}"',
  'token: "hunter2': 'token: *',
  'token: [hunter2': 'token: *',
  'tokn: hunter2': 'tokn: *',
  'Pasword: hunter2': 'Pasword: *',
  'token: *hunter2': 'token: *',
  'a:\n  token: |\n    hunter2\n    three\n  vip: x': 'a:\n  token: *\n*\n*\n  vip: x',
  'a:\n  token: "hunter2\n    three"\n  vip: x': 'a:\n  token: *\n*\n  vip: x',
  'a:\n  - token:\n      hunter2\n  - b': 'a:\n  - token:\n*\n  - b',
  's: \'{"type": "s3", "secretAccessKey":"hunter2", "cert": ""}\'':
    's: \'{"type": "s3", "secretAccessKey":*, "cert": ""}\'',
  's: "{\\"type\\": \\"s3\\", \\"secretAccessKey\\":\\"hunter2\\", \\"cert\\": \\"\\"}"':
    's: "{\\"type\\": \\"s3\\", \\"secretAccessKey\\":*, \\"cert\\": \\"\\"}"',
  'proxy: http://user:hunter2@10.0.0.1:3128': 'proxy: http://user:*@10.0.0.1:3128',
  'k: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIE\n  -----END RSA PRIVATE KEY-----\nb: c':
    'k: |\n  *\n*\n*\nb: c',
  'k: |\n  -----BEGIN PRIVATE KEY-----\n  MIIE': 'k: |\n  *\n*',
}))
  test(`hides ${JSON.stringify(text)}`, () => {
    assert.is(shown(text), expected);
  });

for (const text of [
  'token: ${secret:cluster_token}',
  'token: "${secret:Name}"',
  'token: &t ${secret:a}',
  '{ token: "${secret:a}", password: "${ secret.b }" }',
  'mode: create',
  'node: { path: /dev/sda, pattern: x, auto: y }',
  'server: { secrets: /etc/nginx/x.conf }',
  'disable_password_auth: true',
  'proxy: http://user:${secret:proxy}@10.0.0.1:3128',
  'url: http://192.168.178.7:8080',
])
  test(`shows ${text}`, () => {
    assert.is(shown(text), text);
  });

test('is quick with a large text', () => {
  const text = 'nodes:\n'.padEnd(2_000_000, '  harv-1: { mac: 52:54:00:aa:01:01, token: hunter2 }\n');
  const before = performance.now();
  likelySecrets(text);
  assert.ok(performance.now() - before < 2000);
});

test.run();
