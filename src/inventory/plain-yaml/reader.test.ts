import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CreateNodeOptions, Document, type ToStringOptions, visit } from 'yaml';
import { bigPlant } from '../../../test/support/big-plant.ts';
import { runs, SEED } from '../../../test/support/effort.ts';
import { Report } from '../../source/diagnostics/report.ts';
import {
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
import { parseYaml } from '../parse.ts';
import { readPlainYaml } from './reader.ts';

const RUNS = runs(1500);

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const test = suite('reading plain YAML');

/** Returns a value with all its source locations, as text. */
function described(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  const self = span(selfLocation(value));
  if (Array.isArray(value)) {
    return [
      self,
      ...value.map((item, index) => [
        span(locationOf(value, index)),
        span(keyLocationOf(value, index)),
        typeof item,
        described(item),
      ]),
    ];
  }
  return [
    self,
    ...Object.keys(value).map((key) => {
      const item = value[key] as Value;
      return [
        key,
        span(keyLocationOf(value, key)),
        span(locationOf(value, key)),
        typeof item,
        described(item),
      ];
    }),
  ];
}

function span({ start, end }: SourceLocation): string {
  return `${start}-${end}`;
}

/** Returns whether the plain reader reads a text, and asserts that the full reader then returns the same. */
function isRead(text: string): boolean {
  const source = new Source('/site.yaml', text);
  const map = readPlainYaml(source);
  if (!map) return false;
  const report = new Report();
  const all = parseYaml(source, report);
  assert.ok(all, `an ignored error: ${JSON.stringify(text)} ${report.sorted()[0]?.message}`);
  assert.equal(described(map), described(all as ValueMap), JSON.stringify(text));
  return true;
}

/** Returns all YAML files of a directory of the repository. */
function yamlBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

/** Returns the contents of YAML code blocks in the pages. */
function snippets(): string[] {
  return readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.md'))
    .flatMap((entry) => {
      const page = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      return Array.from(page.matchAll(/^```yaml.*\n([\s\S]*?)^```/gm), ([, text = '']) => text);
    });
}

const FORMS = `
a: 1
b:
  c: [1, two, "three", 'it''s', { d: e, "f":1, g: , h: }, [], {}]   # a comment
  # one that belongs to c

# one that does not
  d: -1.5e3
  e:
list:
- one
- two: 2
  three:
    - 3
    # deep
   # less
-
- {
    x: y, # and more
    z: [
      1,
      2
    ]
  }
text: |
  kept

    further in
  end
folded: >-
  one
  two

  three
    code
  four

last: "\\x41\\u00e9\\t\\"" # end
# over
`;

const FILES = [...yamlBelow('sites'), ...yamlBelow('test'), ...yamlBelow('docs'), ...snippets()];

test('the sample sites are read, and a big one', () => {
  // Files with several documents are not inventories.
  for (const text of yamlBelow('sites').filter((one) => !one.includes('\n---\n') && !/^kind: /m.test(one)))
    assert.ok(isRead(text), text.slice(0, 400));
  assert.ok(isRead(bigPlant(20)));
});

test('the files of the repository are read in the same way', () => {
  const read = FILES.filter(isRead).length;
  assert.ok(read > FILES.length / 2, `${read} of ${FILES.length}`);
});

test('each form', () => {
  assert.ok(isRead(FORMS.slice(1)));
  for (const text of [
    '--- # begin\na: 1\n',
    '# first\n\n---\n\na: 1',
    'a:\n  [1,\n   2]\nb:\n  { c: d }\n',
    'a: {\n}\nb: [\n]\n',
    '"a b": 1\n\'c\': 2\n1: 3\ntrue: 4\n~: 5\n"<<": 6\n',
    'a: 0o17\nb: 0x1F\nc: .inf\nd: -.INF\ne: .NaN\nf: +1\ng: -0\nh: 1.\ni: 1e3\nj: 0123\n',
    'a: 1.2.3\nb: 1:2\nc: http://x:1/#y\nd: a#b\ne: -x\nf: x - y\ng: a,b[c]{d}\n',
    'cg[01-06]:\n  mac: 52:54:00:[01-06]\n',
    '__proto__: 1\nconstructor: 2\n',
    'a: "ü – 🦊"\nb: ü – 🦊\n',
  ])
    assert.ok(isRead(text), text);
});

test('files that are not plain, or have an error, are left to the full reader', () => {
  for (const text of [
    '',
    '# nothing\n',
    '- a\n',
    'a\n',
    'a: &x 1\nb: *x\n',
    'a: !!str 1\n',
    '<<: { a: 1 }\n',
    '? a\n: b\n',
    'a: 1\na: 2\n',
    'a: 1\n--- \nb: 2\n',
    'a: 1\n...\n',
    '%YAML 1.2\n---\na: 1\n',
    'a: 1\n  b: 2\n',
    '  a: 1\nb: 2\n',
    'a:\n    b: 1\n  c: 2\n',
    'a: [1, 2\n',
    'a: [1 2], 3\n',
    'a: {b: 1}}\n',
    'a: [1,, 2]\n',
    'a: [\n1]\n',
    'a: "x\n  y"\n',
    'a: x\n  y\n',
    'a: "\\q"\n',
    'a: 12345678901234567890\n',
    'a:\tb\n',
    'a: b\r\n',
    '\ufeffa: b\n',
    'a: b: c\n',
    'a: - b\n',
    'a: |\n b\n   \n c\n',
    'a: "b"#c\n',
    'a: [b]#c\n',
    'a: { b: c\n# d\n }\n',
    'a:\n  - b\n# c\n  -\nd: e\n',
    'a: @b\n',
    'a: `b\n',
    'a: %b\n',
    'a: ,b\n',
    'a: { b }\n',
    'a: [b: c]\n',
    `${'[{a: '.repeat(40)}1${'}]'.repeat(40)}`,
  ])
    assert.not.ok(isRead(text), JSON.stringify(text));
});

/** Pieces that change the meaning of the text around them. */
const PIECES = [
  ...' \n#:-,[]{}"\'|>&*!?%@`~.0a',
  '  ',
  '\n\n',
  '\n  ',
  '\n    ',
  '\n# c\n',
  '\n  # c\n',
  '\n    # c\n',
  ' # c',
  ': ',
  ':\n',
  '- ',
  '\n- ',
  '\n  - ',
  '\n  k: v',
  '\nk:',
  '{ a: b }',
  '[a, b]',
  '---',
  '...',
  '<<: ',
  '\\',
  '|\n    x\n',
  '>-\n      y\n',
  '\t',
  'é',
];

test('random changes of files of the repository', () => {
  const change = fc.record({
    at: fc.nat(),
    cut: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(30)),
    piece: fc.constantFrom('', ...PIECES),
  });
  let read = 0;
  const texts = [...FILES, FORMS.slice(1), FORMS.slice(1), FORMS.slice(1)].map((text) => text.slice(0, 3000));
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (text, changes) => {
        const changed = changes.reduce((before, { at, cut, piece }) => {
          const offset = at % (before.length + 1);
          return before.slice(0, offset) + piece + before.slice(offset + cut);
        }, text);
        if (isRead(changed)) read += 1;
      },
    ),
    { seed: SEED, numRuns: RUNS },
  );
  assert.ok(read > RUNS / 8, `${read} of ${RUNS}`);
});

