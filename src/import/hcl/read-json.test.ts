import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainOf } from '../../../test/support/plain-hcl.ts';
import { Source } from '../../source/source.ts';
import { isHclJson, readHclJson } from './read-json.ts';

const test = suite('reading the JSON form of HCL');

function errorOf(text: string): string {
  const source = new Source('a.tfvars.json', text);
  const { error } = readHclJson(source);
  if (!error) return 'none';
  const { line, column } = source.position(error.at.start);
  return `${line}:${column} ${error.message}`;
}

test('it is detected by its brace', () => {
  assert.ok(isHclJson(' \n{"a": 1}'));
  assert.ok(isHclJson('\uFEFF{}'));
  assert.not(isHclJson('a = {}'));
  assert.not(isHclJson('# {\n'));
});

test('a string is never a template', () => {
  const { attributes } = readHclJson(new Source('a', '\uFEFF{"a": "${x} %{y} $${z}"}'));
  assert.equal(
    attributes.map(({ value }) => plainOf(value)),
    ['${x} %{y} $${z}'],
  );
});

test('any JSON is read as JSON.parse does', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ noUnicodeString: false })),
      fc.constantFrom(undefined, 2, '\t', '\r\n'),
      (value, space) => {
        const text = JSON.stringify(value, null, space === '\r\n' ? 1 : space).replaceAll(
          '\n',
          space === '\r\n' ? '\r\n' : '\n',
        );
        fc.pre(!/\\u[dD][89a-fA-F]/.test(text));
        const { attributes, error } = readHclJson(new Source('a', text));
        assert.is(error, undefined);
        const read = Object.fromEntries(attributes.map((one) => [one.name, plainOf(one.value)]));
        assert.is(JSON.stringify(read), JSON.stringify(JSON.parse(text)));
      },
    ),
  );
});

test('invalid JSON is rejected with a location', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    '"',
    ':',
    ',',
    '1',
    '01',
    '-',
    'true',
    'nul',
    '\\u00e',
    '\n',
    ' ',
    '//',
    '1.',
    '1e5',
  );
  fc.assert(
    fc.property(fc.array(pieces), (words) => {
      const text = `{${words.join('')}`;
      const { error } = readHclJson(new Source('a', text));
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.is(error === undefined, isJson, text);
    }),
    { numRuns: 5000 },
  );
});

for (const [text, message] of [
  ['{"a": 1,}', '1:9 A key in double quotes must be here.'],
  ['{a: 1}', '1:2 A key in double quotes must be here.'],
  ['{"a" 1}', '1:6 A key has no colon after it.'],
  ['{"a": 1 "b": 2}', '1:9 Two entries have no comma between them.'],
  ['{"a": [1, 2', '1:7 A list or object is not closed.'],
  ['{"a": 1}\n{}', '2:1 The file contains other text after the object.'],
  ['{"a": \'x\'}', '1:7 A value must be here, but this is not a JSON value.'],
  ['{"a": "\\ud83d"}', '1:7 A string contains half of a character, a lone surrogate.'],
  [
    '{"a": "x\ny"}',
    '1:7 A string is not valid JSON: it is not closed on its line, or contains an unknown escape sequence.',
  ],
] as const) {
  test(`is rejected: ${text}`, () => {
    assert.is(errorOf(text), message);
  });
}

test.run();
