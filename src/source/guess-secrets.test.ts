import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Span } from '../values/spans.ts';
import { guessJoinedSecrets, guessSecrets, maskSecrets } from './guess-secrets.ts';

const test = suite('likely secrets');

/** Returns the text for display. */
function shown(text: string, find: (text: string) => readonly Span[] = guessSecrets): string {
  let result = text;
  for (const { start, end } of find(text))
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
  'proxy: http://user:hunter2@10.0.0.1:3128': 'proxy: http://*@10.0.0.1:3128',
  'git: https://ghp_abc@github.com/x': 'git: https://*@github.com/x',
  'proxy: http://u:p@ss@host/a@b': 'proxy: http://*@host/a@b',
  'a: { Authorization: [Bearer abc, Basic x] }': 'a: { Authorization: *',
  'Authorization:\n- Bearer abc\nb: c': 'Authorization:\n*\nb: c',
  'headers: { x: "Bearer abc", y: z }': 'headers: { x: "Bearer *", y: z }',
  'API_KEY: abc': 'API_KEY: *',
  'K3S_TOKEN: abc': 'K3S_TOKEN: *',
  'client_secret: abc': 'client_secret: *',
  'AWS_SECRET_ACCESS_KEY: abc': 'AWS_SECRET_ACCESS_KEY: *',
  'bootstrapPassword: abc': 'bootstrapPassword: *',
  'registry.credentials: abc': 'registry.credentials: *',
  'x-api-key: abc': 'x-api-key: *',
  'rootpassword: abc': 'rootpassword: *',
  'a:\n  password:\n                    hunter2\nb: c': 'a:\n  password:\n*\nb: c',
  "- export TOKEN='a b'; ls": '- export TOKEN=*; ls',
  '- export DB_PASSWORD=abc': '- export DB_PASSWORD=*',
  '- join --token abc --vip x': '- join --token * --vip x',
  'password = "two words" # x': 'password = * # x',
  'password = two words # x': 'password = * # x',
  'password = two words\nuser = x': 'password = *\nuser = x',
  '- join --token=abc --vip x': '- join --token=* --vip x',
  '- "curl -H \'Authorization: Basic abc\' x"': '- "curl -H \'Authorization: *',
  "token: 'hunter''2 and": 'token: *',
  'token: ${secret:My-Real-Value}': 'token: *',
  'token: "${secret:Name}"': 'token: *',
  'x: Bearer ${secret:Real}': 'x: Bearer *}',
  'proxy: http://user:${secret:Real}@10.0.0.1': 'proxy: http://*@10.0.0.1',
  'k: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIE\n  -----END RSA PRIVATE KEY-----\nb: c':
    'k: |\n  *\n*\n*\nb: c',
  'prefix: dop_v1_00112233445566778899 # x': 'prefix: * # x',
  'a: ghp_0123456789abcdefghij0123456789abcdef': 'a: *',
  '- echo AKIA0123456789ABCDEF > x': '- echo * > x',
  'x: token-ab1cd:0123456789012345678901234567890123456789abcd': 'x: *',
  'k: |\n  -----BEGIN PRIVATE KEY-----\n  MIIE': 'k: |\n  *\n*',
}))
  test(`hides ${JSON.stringify(text)}`, () => {
    assert.is(shown(text), expected);
  });

for (const text of [
  'token: ${secret:cluster_token}',
  'token: &t ${secret:a}',
  '{ token: "${secret:a}", password: "${ secret.b }" }',
  'mode: create',
  'a: dop_v1_image',
  'image: rancher/token-abcde:v1.2.3',
  'node: { path: /dev/sda, pattern: x, auto: y }',
  'server: { secrets: /etc/nginx/x.conf }',
  'disable_password_auth: true',
  'proxy: http://user:${secret:proxy}@10.0.0.1:3128',
  'url: http://192.168.178.7:8080',
  'disable_password_auth: "true" # no',
  'accessKeyId: AKIA',
  'PASSWORD_FILE: /etc/acme/password',
  'ssh_public_key: ssh-ed25519 AAAA',
  'kubeconfig-default-token-ttl-minutes: 60',
  '- export TOKEN=${secret:token}',
  '- join --token ${secret:token} --vip x',
  'Authorization: "Bearer ${secret:hook}"',
  'x: Bearer ${secret:hook}',
  'password: "@@secret:login@@"',
  '- a token of the cluster',
  'monkey: x, keyboard: us, tokenizer: y',
])
  test(`shows ${text}`, () => {
    assert.is(shown(text), text);
  });

/** Texts for which a search that restarts at each offset takes minutes. */
const LONG: Readonly<Record<string, string>> = {
  letters: 'a',
  'keys without values': 'token: ',
  'keys below each other': 'token:\n',
  'keys within brackets': '{ token: a, ',
  references: 'token: ${secret:x} ',
  'open quotes': 'token: "',
  'open brackets': 'token: [',
  'quotes within quotes': "token=''' ",
  escapes: 'token="\\',
  'escaped quotes': 'token: \\"\\\\',
  options: '--token-',
  logins: '://a@',
  servers: '://a:',
  bearers: 'Bearer \t',
  'beginnings of keys': '-----BEGIN PRIVATE KEY',
  'private keys without an end': '-----BEGIN PRIVATE KEY-----',
  blanks: 'token: \n\n\n',
  capitals: 'aB',
  dashes: '-',
};

for (const [name, piece] of Object.entries(LONG))
  test(`reads a long text once: ${name}`, () => {
    const text = piece.repeat(400_000 / piece.length);
    for (const one of [text, `x: "${text}"`, `token: ${text}`, `${text}\ntoken: hunter2`])
      assert.not.match(maskSecrets(one), 'hunter2');
  });

test('entries without a colon, or without a blank after it', () => {
  for (const [text, expected] of Object.entries({
    'cluster:\n  token:hunter2 x\n': 'cluster:\n  token:*\n',
    '{ vip: 10.0.0.9, token:hunter2 }': '{ vip: 10.0.0.9, token:*}',
    '  - password hunter2': '  - password *',
    'vip:10.0.0.9': 'vip:10.0.0.9',
    'token:${secret:a}': 'token:${secret:a}',
    '{ a: ${secret:name} }': '{ a: ${secret:name} }',
  }))
    assert.is(shown(text, guessJoinedSecrets), expected, text);
});

test.run();
