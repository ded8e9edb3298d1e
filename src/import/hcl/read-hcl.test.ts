import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainOf } from '../../../test/support/plain-hcl.ts';
import { Source } from '../../source/source.ts';
import { readHcl } from './read-hcl.ts';

const test = suite('reading HCL');

function read(text: string): Record<string, unknown> {
  const { attributes, error } = readHcl(new Source('a.tfvars', text));
  assert.is(error, undefined, error?.message);
  return Object.fromEntries(attributes.map(({ name, value }) => [name, plainOf(value)]));
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

test('heredocs: unchanged, and without common indentation', () => {
  assert.equal(read('a = <<EOF\n  x "q" \\n # no comment\n\n y\nEOF\nb = 1\n'), {
    a: '  x "q" \\n # no comment\n\n y\n',
    b: 1,
  });
  assert.equal(read('a = <<-END\n    x\n\n      y $${z}\n    END\n'), { a: 'x\n\n  y ${z}\n' });
  assert.equal(read('a = <<EOF\nEOF'), { a: '' });
  assert.equal(read('a = <<EOF\r\nx\r\nEOF\r\n'), { a: 'x\r\n' });
  assert.equal(read('a = [<<EOF\nEOFs\nEOF\n, 2]'), { a: ['EOFs\n', 2] });
});

for (const [text, message] of [
  ['a = "x\nb = 1', '1:5 tfvars-syntax A string is not closed on its line.'],
  ['a = "\\q"', '1:6 tfvars-syntax A backslash begins an unknown escape sequence.'],
  ['a = "\\ud800"', '1:6 tfvars-syntax A backslash begins an unknown escape sequence.'],
  ['a = "\\', '1:6 tfvars-syntax A backslash begins an unknown escape sequence.'],
  [
    'a = "x-${var.b}"',
    '1:8 tfvars-expression A value is a template, ${…}: Terraform rejects variables here, and harvgen does not evaluate templates.',
  ],
  [
    'a = <<EOF\nx %{ if y }\nEOF',
    '2:3 tfvars-expression A value is a template, %{…}: Terraform rejects variables here, and harvgen does not evaluate templates.',
  ],
  [
    'a = var.b',
    '1:5 tfvars-expression A terraform.tfvars must have literal values: Terraform rejects names and functions such as file(…).',
  ],
  [
    'a = file("x")',
    '1:5 tfvars-expression A terraform.tfvars must have literal values: Terraform rejects names and functions such as file(…).',
  ],
  ['a = 1 + 2', '1:7 tfvars-expression A value is an expression: harvgen does not evaluate expressions.'],
  ['a = (1)', '1:5 tfvars-expression A value is an expression: harvgen does not evaluate expressions.'],
  ['a = [1 * 2]', '1:8 tfvars-expression A value is an expression: harvgen does not evaluate expressions.'],
  [
    'a = {b = 1 ? 2 : 3}',
    '1:12 tfvars-expression A value is an expression: harvgen does not evaluate expressions.',
  ],
  ['a = ', '1:5 tfvars-syntax A value is missing here.'],
  [
    'a "x"',
    '1:1 tfvars-syntax This begins a block, but a tfvars file contains only variables: it may be another file of the project.',
  ],
  ['a = 1\nb', '2:1 tfvars-syntax This name has no = after it.'],
  ['a == 1', '1:1 tfvars-syntax This name has no = after it.'],
  ['"a" = 1', '1:1 tfvars-syntax A variable must begin here, as `name = value`, but this is not a name.'],
  ['a = 1, b = 2', '1:6 tfvars-syntax The line contains other text after the value.'],
  ['a = 1 2', '1:7 tfvars-syntax The line contains other text after the value.'],
  ['a = [1 2]', '1:8 tfvars-syntax Two items of a list have no comma between them.'],
  ['a = [1,\n', '1:5 tfvars-syntax A list is not closed.'],
  ['a = {b = 1', '1:5 tfvars-syntax A map is not closed.'],
  ['a = {b = 1 c = 2}', '1:12 tfvars-syntax The line contains other text after an entry of a map.'],
  ['a = {b}', '1:6 tfvars-syntax The key of a map has no = or : after it.'],
  ['a = {[]}', '1:6 tfvars-syntax A key is missing here: a map contains `key = value`.'],
  ['a = 1 /* x', '1:7 tfvars-syntax A comment is not closed.'],
  ['a = <<\nx', '1:5 tfvars-syntax A heredoc has no end marker on its first line.'],
  ['a = <<EOF\nx\nEOF2', '1:5 tfvars-syntax A heredoc is not closed: no line contains only its end marker.'],
  [`a = ${'['.repeat(5000)}`, '1:105 tfvars-syntax Lists and maps are nested more than 100 levels deep.'],
] as const) {
  test(`is rejected: ${text.slice(0, 30)}`, () => {
    assert.is(errorOf(text), message);
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
const lineEnd = fc.constantFrom('\n', '\r\n', ' # "x\n', ' // <<EOF\n', '\n\n\t\n');

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
  );
});

const lineOfText = fc.string({ unit: 'grapheme' }).map((line) => line.replace(/[\r\n]/g, ''));

test('any written heredoc is read back', () => {
  fc.assert(
    fc.property(fc.array(lineOfText), fc.nat(4), (lines, indent) => {
      const body = lines.filter((line) => line.trim() !== 'EOF').map((line) => `${line}\n`);
      const escaped = body.map((line) => line.replace(/([$%])\{/g, '$1$1{'));
      assert.is(read(`a = <<EOF\n${escaped.join('')}EOF\n`).a, body.join(''));
      // `<<-` removes the indentation of lines that begin with a letter.
      const moved = escaped.map((line) => `${' '.repeat(indent)}x${line}`);
      assert.is(
        read(`a = <<-EOF\n${moved.join('')}${' '.repeat(indent)}EOF\n`).a,
        body.map((line) => `x${line}`).join(''),
      );
    }),
  );
});

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
    { numRuns: 2000 },
  );
});

test.run();
