import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import { parseYaml } from './parse.ts';
import { readPlainYaml } from './plain-yaml/reader.ts';

const test = suite("the usual typos in YAML's syntax");

/** Returns the only error of a text: its location, message and help. */
function errorOf(text: string): readonly (string | undefined)[] {
  const source = new Source('/site.yaml', text);
  const report = new Report();
  assert.is(readPlainYaml(source), undefined, text);
  assert.is(parseYaml(source, report), undefined, text);
  const [first, ...others] = report.sorted();
  assert.ok(first);
  assert.equal(others, []);
  const { code, line, column, message, help } = plainDiagnostic(first, '/');
  assert.is(code, 'yaml-syntax');
  return [`${line}:${column}`, message, help];
}

const QUOTE = [
  'This is not YAML: the quote that opens here is not closed.',
  'close it at the end of the value',
];

test('an unclosed quote: the line that opens it', () => {
  for (const [text, at] of [
    ['site: a\nserver:\n  url: "http://a\n  root: /srv\nnodes: {}\n', '3:8'],
    ["site: 'a\nnodes: {}\n", '1:7'],
    ['site: "a\n  b\n  c\nnodes: "d"\n', '1:7'],
    ['nodes:\n  a: { mac: "52:54, ip: 1 }\n  b: { mac: "52:55", ip: 2 }\n', '2:13'],
    ['nodes:\n  - "a\n  - "b"\n', '2:5'],
    ['x: {\n  a: "b,\n  c: "d"\n}\n', '2:6'],
    ['"site: a\nnodes: {}\n', '1:1'],
    ['a: "b', '1:4'],
  ] as const)
    assert.equal(errorOf(text), [at, ...QUOTE], text);
});

test('a missing comma: the entry after it', () => {
  const comma = [
    'A comma is missing before this entry: between brackets, commas separate entries.',
    'write a comma after the entry before',
  ];
  for (const [text, at] of [
    ['a: { b: 1 c: 2 }\n', '1:11'],
    ['a: {\n  b: 1,\n  c: 2\n  d: 3\n}\n', '4:3'],
    ['a: { b: "1" c: 2 }\n', '1:13'],
    ['a: { b: [1] c: 2 }\n', '1:13'],
    ['a: ["b" "c"]\n', '1:9'],
    ['a: [\n  "b"\n  "c",\n]\n', '3:3'],
    ['a: [{ b: 1 } { c: 2 }]\n', '1:14'],
  ] as const)
    assert.equal(errorOf(text), [at, ...comma], text);
});

test('a bracket that is not closed: the one that opens', () => {
  const message = 'This is not YAML: the bracket that opens here is not closed.';
  for (const [text, at, close] of [
    ['a:\n  b: [1, 2\n  c: 3\n', '2:6', ']'],
    ['a: { b: 1\nc: 2\n', '1:4', '}'],
    ['a: [{ b: 1 ]\n', '1:5', '}'],
  ] as const)
    assert.equal(errorOf(text), [at, message, `close it with ${close}`], text);
});

test('a bracket that closes nothing: that bracket', () => {
  for (const [text, at] of [
    ['a: { b: 1 }}\n', '1:12'],
    ['a: ["b"]]\nc: 1\n', '1:9'],
  ] as const)
    assert.equal(errorOf(text), [
      at,
      'This is not YAML: no bracket is open that this one could close.',
      'remove it, or the quote or bracket before it that closes too early',
    ]);
});

test('a missing blank after a hyphen: that line', () => {
  const hyphen = [
    'A blank is missing after this hyphen: YAML reads no entry of a list.',
    'write `- ` before each entry',
  ];
  for (const [text, at] of [
    ['a:\n  - b\n  -c\nd: 1\n', '3:3'],
    ['a:\n- b\n-c\n', '3:1'],
    ['nics:\n  -mac: x\n   ip: y\n', '2:3'],
    ['nics:\n  -{ mac: x, ip: y }\n', '2:3'],
  ] as const)
    assert.equal(errorOf(text), [at, ...hyphen], text);
});

test('a missing blank after a colon: that line', () => {
  const colon = [
    'A blank is missing after the colon of this key: YAML reads the line as a text.',
    'write `key: value`',
  ];
  for (const [text, at] of [
    ['site:a\nnodes: {}\n', '1:1'],
    ['site: a\nserver:\n  url:http://a\n  root: /srv\n', '3:3'],
    ['site: a\nserver:\n  root: /srv\n  url:http://a\nnodes: {}\n', '4:3'],
    ['nodes:\n  - name:a\n    mac: b\n', '2:5'],
  ] as const)
    assert.equal(errorOf(text), [at, ...colon], text);
});