test('random pieces', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'key', '1', 'true', '"q"', "'s'", 'x y', '~', ...PIECES);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), (pieces) => void isRead(`a: ${pieces.join('')}`)),
    {
      seed: SEED,
      numRuns: RUNS,
    },
  );
});

test('random lines with random indentation', () => {
  const value = fc.constantFrom('', ' 1', ' x # c', ' "q"', ' [a, b]', ' {', ' }', ' |', ' >-', ' # c', ' ~');
  const key = fc.constantFrom('a:', 'b:', 'c:', 'd:', '- a:', '- b:', '-', '#', 'text', '  ', ']', '}');
  const line = fc.tuple(fc.nat(4), key, value);
  let read = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 9 }), fc.boolean(), (lines, ends) => {
      const text = lines.map(([indent, start, end]) => `${' '.repeat(indent)}${start}${end}`).join('\n');
      if (isRead(`k: 0\n${text}${ends ? '\n' : ''}`)) read += 1;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert.ok(read > 0);
});

test('random values, written in each style', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('one\ntwo\n', ' a', 'a ', '# a', 'a: b', '0x10', '\n\nx', 'x\n\n  y\n', '"', "'"),
  );
  const tree = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(0, -1, 1.5, true, false, null, 1e21, Number.NaN),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('map'),
    ),
    map: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'key'), text), tie('value'), { maxKeys: 4 }),
  }));
  const styles = fc.record({
    flow: fc.nat(3),
    options: fc.record<ToStringOptions>({
      lineWidth: fc.constantFrom(0, 20, 80),
      indent: fc.constantFrom(1, 2, 4),
      indentSeq: fc.boolean(),
      defaultStringType: fc.constantFrom(
        'PLAIN',
        'QUOTE_DOUBLE',
        'QUOTE_SINGLE',
        'BLOCK_LITERAL',
        'BLOCK_FOLDED',
      ),
      defaultKeyType: fc.constantFrom(null, 'PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
      flowCollectionPadding: fc.boolean(),
    }),
  });
  let read = 0;
  fc.assert(
    fc.property(tree.map, styles, (value, { flow, options }) => {
      const document = new Document(value, { version: '1.2' } as CreateNodeOptions);
      let met = 0;
      visit(document, {
        Collection: (_, node) => {
          met += 1;
          if (flow > 0 && met % (flow + 1) === 0) node.flow = true;
        },
      });
      if (isRead(document.toString(options))) read += 1;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert.ok(read > RUNS / 4, `${read} of ${RUNS}`);
});

test('a line that is too long for a pattern is left to the full reader', () => {
  assert.not.ok(readPlainYaml(new Source('/site.yaml', `a: ${'ab '.repeat(2_700_000)}c\n`)));
});

/** Only maps have keys to compare. */
test('a number among keys is a key', () => {
  const map = readPlainYaml(new Source('/site.yaml', '1: { 2: a }\n')) as ValueMap;
  const inner = map['1'] as ValueMap;
  assert.ok(isValueMap(inner));
  assert.equal(span(locationOf(inner, '2')), '8-9');
});

test.run();
