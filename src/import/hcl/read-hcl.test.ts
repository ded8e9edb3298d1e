import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SEED } from '../../../test/support/effort.ts';
import { Source } from '../../source/source.ts';
import { readHcl } from './read-hcl.ts';

const test = suite('reading HCL');

function read(text: string): Record<string, unknown> {
  const { attributes, error } = readHcl(new Source('a.tfvars', text));
  assert.is(error, undefined, error?.message);
  return Object.fromEntries(attributes.map(({ name, value }) => [name, value.value]));
}

/** Returns the location and the message of an error. */
function errorOf(text: string): string {
  const source = new Source('a.tfvars', text);
  const { error } = readHcl(source);
  if (!error) return 'none';
  const { line, column } = source.position(error.at.start);
  return `${line}:${column} ${error.code} ${error.message}`;
}

test('values of every type, with all types of comments between them', () => {
  const text = `
## -- a comment
a = "text" # behind
b=3 // behind
/* over
   lines */ c-d = -1.5e3 /* inside */
e = true
f = null
g = [ "x", # first
  2,
  // second
  [false],
]
h = { "a b" = 1, c : 2
  d = { e = [] }
}
`;
  assert.equal(read(text), {
    a: 'text',
    b: 3,
    'c-d': -1500,
    e: true,
    f: null,
    g: ['x', 2, [false]],
    h: { 'a b': 1, c: 2, d: { e: [] } },
  });
});

test('files of editors on Windows are read: a byte order mark, and CR LF', () => {
  assert.equal(read('\uFEFFa = "x"\r\nb = [\r\n  1,\r\n]\r\n# end\r\n'), { a: 'x', b: [1] });
});

test('escapes, and signs that do not begin a template', () => {
  assert.equal(read('a = "\\n\\r\\t\\"\\\\\\u00e4\\U0001F600"'), { a: '\n\r\t"\\ä😀' });
  assert.equal(read('a = "$${x} %%{ if } $5 100% $$ $a{ $"'), { a: '${x} %{ if } $5 100% $$ $a{ $' });
});

const SYNTAX =
  'This is not read: a terraform.tfvars must consist of lines with a name, = and a literal value.';
const VALUE = 'This value is not read: harvgen reads literal values only.';

for (const [text, at] of [
  ['a 1', '1:1'],
  ['a "x"', '1:1'],
  ['a = 1\nb', '2:1'],
  ['a == 1', '1:1'],
  ['a: 1', '1:1'],
  ['"a" = 1', '1:1'],
  ['a = 1, b = 2', '1:6'],
  ['a = 1 2', '1:7'],
  ['a = 1 + 2', '1:7'],
  ['a = [1 2]', '1:8'],
  ['a = [1 * 2]', '1:8'],
  ['a = [1,\n', '1:5'],
  ['a = {b = 1', '1:5'],
  ['a = {b = 1 c = 2}', '1:12'],
  ['a = {b = 1 ? 2 : 3}', '1:12'],
  ['a = {b}', '1:6'],
  ['a = {[]}', '1:6'],
  ['a = 1 /* x', '1:7'],
  [`a = ${'['.repeat(5000)}`, '1:105'],
] as const) {
  test(`is rejected: ${text.slice(0, 30)}`, () => {
    assert.is(errorOf(text), `${at} tfvars-syntax ${SYNTAX}`);
  });
}

for (const text of [
  '"x\nb = 1',
  '"\\q"',
  '"\\ud800"',
  '"\\U00110000"',
  '"\\',
  '"x-${var.b}"',
  '"%{ if y }"',
  '<<EOF\nx\nEOF',
  'var.b',
  'file("x")',
  '(1)',
  '',
]) {
  test(`a value is rejected: ${text}`, () => {
    assert.is(errorOf(`a = ${text}`), `1:5 tfvars-expression ${VALUE}`);
  });
}

test('an error includes its attribute, and earlier attributes are read', () => {
  const { attributes, within } = readHcl(new Source('a', 'a = 1\npassword = "x\n'));
  assert.equal(
    attributes.map(({ name }) => name),
    ['a'],
  );
  assert.equal(within, { name: 'password', start: 6 });
});

/** A value with one of its notations. */
interface Writing {
  readonly value: unknown;
  readonly text: string;
}

const gap = fc.constantFrom('', ' ', '\t', ' /* x */ ', ' /* "a\n= */ ');
const lineEnd = fc.constantFrom('\n', '\r\n', ' # "x\n', ' // x\n', '\n\n\t\n');

