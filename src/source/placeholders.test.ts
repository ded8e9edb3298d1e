import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { encodeSecret, insertPlaceholders, placeholdersIn } from './placeholders.ts';

const testMarks = suite('placeholders of secrets');

testMarks('references become placeholders, and nothing else changes', () => {
  assert.is(insertPlaceholders('${secret:a}'), '@@secret:a@@');
  assert.is(insertPlaceholders('x${secret:a_1}y${secret:b}$&z'), 'x@@secret:a_1@@y@@secret:b@@$&z');
  assert.is(insertPlaceholders('${net0/ip} $1 $$'), '${net0/ip} $1 $$');
});

testMarks('placeholders contain their format, and are found again', () => {
  const text = `a ${insertPlaceholders('${secret:b}', 'json')} c${insertPlaceholders('${secret:d_1}')}`;
  assert.is(text, 'a @@secret:b:json@@ c@@secret:d_1@@');
  assert.equal(placeholdersIn(text), [
    { name: 'b', format: 'json', start: 2, end: 19 },
    { name: 'd_1', format: 'text', start: 21, end: 35 },
  ]);
  assert.equal(placeholdersIn('@@secret:B@@ @@secret:a:xml@@ @@secret:@@'), []);
});

testMarks.run();

const testSecretFormat = suite('encoded secrets');

const NASTY = [
  'plain',
  '',
  ' ',
  ' both ends ',
  '"',
  '\\',
  '\\"',
  '\\n',
  "it's",
  '$',
  '$host ${secret:x} $$ $1',
  '@@secret:other@@',
  '{{ .Hostname }}',
  '#',
  ': ',
  '- ',
  '; } {',
  '%s %00',
  'Zürich 東京 🙂',
  '\u00a0\u00ad\u200b\u2028\u2029\ufeff\u202e',
  'two\nlines\r\n\ttab\n',
  '\0\u0007\u001b\u007f\u0085',
  '\\x24 \\u0024',
  '</script>',
  '123',
  'true',
];

for (const version of ['1.1', '1.2'] as const) {
  testSecretFormat(`each is parsed back from YAML ${version}, from JSON in it, and from YAML in it`, () => {
    for (const value of NASTY) {
      const read = (text: string) => parse(text, { version });
      assert.is(read(`a: "${encodeSecret(value, 'text')}"`).a, value);
      assert.is(read(`a: "x${encodeSecret(value, 'text')}y"`).a, `x${value}y`);
      const json = read(`a: "{\\"b\\":\\"x${encodeSecret(value, 'json')}y\\"}"`).a;
      assert.is(JSON.parse(json).b, `x${value}y`);
      const yaml = read(`a: "b: \\"x${encodeSecret(value, 'yaml')}y\\"\\n"`).a;
      assert.is(read(yaml).b, `x${value}y`);
    }
  });
}

testSecretFormat('none contains line ends, control characters or nginx variables', () => {
  for (const value of NASTY) {
    for (const format of ['text', 'json', 'yaml'] as const)
      assert.not.match(encodeSecret(value, format), /[$\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

testSecretFormat.run();
