import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { encodeSecret } from './marks.ts';

const test = suite('secrets as they are written');

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
  test(`each is read back from YAML ${version}, from JSON in it, and from YAML in it`, () => {
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

test('none holds what ends a line, drives a terminal, or is a variable of nginx', () => {
  for (const value of NASTY) {
    for (const format of ['text', 'json', 'yaml'] as const)
      assert.not.match(encodeSecret(value, format), /[$\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

test.run();
