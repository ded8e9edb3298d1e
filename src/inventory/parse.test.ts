import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assertLinear } from '../../test/support/linear.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import {
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
  writtenLocationOf,
} from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import { parseYaml } from './parse.ts';

const test = suite('reading YAML');

/** Parses a text without errors. */
function parsed(text: string, keys?: string): ValueMap {
  const report = new Report();
  const value = parseYaml(new Source('/site.yaml', text), report, keys);
  assert.equal(found(report), []);
  assert.ok(value);
  return value;
}

/** Parses a text with errors, and returns them: location, code, message, and the related locations. */
function errorsOf(text: string): string[] {
  const report = new Report();
  const value = parseYaml(new Source('/site.yaml', text), report);
  const errors = found(report);
  assert.ok(value === undefined, `a value, and ${errors.length} errors`);
  return errors;
}

function found(report: Report): string[] {
  return report.sorted().map((diagnostic) => {
    assert.ok(diagnostic.help);
    const { line, column, code, message, related } = plainDiagnostic(diagnostic, '/');
    return [`${line}:${column} ${code} ${message}`, ...related.map((at) => `(${at.line}:${at.column})`)].join(
      ' ',
    );
  });
}

/** Returns the text of a source location. */
function textAt({ source, start, end }: SourceLocation): string {
  return source.text.slice(start, end);
}