test('a missing colon: that line', () => {
  const colon = [
    'The colon of this key is missing: YAML reads the line as a text.',
    'write `key: value`, or `key:` above indented lines',
  ];
  for (const [text, at] of [
    ['site: a\nnetworks\n  mgmt:\n    subnet: b\n', '2:1'],
    ['cluster:\n  vip 10.0.0.1\n  token: x\n', '2:3'],
    ['cluster:\n  token: x\n  vip 10.0.0.1\nnodes: {}\n', '3:3'],
    ['site: a\n"nodes"\n', '2:1'],
  ] as const)
    assert.equal(errorOf(text), [at, ...colon], text);
});

test('an entry of a list without its hyphen: that entry', () => {
  const hyphen = [
    'The hyphen before this entry is missing: the other entries of the list have one.',
    'write `- ` before it',
  ];
  for (const [text, at] of [
    ['nics:\n  name: a\n  - name: b\n', '2:3'],
    ['a:\n  nics:\n    name: a\n    mac: b\n    - mac: d\n      name: c\nx: y\n', '3:5'],
    ['name: a\n- name: b\n', '1:1'],
    ['dns:\n  - 10.0.0.1\n  10.0.0.2\nx: y\n', '3:3'],
    ['dns:\n- 10.0.0.1\n10.0.0.2\nx: y\n', '3:1'],
    ['keys:\n  - ssh-ed25519 AAAA me\n  ssh-rsa BBBB you\nx: y\n', '3:3'],
    ['nics:\n  - name: a\n  name: b\nx: y\n', '3:3'],
  ] as const)
    assert.equal(errorOf(text), [at, ...hyphen], text);
});

test('an entry of a list among keys of a map: its hyphen', () => {
  const among = [
    'This hyphen begins an entry of a list, but above it are keys of a map: a value is one or the other.',
    'remove the hyphen; or write one before the first of these keys, too',
  ];
  for (const [text, at] of [
    ['nodes:\n  a:\n    mac: b\n    - ip: c\n', '4:5'],
    ['nodes:\n  a:\n    mac: b\n    - ip\n    boot: c\n', '4:5'],
    ['site: a\n- b: c\nnodes: {}\n', '2:1'],
    ['a:\n  b:\n    c: d\n  - e\n', '4:3'],
  ] as const)
    assert.equal(errorOf(text), [at, ...among], text);
});

test('a list on the line of its key: its first hyphen', () => {
  for (const [text, at] of [
    ['a:\n  dns: - 10.0.0.1\nx: y\n', '2:8'],
    ['nics: - name: b\nx: y\n', '1:7'],
  ] as const)
    assert.equal(errorOf(text), [
      at,
      'A list cannot begin on the line of its key.',
      'write its entries below the key, or between brackets: `key: [a, b]`',
    ]);
});

test('a text that is pasted without indentation: its first line that is not indented', () => {
  const indented = [
    'This line is not indented deeper than its key: YAML does not read it as part of the text.',
    'write `|` after the key, and indent all lines of the text below it',
  ];
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----';
  for (const [text, at] of [
    [`tls:\n  cert: |\n${pem}\nnodes: {}\n`, '3:1'],
    [`tls:\n  cert: |\n${pem}\n`, '3:1'],
    [`tls:\n  cert: ${pem}\nnodes: {}\n`, '3:1'],
    [`tls:\n  cert:\n${pem}\nnodes: {}\n`, '3:1'],
    [`tls:\n  cert: "${pem}"\nnodes: {}\n`, '2:9'],
    [`tls:\n  cert: |\n    ${pem}\nnodes: {}\n`, '4:1'],
    ['a:\n  b: |\n    #!/bin/sh\necho hi\nexit 0\nc: d\n', '4:1'],
    ['a: >\nssh-ed25519 AAAA me\nc: d\n', '2:1'],
  ] as const)
    assert.equal(errorOf(text), [at, ...indented], text);
  assert.equal(
    errorOf('a:\n  b: |\n    text\nnodes\n  c: d\n')[1],
    'The colon of this key is missing: YAML reads the line as a text.',
  );
});

test('an odd blank where a blank has a meaning: that character', () => {
  const names = {
    '\u00a0': 'U+00A0 (no-break space)',
    '\u200b': 'U+200B (zero width space)',
    '\u2003': 'U+2003 (em space)',
  };
  for (const [text, at] of [
    ['site:\u00a0a\nnodes: {}\n', '1:6'],
    ['server:\n\u00a0\u00a0url: b\n', '2:1'],
    ['server:\n\u00a0\u00a0url: b\n  root: c\n', '2:1'],
    ['server:\n \u00a0url: b\n  root: c\n', '2:2'],
    ['server:\n  url: b\n \u00a0root: c\n', '3:2'],
    ['a:\n  b:\n    c: d\n  \u00a0 e: f\n    g: h\n', '4:3'],
    ['a: b\u00a0# c\n', '1:5'],
    ['server:\n  url\u00a0: b\n', '2:6'],
    ['server:\n  url: \u00a0b\n', '2:8'],
    ['server:\n  url: b\u00a0\n', '2:9'],
    ['a:\n  -\u00a0b\n', '2:4'],
    ['a: [\u2003b]\n', '1:5'],
    ['a: b\u00a0c\u200b\n', '1:7'],
    ['a\u00a0b:\u2003c\nd: 1\n', '1:5'],
  ] as const) {
    const [odd = ''] = /[\u200b\u2003]/.exec(text) ?? ['\u00a0'];
    const help = odd === '\u200b' ? 'remove it' : 'replace it with a blank';
    const message = `This is ${names[odd as keyof typeof names]}, not a blank: YAML reads it as a letter.`;
    assert.equal(errorOf(text), [at, message, help], text);
  }
});