const quoted = fc.string({ unit: 'binary' }).map((value): Writing => {
  const escaped = Array.from(value, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return `\\u${code.toString(16).padStart(4, '0')}`;
    return code % 7 === 0 && code > 0x7f ? `\\U${code.toString(16).padStart(8, '0')}` : character;
  }).join('');
  return { value, text: `"${escaped.replace(/([$%])\{/g, '$1$1{')}"` };
});

const scalar: fc.Arbitrary<Writing> = fc.oneof(
  quoted,
  fc.integer().map((value) => ({ value, text: String(value) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ value, text: asNumber(value) })),
  fc.boolean().map((value) => ({ value, text: String(value) })),
  fc.constant({ value: null, text: 'null' }),
);

/** JavaScript writes 1e+21 and -0 differently from how it reads them. */
function asNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const NAMES = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/);

const { value: anyValue } = fc.letrec<{ value: Writing }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(fc.tuple(tie('value'), gap, gap)).map((items) => ({
      value: items.map(([item]) => item.value),
      text: `[${items.map(([item, before, behind]) => `${before}${item.text}${behind}`).join(',\n')}${items.length > 1 ? ',' : ''}]`,
    })),
    fc.uniqueArray(fc.tuple(NAMES, tie('value'), lineEnd), { selector: ([name]) => name }).map((items) => ({
      value: Object.fromEntries(items.map(([name, item]) => [name, item.value])),
      text: `{${items.map(([name, item, end], index) => `${name} ${index % 2 ? ':' : '='} ${item.text}${end}`).join('')}}`,
    })),
  ),
}));

test('any written value is read back', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(NAMES, gap, anyValue, gap, lineEnd), { selector: ([name]) => name }),
      (lines) => {
        const text = lines
          .map(
            ([name, before, { text: written }, behind, end]) =>
              `${name}${before}=${before}${written}${behind}${end}`,
          )
          .join('');
        assert.equal(read(text), Object.fromEntries(lines.map(([name, , { value }]) => [name, value])));
      },
    ),
    { seed: SEED },
  );
});

/** Reads the JSON form; returns undefined if it is rejected. */
function readJson(text: string): Record<string, unknown> | undefined {
  const { attributes, error } = readHcl(new Source('a.tfvars.json', text));
  return error ? undefined : Object.fromEntries(attributes.map(({ name, value }) => [name, value.value]));
}

test('a string of JSON is never a template', () => {
  assert.equal(readJson('\uFEFF{"a": "${x} %{y} $${z}"}'), { a: '${x} %{y} $${z}' });
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
        assert.is(JSON.stringify(readJson(text)), JSON.stringify(JSON.parse(text)));
      },
    ),
    { seed: SEED },
  );
});

test('invalid JSON is rejected', () => {
  const pieces = fc.constantFrom(
    ...[
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
    ],
    '1e5',
  );
  fc.assert(
    fc.property(fc.array(pieces), (words) => {
      const text = `{${words.join('')}`;
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.is(readJson(text) !== undefined, isJson, text);
    }),
    { seed: SEED, numRuns: 5000 },
  );
});

for (const [text, at] of [
  ['{"a": 1,}', '1:1'],
  ['{a: 1}', '1:2'],
  ['{"a" 1}', '1:2'],
  ['{"a" = 1}', '1:2'],
  ['{"a": 1 "b": 2}', '1:9'],
  ['{"a": [1, 2', '1:7'],
  ['{"a": 1}\n{}', '2:1'],
  ['{"a": 01}', '1:1'],
] as const) {
  test(`is rejected: ${text}`, () => {
    assert.is(errorOf(text), `${at} tfvars-syntax This is not read: the file must be one JSON object.`);
  });
}

for (const text of ["'x'", '"\\ud83d"', '"x\ny"', '.5']) {
  test(`a value of JSON is rejected: ${text}`, () => {
    assert.is(errorOf(`{"a": ${text}}`), `1:7 tfvars-expression ${VALUE}`);
  });
}

test('no text makes the reader throw, and every error has a location', () => {
  const pieces = fc.constantFrom(
    'a',
    ' = ',
    '"',
    '${',
    '%{',
    '\\',
    '<<EOF',
    '<<-',
    '\n',
    'EOF',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '#',
    '/*',
    '*/',
    '1',
    '-',
    '.',
    'true',
    '\r',
    '\uFEFF',
    '😀',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 }))), (words) => {
      const text = words.join('');
      const { error } = readHcl(new Source('a', text));
      if (error) assert.ok(error.at.start <= text.length && error.at.end > error.at.start);
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

test.run();