/** Returns a value without its source locations, with plain objects for maps. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('a whole number that would lose digits is rejected', () => {
  const message = 'yaml-number This number has too many digits: the last ones would change.';
  assert.equal(errorsOf('a: [1, 12345678901234567890]\nb: -9007199254740993\nc: 0xffffffffffffffff\n'), [
    `1:8 ${message}`,
    `2:4 ${message}`,
    `3:4 ${message}`,
  ]);
  assert.equal(
    plain(
      parsed(
        'a: 9007199254740991\nb: "12345678901234567890"\nc: 9007199254740992\nd: 1.23456789012345678901\n',
      ),
    ),
    {
      a: 9007199254740991,
      b: '12345678901234567890',
      c: 9007199254740992,
      d: 1.2345678901234567,
    },
  );
});

test('scalars have their values of YAML 1.2', () => {
  assert.equal(
    plain(
      parsed(`
text: some text
quoted: "101"
number: 101
float: 1.5
octal: 0o17
leading: 0123
yes: yes
on: on
true: true
null: null
tilde: ~
empty:
date: 2026-01-31
folded: >-
  one
  two
kept: |
  one
  two
`),
    ),
    {
      text: 'some text',
      quoted: '101',
      number: 101,
      float: 1.5,
      octal: 15,
      leading: 123,
      yes: 'yes',
      on: 'on',
      true: true,
      null: null,
      tilde: null,
      empty: null,
      date: '2026-01-31',
      folded: 'one two',
      kept: 'one\ntwo\n',
    },
  );
});

test('every key and value records its location', () => {
  const map = parsed('a: one\nb:\n  c: "two"\n  d: [3, { e: four }]\n');
  const b = map.b as ValueMap;
  const d = b.d as unknown as ValueMap[];
  assert.is(textAt(keyLocationOf(map, 'a')), 'a');
  assert.is(textAt(locationOf(map, 'a')), 'one');
  assert.is(textAt(keyLocationOf(b, 'c')), 'c');
  assert.is(textAt(locationOf(b, 'c')), '"two"');
  assert.is(textAt(locationOf(d, 0)), '3');
  assert.is(textAt(locationOf(d, 1)), '{ e: four }');
  assert.is(textAt(locationOf(d[1] as ValueMap, 'e')), 'four');
  assert.is(textAt(selfLocation(d)), '[3, { e: four }]');
  assert.is(textAt(selfLocation(b)).trimEnd(), 'c: "two"\n  d: [3, { e: four }]');
  assert.equal(locationOf(b, 'c').source.position(locationOf(b, 'c').start), { line: 3, column: 6 });
});

test('a missing key has the location of its map', () => {
  const map = parsed('a: { b: 1 }\n').a as ValueMap;
  assert.is(textAt(locationOf(map, 'c')), '{ b: 1 }');
  assert.is(textAt(keyLocationOf(map, 'c')), '{ b: 1 }');
});

test('an empty value has the location of its key', () => {
  const map = parsed('a:\nb: ~\n');
  assert.is(textAt(locationOf(map, 'a')), 'a');
  assert.is(textAt(locationOf(map, 'b')), '~');
});

test('an empty file is an empty map', () => {
  for (const text of ['', '\n\n', '# a comment\n', '---\n', '---\n# a comment\n', '~\n', '\uFEFF']) {
    const map = parsed(text);
    assert.equal(Object.keys(map), []);
    assert.ok(selfLocation(map));
  }
});

test('keys are text, as written', () => {
  const map = parsed('101: a\non: b\nno: c\nnull: d\ntrue: e\n1.50: f\n0x10: g\n"quoted key": h\n~: i\n');
  assert.equal(Object.keys(map), ['101', 'on', 'no', 'null', 'true', '1.50', '0x10', 'quoted key', '~']);
  assert.is(map['101'], 'a');
});

test('keys that every object has are ordinary keys', () => {
  const map = parsed('__proto__: { polluted: true }\nconstructor: a\ntoString: b\nhasOwnProperty: c\n');
  assert.equal(Object.keys(map), ['__proto__', 'constructor', 'toString', 'hasOwnProperty']);
  const [first] = Object.values(map) as ValueMap[];
  assert.is(first?.polluted, true);
  assert.is(Object.getPrototypeOf(map), null);
  assert.is(({} as Record<string, unknown>).polluted, undefined);
  assert.is(parsed('a: 1\n').constructor, undefined);
});

test('keys that every object has are not duplicates when they are set once', () => {
  assert.equal(errorsOf('constructor: a\nconstructor: b\n'), [
    '2:1 duplicate-key The key constructor is set twice in the same map: only one value can apply. (1:1)',
  ]);
});

test('a merge key adds keys that the map does not set itself', () => {
  const map = parsed(`
base: &base { a: 1, b: 2 }
node:
  b: 3
  <<: *base
  c: 4
`);
  assert.equal(plain(map.node), { b: 3, c: 4, a: 1 });
});

test('a merged value has its original location', () => {
  const map = parsed('base: &base { a: one }\nnode: { <<: *base }\n');
  const node = map.node as ValueMap;
  assert.equal(locationOf(node, 'a').start, 17);
  assert.equal(keyLocationOf(node, 'a').start, 14);
});

test('the earlier of several merged maps takes precedence, and merges nest', () => {
  const map = parsed(`
one: &one { a: 1, b: 1 }
two: &two { <<: *one, b: 2, c: 2 }
node: { <<: [*two, *one, { d: 4, c: 9 }] }
`);
  assert.equal(plain(map.node), { b: 2, c: 2, a: 1, d: 4 });
});

test('a merge key in quotes is an ordinary key', () => {
  assert.equal(Object.keys(parsed('"<<": a\n')), ['<<']);
});

test('a merge key takes only maps', () => {
  const message = 'yaml-merge The value of << is not a map: it cannot be merged.';
  assert.equal(errorsOf('a: { <<: text }\n'), [`1:10 ${message}`]);
  assert.equal(errorsOf('a: { <<: [1] }\n'), [`1:10 ${message}`]);
  assert.equal(errorsOf('x: &x [1]\na: { <<: *x }\n'), [`2:10 ${message}`]);
});

test('the help for an alias of another value writes its key', () => {
  const report = new Report();
  parseYaml(new Source('/site.yaml', 'x: &m 52:54:00:aa:01:01\na: { <<: *m }\n'), report);
  assert.equal(
    report.sorted().map(({ help }) => help),
    ['write the key of this value: `key: *m`'],
  );
});

test('a merge key without a value is an error', () => {
  assert.equal(errorsOf('a:\n  <<:\n  b: 1\n'), [
    '2:6 yaml-merge The value of << is not a map: it cannot be merged.',
  ]);
});

test('aliases have the values of their anchors', () => {
  const map = parsed('a: &x { b: [1, 2] }\nc: *x\nd: [*x]\ne: &y text\nf: *y\n');
  assert.equal(plain(map), { a: { b: [1, 2] }, c: { b: [1, 2] }, d: [{ b: [1, 2] }], e: 'text', f: 'text' });
  assert.is(textAt(locationOf(map, 'c')), '*x');
});

test('an anchor that is defined again has the newer value', () => {
  assert.equal(plain(parsed('a: &x 1\nb: *x\nc: &x 2\nd: *x\n')), { a: 1, b: 1, c: 2, d: 2 });
});

test('an alias refers to the last anchor of its name before it, at any depth', () => {
  assert.equal(
    plain(parsed('a: &x { b: &x 1, c: *x }\nd: *x\ne: [&x 2, *x, { f: &x 3 }]\ng: *x\nh: &x 4\n')),
    { a: { b: 1, c: 1 }, d: 1, e: [2, 2, { f: 3 }], g: 3, h: 4 },
  );
  assert.equal(plain(parsed('a: { <<: &x { b: 1 }, c: &x { d: 2 }, e: *x }\nf: { <<: *x }\n')), {
    a: { c: { d: 2 }, e: { d: 2 }, b: 1 },
    f: { d: 2 },
  });
  assert.equal(plain(parsed('a: &x { b: 1 }\nc: { <<: *x, d: &x 2 }\n')), { a: { b: 1 }, c: { d: 2, b: 1 } });
});

test('an anchor of a key hides an earlier one of the same name', () => {
  assert.equal(errorsOf('a: &x 1\n&x b: 2\nc: *x\n'), [
    '3:4 yaml-alias This alias refers to a key, or to a value around it.',
  ]);
});

test('a text that begins with *: the help is to quote it', () => {
  const helps = (text: string) => {
    const report = new Report();
    parseYaml(new Source('/site.yaml', text), report);
    return report.sorted().map(({ help }) => help);
  };
  const before = 'define the anchor before the alias, in a value that ends before it';
  assert.equal(helps('password: *bc\n'), [
    `${before}; or, for a text that begins with *, write it in quotes`,
  ]);
  assert.equal(helps('a: &machine 1\nb: *machin\n'), [`${before}: did you mean machine?`]);
  assert.equal(helps('a: &x [*x]\n'), [before]);
});

test('thousands of aliases are resolved', () => {
  const many = Array.from({ length: 5000 }, (_, index) => index);
  const lines = ['a:', ...many.map((n) => `  - &a${n} ${n}`), 'b:', ...many.map((n) => `  - *a${n}`)];
  assert.equal(plain(parsed(`${lines.join('\n')}\n`).b), many);
});

test('conflict markers are reported, whatever the file looks like', () => {
  const conflict =
    'merge-conflict The file contains conflict markers: git could not decide which of the two sides applies.';
  const marked = (...lines: string[]) => [lines.join('\n'), lines.join('\r\n')];
  const texts = [
    ...marked('a:', '<<<<<<< HEAD', '  b: 1', '=======', '  b: 2', '>>>>>>> other', ''),
    ...marked('a: 1', '||||||| base', '=======', 'b: 2', '>>>>>>> other', ''),
    ...marked('a: [ 1,', '=======', ' 2 ]'),
    ...marked('a: |', '  text', '>>>>>>> other', '  text'),
  ];
  assert.equal(
    texts.map((text) => errorsOf(text)),
    [2, 2, 2, 2, 2, 2, 3, 3].map((line) => [`${line}:1 ${conflict}`]),
  );
  assert.equal(errorsOf('<<<<<<< HEAD\n=======\n>>>>>>> other\n'), [`1:1 ${conflict}`]);
});

test('conflict markers in a text or comment are text, and another error is reported as such', () => {
  const text = 'a: |\n  <<<<<<< HEAD\n  =======\n  >>>>>>> other\n# =======\n#\n<<<<<<<: 1\n========: 2\n';
  assert.equal(Object.keys(parsed(text)), ['a', '<<<<<<<', '========']);
  assert.match(errorsOf(`${text}b: [\n`)[0] ?? '', / yaml-syntax /);
});

test('an alias inside of its own anchor is an error', () => {
  const message = 'yaml-alias This alias refers to a key, or to a value around it.';
  assert.equal(errorsOf('a: &x { b: *x }\n'), [`1:12 ${message}`]);
  assert.equal(errorsOf('a: &x [1, [*x]]\n'), [`1:12 ${message}`]);
  assert.equal(errorsOf('a: &x\n  <<: *x\n  b: 1\n'), [`2:7 ${message}`]);
});

test('an alias without an anchor is an error', () => {
  const [only = '', ...more] = errorsOf('a: *nothing\n');
  assert.match(only, /^1:4 yaml-alias No value above has this anchor\.$/);
  assert.equal(more, []);
});

test('a billion laughs attack is rejected at once', () => {
  const lines = ['a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]'];
  for (let depth = 1; depth < 12; depth += 1) {
    const aliases = Array.from({ length: 10 }, () => `*a${depth - 1}`).join(', ');
    lines.push(`a${depth}: &a${depth} [${aliases}]`);
  }
  const before = Date.now();
  const [only = '', ...more] = errorsOf(lines.join('\n'));
  assert.match(only, /^\d+:\d+ yaml-alias The aliases of this file expand to more than 1000000 values\.$/);
  assert.equal(more, []);
  assert.ok(Date.now() - before < 5000);
});

test('a bracket before very many quotes is reported in linear time', async () => {
  const text = (size: number) => `{"nics": [1 ${'"'.repeat(size)}`;
  await assertLinear('quotes', 300_000, text, (read) => {
    const [only = ''] = errorsOf(read);
    assert.match(only, /^\d+:\d+ yaml-syntax /);
  });
});

test('excessive nesting is rejected at the limit, at any depth', () => {
  const nested = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  // The map is also a level.
  parsed(nested(99));
  parsed(nested(99).replace('[]', '[x]'));
  for (const depth of [100, 200, 200_000])
    assert.equal(errorsOf(nested(depth)), ['1:103 yaml-syntax This is nested too deeply.']);
  assert.equal(errorsOf(`${'- '.repeat(200)}a\n`), ['1:201 yaml-syntax This is nested too deeply.']);
  // The parser would recurse when these end.
  assert.equal(errorsOf(`k:\n- name: ${'a: '.repeat(5000)}b\nc: 1\n`), [
    '2:300 yaml-syntax This is nested too deeply.',
  ]);
});

test('an attack by merge keys is rejected too, or harmless', () => {
  const lines = ['a0: &a0 { k0: 1 }'];
  for (let depth = 1; depth < 60; depth += 1) {
    lines.push(`a${depth}: &a${depth} { <<: [*a${depth - 1}, *a${depth - 1}], k${depth}: 1 }`);
  }
  const before = Date.now();
  parseYaml(new Source('/site.yaml', lines.join('\n')), new Report());
  assert.ok(Date.now() - before < 5000);
});

test('a merge of a broken map reports no error of its own', () => {
  const twice = 'x: &x\n  a: 1\n  a: 2\ny: { <<: *x }\nz: &z { b: 1 }\nw: { <<: *z }\nv: { <<: [*z, *x] }\n';
  assert.equal(
    errorsOf(twice).map((text) => text.slice(0, 17)),
    ['3:3 duplicate-key'],
  );
  const misspelt = 'x: &x { a: 1 }\nl: &l [*x, *z]\ny: { <<: *x }\nz: { <<: *l }\nw: { <<: *xx }\n';
  assert.equal(
    errorsOf(misspelt).map((text) => text.slice(0, 15)),
    ['2:12 yaml-alias', '5:10 yaml-alias'],
  );
});

test('the original text of a scalar is available, also for an alias', () => {
  const map = parsed(
    'a: &a 9182736450918273\nb: *a\nc: [*a]\nd: &d { e: *a }\nf: { <<: *d }\ng: &g 0x1F\nh: *g\n',
    '`a:`',
  );
  const textOf = (holder: object, key: string | number) => {
    const { source, start, end } = writtenLocationOf(holder, key);
    return source.text.slice(start, end);
  };
  const written = '9182736450918273';
  assert.is(textOf(map, 'a'), written);
  assert.is(textOf(map, 'b'), written);
  assert.is(textOf(map.c as Value[], 0), written);
  assert.is(textOf(map.f as ValueMap, 'e'), written);
  assert.is(textOf(map, 'h'), '0x1F');
  assert.is(textAt(locationOf(map, 'b')), '*a');
});

test('a key that is set twice is an error with both locations', () => {
  assert.equal(errorsOf('a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n'), [
    '5:3 duplicate-key The key c is set twice in the same map: only one value can apply. (3:3)',
  ]);
});

test('every key that is set twice is reported, and one that is set three times is reported twice', () => {
  assert.equal(errorsOf('a: 1\na: 2\na: 3\nb: { c: 1, "c": 2 }\n'), [
    '2:1 duplicate-key The key a is set twice in the same map: only one value can apply. (1:1)',
    '3:1 duplicate-key The key a is set twice in the same map: only one value can apply. (1:1)',
    '4:12 duplicate-key The key c is set twice in the same map: only one value can apply. (4:6)',
  ]);
});

test('an error at the end of a file has its location within the file', () => {
  for (const text of ['{\n', 'a: [\n', 'a: "b', 'a: {b: 1']) {
    const source = new Source('site.yaml', text);
    const report = new Report();
    parseYaml(source, report);
    for (const { at } of report.sorted()) assert.ok(at.start <= at.end && at.end <= text.length, text);
    assert.ok(report.failed);
  }
});

test('a second document is an error', () => {
  const message = 'several-documents The file contains a second YAML document, but harvgen reads only one.';
  assert.equal(errorsOf('a: 1\n---\nb: 2\n'), [`2:1 ${message}`]);
  assert.equal(errorsOf('---\na: 1\n---\nb: 2\n---\nc: 3\n'), [`3:1 ${message}`]);
  assert.equal(errorsOf('a: 1 # ---\n---\n'), [`2:1 ${message}`]);
  assert.equal(errorsOf('a: 1\n...\n---\nb: 2\n'), [`3:1 ${message}`]);
  assert.equal(errorsOf('a: 1\n...\nb: 2\n'), [`3:1 ${message}`]);
});

test('one document with its markers is valid', () => {
  assert.equal(plain(parsed('%YAML 1.2\n---\na: 1\n...\n')), { a: 1 });
});

test('a file that is not a map is an error', () => {
  const message = 'not-a-map The file is not a map of keys and values: it sets nothing.';
  assert.equal(errorsOf('- a\n- b\n'), [`1:1 ${message}`]);
  assert.equal(errorsOf('# a comment\njust text\n'), [`2:1 ${message}`]);
  assert.equal(errorsOf('42\n'), [`1:1 ${message}`]);
});

test('a key that is not a plain word is an error', () => {
  const message = 'yaml-key This key is not one plain word: its value would be lost.';
  assert.equal(errorsOf('[a, b]: 1\n'), [`1:1 ${message}`]);
  assert.equal(errorsOf('? { a: 1 }\n: 1\n'), [`1:3 ${message}`]);
});

test('a key that is an alias, or is missing, is an error', () => {
  assert.equal(errorsOf('a: &x b\n*x : 1\n'), [
    '2:1 yaml-key This key is not one plain word: its value would be lost.',
  ]);
  assert.equal(errorsOf('b: 2\n: 1\n'), [
    '2:1 yaml-key This key is not one plain word: its value would be lost.',
  ]);
});

test('tags are rejected', () => {
  for (const tag of ['!!js/function', '!secret', '!!python/object:os.system', '!<tag:example.org,2026:x>']) {
    const [only = '', ...more] = errorsOf(`a: ${tag} text\n`);
    assert.is(
      only,
      '1:4 yaml-syntax This is not YAML: A tag begins with !, but an inventory must have no tags.',
    );
    assert.equal(more, []);
  }
});

test('quotations of the parser, which may be secrets, are not reported', () => {
  for (const text of [
    '!S3cret x',
    '!S3cret',
    '!!S3cret x',
    '!e!S3cret x',
    '!<S3cret x',
    '|S3cret',
    '>S3cret\n x',
    '*S3cret',
  ]) {
    const errors = errorsOf(`token: ${text}\n`);
    assert.is(errors.length, 1);
    assert.not.match(errors[0] ?? '', /S3c/);
  }
  assert.equal(errorsOf('%S3cret x\n---\na: 1\n'), ['1:1 yaml-syntax This is not YAML: Unknown directive.']);
});

test('a blank in a reference to a secret is reported as such', () => {
  const report = new Report();
  parseYaml(new Source('/site.yaml', 'token: ${secret: cluster_token}\n'), report);
  assert.equal(
    report.sorted().map(({ help }) => help),
    ['write "${secret:name}", without a blank after the colon'],
  );
});

test('tabs as indentation are rejected', () => {
  assert.equal(errorsOf('a:\n\tb: 1\n'), [
    '2:1 yaml-syntax This is not YAML: Tabs are not allowed as indentation.',
  ]);
});

test('a tab between key and value is accepted', () => {
  assert.equal(plain(parsed('a:\t1\nb: 2\t# a comment\n')), { a: 1, b: 2 });
});

test('only the first syntax error of a file is reported', () => {
  assert.is(errorsOf('a: [1\nb: {2\nc: "\n').length, 1);
});

test('a file with a byte order mark is read, and its columns are those of an editor', () => {
  const map = parsed('\uFEFFa: 1\nb: 2\n');
  assert.equal(plain(map), { a: 1, b: 2 });
  assert.equal(locationOf(map, 'b').source.position(locationOf(map, 'b').start), { line: 2, column: 4 });
});

test('lines may end with CR and LF', () => {
  const map = parsed('a: one\r\nb:\r\n  c: two\r\nd: |\r\n  x\r\n  y\r\n');
  assert.equal(plain(map), { a: 'one', b: { c: 'two' }, d: 'x\ny\n' });
  const location = locationOf(map.b as ValueMap, 'c');
  assert.equal(location.source.position(location.start), { line: 3, column: 6 });
  assert.is(textAt(locationOf(map, 'a')), 'one');
  assert.is(location.source.line(3), '  c: two');
});

test('a secret in flow style without quotes is an error with a help for it', () => {
  const report = new Report();
  parseYaml(new Source('/site.yaml', 'a: { token: ${secret:x} }\n'), report);
  assert.is(report.sorted()[0]?.help, 'quote a secret between { } or [ ]: "${secret:name}"');
});

test('very deep nesting is an error or a value, and causes no crash', () => {
  const report = new Report();
  parseYaml(new Source('/site.yaml', `a: ${'['.repeat(3_000)}${']'.repeat(3_000)}\n`), report);
  assert.ok(found(report).length <= 1);
});

test('a large file is read in linear time', async () => {
  const text = (length: number) =>
    Array.from({ length }, (_, index) => `n${index}: { mac: "${index}", ip: x }\n`).join('');
  assert.is(Object.keys(parsed(text(8000))).length, 8000);
  await assertLinear('a large file', 8000, text, parsed);
});

test.run();