test('several odd blanks: each of them, adjacent ones as one', () => {
  const found = (text: string) => {
    const report = new Report();
    assert.is(parseYaml(new Source('/a', text), report), undefined);
    return report.sorted().map((one) => {
      const { line, column, message } = plainDiagnostic(one, '/');
      const [, names] = /^This is (.*), not a blank: YAML reads it as a letter\.$/.exec(message) ?? [];
      return `${line}:${column} ${names}`;
    });
  };
  const NO_BREAK = 'U+00A0 (no-break space)';
  assert.equal(found('a: \u00a0\u3000b\u2009\nc\u00a0: 1\n'), [
    `1:4 ${NO_BREAK} and U+3000 (ideographic space)`,
    '1:7 U+2009 (thin space)',
    `2:2 ${NO_BREAK}`,
  ]);
  assert.equal(found('a:\n  -\u00a0b\n  -\u00a0c\n'), [`2:4 ${NO_BREAK}`, `3:4 ${NO_BREAK}`]);
  assert.equal(found('a:\u00a0b\nc:\u00a0d\n\u00a0\u00a0e: f\n'), [
    `1:3 ${NO_BREAK}`,
    `2:3 ${NO_BREAK}`,
    `3:1 ${NO_BREAK}`,
  ]);
});

test('a no-break space within a text is a part of it', () => {
  const report = new Report();
  const map = parseYaml(new Source('/a', 'a: 10\u00a0km\nb: "\u00a0"\n'), report);
  assert.equal(report.sorted(), []);
  assert.equal({ ...map }, { a: '10\u00a0km', b: '\u00a0' });
});

test('a key that is indented too deep below a value: that key', () => {
  const message =
    'This key is indented deeper than the one above, which has a value already: it is read as part of it.';
  for (const [text, at, column] of [
    ['nodes:\n  a:\n    mac: x\n     ip: y\n', '4:6', 5],
    ['site: a\n nodes: {}\n', '2:2', 1],
    ['nics:\n  - name: x\n     mac: y\n', '3:6', 5],
    ['a:\n  b: 1 2\n    3 4\n   c: d\n', '4:4', 3],
  ] as const)
    assert.equal(errorOf(text), [at, message, `begin it in column ${column}`], text);
});

test('a key in a column of its own: that key', () => {
  for (const [text, at, column, columns] of [
    ['nodes:\n  a:\n    mac: x\n   ip: y\n', '4:4', 4, '3 or 5'],
    ['nodes:\n  a:\n    mac: x\n\n    # a comment\n   ip: y\n  b: 1\n', '6:4', 4, '3 or 5'],
    ['nodes:\n  a:\n    mac: "x"\n     ip: y\n', '4:6', 6, '5'],
    ['nodes:\n  a:\n    mac: x # y\n     ip: y\n', '4:6', 6, '5'],
    ['nics:\n  - name: x\n   mac: y\n', '3:4', 4, '1 or 5'],
    ['a:\n  b: 1\n c: 2\n', '3:2', 2, '1 or 3'],
  ] as const)
    assert.equal(
      errorOf(text),
      [
        at,
        `This line begins in column ${column}, but no map around it has its keys there.`,
        `begin it in column ${columns}, like the keys above`,
      ],
      text,
    );
});

test('a value with a colon and a blank: that value', () => {
  assert.equal(errorOf('a: 1\nb: note: c\n'), [
    '2:4',
    'This value contains a colon and a blank: YAML reads it as a map on the line of its key.',
    'quote the whole value',
  ]);
});

test('an earlier error of another kind is reported first', () => {
  assert.equal(errorOf('a:\n\tb: 1\nc:\n  d: 1\n e: 2\n'), [
    '2:1',
    'This is not YAML: Tabs are not allowed as indentation.',
    'indent with blanks: YAML does not allow tabs',
  ]);
});

test('no message quotes the file, which may contain secrets', () => {
  for (const text of [
    'password: "sesame\n',
    'sesame\nb: 1\n',
    'password:sesame\nb: 1\n',
    'a:\n - b\n -sesame\n',
  ])
    assert.not.match(errorOf(text).join(' '), 'sesame');
});

test('a quoted text of several lines that ends with hyphens is closed', () => {
  const [at, message] = errorOf('a: "-----BEGIN X-----\n  text\n  -----END X-----"\nb: [1\n');
  assert.equal([at, message], ['4:4', 'This is not YAML: the bracket that opens here is not closed.']);
});

test.run();
