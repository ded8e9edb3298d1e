import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeSecret } from '../source/placeholders.ts';
import type { File, Tree } from '../tree/tree.ts';
import { fillSecrets, foundSecrets, unfill } from './fill.ts';

const test = suite('substituting secrets');
const CONFIG = 'www/config/52-54-00-aa-01-01.yaml';

function filledFile(content: string, values: Readonly<Record<string, string>>): File {
  const tree = fillSecrets(new Map([[CONFIG, { content }]]), new Map(Object.entries(values)));
  return tree.get(CONFIG) as File;
}

test('each placeholder becomes its value, quoted for its context; positions are in bytes', () => {
  const content = '# Zürich\ntoken: "@@secret:a@@"\nmap: "{\\"x\\":\\"@@secret:a:json@@\\"}"\n';
  const file = filledFile(content, { a: 'é"' });
  assert.is(file.content, '# Zürich\ntoken: "é\\""\nmap: "{\\"x\\":\\"é\\\\\\"\\"}"\n');
  assert.is(file.confidential, true);
  assert.equal(file.secrets, [
    { start: 18, length: 4, mark: '@@secret:a@@' },
    { start: 39, length: 6, mark: '@@secret:a:json@@' },
  ]);
});

test('a value that looks like a placeholder stays unchanged', () => {
  const file = filledFile('@@secret:a@@ @@secret:b@@', { a: '@@secret:b@@', b: '@@secret:a@@' });
  assert.is(file.content, '@@secret:b@@ @@secret:a@@');
});

test('a placeholder without a value is text', () => {
  const file = filledFile('@@secret:other@@ @@secret:a@@', { a: 'x' });
  assert.is(file.content, '@@secret:other@@ x');
  assert.equal(filledFile('@@secret:other@@', { a: 'x' }), { content: '@@secret:other@@' });
});

test("changes no other file, also not the site's description, and not its arguments", () => {
  const files: [string, File][] = [
    'README.md',
    'www/boot.ipxe',
    'www/inventory.json',
    'tftp/node01.ipxe',
    'www/ipxe/notes.txt',
    'www/config/notes.txt',
    'config/52-54-00-aa-01-01.yaml',
  ].map((path) => [path, { content: '@@secret:a@@' }]);
  const tree: Tree = new Map([...files, [CONFIG, { content: '@@secret:a@@' }]]);
  const filled = fillSecrets(tree, new Map([['a', 'x']]));
  for (const [path, file] of files) assert.is(filled.get(path), file, path);
  assert.is(filled.get(CONFIG)?.content, 'x');
  assert.equal(tree.get(CONFIG), { content: '@@secret:a@@' });
});

test("substitutes in nodes' scripts, under each of their names, and in files of the iSCSI server", () => {
  for (const path of [
    'www/ipxe/52-54-00-aa-01-01.ipxe',
    'www/ipxe/10.1.0.11.ipxe',
    'www/ipxe/4c4c4544-0042-3510-8057-b7c04f4d3332.ipxe',
    'www/ipxe/serial/J1KL2.ipxe',
    'iscsi/tgt/node01.conf',
  ]) {
    const filled = fillSecrets(
      new Map([[path, { content: 'set password @@secret:a@@' }]]),
      new Map([['a', 'x']]),
    );
    assert.is(filled.get(path)?.content, 'set password x', path);
    assert.is(filled.get(path)?.confidential, true, path);
  }
});

test('placeholders are restored for any values', () => {
  const values = ['', 'x', '@@secret:b@@', 'Zürich 東京 🙂', 'two\nlines', '"\\$', 'x'.repeat(5000)];
  for (const a of values) {
    for (const b of values) {
      const content = 'é: "@@secret:a@@@@secret:b@@"\n🙂: "@@secret:b:yaml@@ @@secret:a:json@@"';
      const file = filledFile(content, { a, b });
      const bytes = Buffer.from(file.content);
      assert.is(unfill(bytes, file.secrets ?? [])?.toString(), content);
      assert.equal(
        foundSecrets(bytes, file.secrets ?? []).map(({ mark, bytes }) => [mark, bytes.toString()]),
        [
          ['@@secret:a@@', encodeSecret(a, 'text')],
          ['@@secret:b@@', encodeSecret(b, 'text')],
          ['@@secret:b:yaml@@', encodeSecret(b, 'yaml')],
          ['@@secret:a:json@@', encodeSecret(a, 'json')],
        ],
      );
    }
  }
});

test('rejects positions that do not fit the content', () => {
  const secret = (start: number, length: number) => ({ start, length, mark: '@@secret:a@@' });
  const content = Buffer.from('0123456789');
  assert.is(unfill(content, [secret(2, 3), secret(5, 5)])?.toString(), '01@@secret:a@@@@secret:a@@');
  for (const secrets of [
    [secret(2, 9)],
    [secret(11, 0)],
    [secret(-1, 2)],
    [secret(2, -1)],
    [secret(2, 3), secret(4, 1)],
    [secret(5, 1), secret(2, 1)],
  ])
    assert.is(unfill(content, secrets), undefined, JSON.stringify(secrets));
});

test.run();
