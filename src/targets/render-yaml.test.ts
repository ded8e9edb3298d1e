import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Document, visit } from 'yaml';
import { SEED } from '../../test/support/effort.ts';
import { AS_IS, renderYaml } from './render-yaml.ts';

const test = suite('rendering YAML');

const PLAIN_KEY = /^(?!(true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_./-]*$/i;
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Returns the same YAML, written by the package `yaml`. */
function byPackage(value: unknown): string {
  const document = new Document(value, AS_IS);
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string') return;
      if (key !== 'key' || !PLAIN_KEY.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return document.toString(AS_IS).replace(UNPRINTABLE, escaped);
}

/** Texts made of parts that need quotes or escapes. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'a',
          ' ',
          '  ',
          '\n',
          '\r',
          '\t',
          '\\',
          '"',
          "'",
          '\\n',
          '\\u0000',
          '#',
          ':',
          '-',
          '?',
          '---',
          '...',
          '%',
        ],
        ...[
          '\0',
          '\u0007',
          '\b',
          '\v',
          '\f',
          '\u001b',
          '\u001f',
          '\u007f',
          '\u0085',
          '\u00a0',
          '\u2028',
          '\u2029',
        ],
        ...[
          '\ufeff',
          '\ufffe',
          '\uffff',
          '\ud800',
          '\udc00',
          '🙂',
          'é',
          '@@secret:a@@',
          '${x}',
          '{{',
          '0',
          '1',
        ],
      ),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('x'.repeat(500), `${'word '.repeat(100)}\n`, 'k'.repeat(1023), 'k y'.repeat(400)),
);

const key = fc.oneof(
  text,
  fc.constantFrom(
    'a',
    'os',
    'a-b',
    'a.b/c',
    'on',
    'Yes',
    'null',
    'n',
    '0x1',
    '1',
    '-',
    '?',
    '__proto__',
    'toString',
  ),
  fc.constantFrom('k'.repeat(1024), 'k'.repeat(1025)),
);

const { tree: value } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('list'), tie('map')),
  leaf: fc.oneof(
    text,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0, 1e21, 1e-7),
  ),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  map: fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
}));

test('equals the output of the package yaml', () => {
  fc.assert(
    fc.property(value, (one) => assert.is(renderYaml(one), byPackage(one))),
    { seed: SEED, numRuns: 2000 },
  );
});

test('writes a shared object in full at each use', () => {
  const shared = { path: '/etc/x', list: ['y', {}] };
  const whole = { a: shared, b: { c: [shared, shared] }, d: [[shared], []], e: shared };
  assert.is(renderYaml(whole), byPackage(whole));
});

test('calls textOf for each text with a dollar sign, and writes its result', () => {
  const calls: unknown[] = [];
  const whole = { a: 'x', b: { content: '$é', c: ['1', 'y $'] }, d: '$' };
  const text = renderYaml(whole, (one, key, map) => {
    calls.push([one, key, map]);
    return `${one}\n`;
  });
  assert.is(text, byPackage({ a: 'x', b: { content: '$é\n', c: ['1', 'y $\n'] }, d: '$\n' }));
  assert.equal(calls, [
    ['$é', 'content', whole.b],
    ['y $', undefined, undefined],
    ['$', 'd', whole],
  ]);
});

test.run();
