import { sep } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../source.ts';
import type { Diagnostic } from './report.ts';
import { displayPath, formatCount, formatLocation, formatText } from './text.ts';

const test = suite('diagnostics as text');

const FOLDER = '/home/me/repo';
const PLAIN = { color: false, folder: FOLDER };

/** Returns a diagnostic at the first occurrence of a piece of a text. */
function at(text: string, piece: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const source = new Source('/home/me/repo/sites/x/site.yaml', text);
  const start = text.indexOf(piece);
  assert.ok(start >= 0);
  return {
    code: 'some-code',
    severity: 'error',
    message: 'Something is wrong.',
    at: { source, start, end: start + piece.length },
    ...more,
  };
}

/** Returns the code frame of a diagnostic: its lines without the first two. */
function frame(diagnostic: Diagnostic): string[] {
  return formatText([diagnostic], PLAIN).trimEnd().split('\n').slice(2);
}

test('location, severity, code, message, code frame, related locations and help', () => {
  const text = [
    ...Array.from({ length: 16 }, (_, index) => `k${index}: v`),
    'cluster:',
    '  vip: 192.168.178.240',
    '',
  ].join('\n');
  const source = new Source('/home/me/repo/sites/x/net.yaml', 'networks:\n  pool: a-b\n');
  const diagnostic = at(text, '192.168.178.240', {
    code: 'vip-in-dhcp-pool',
    message: 'The VIP 192.168.178.240 is inside the DHCP pool.',
    related: [{ message: 'the pool is set at', at: { source, start: 18, end: 21 } }],
    help: 'end the pool at 192.168.178.239, or move the VIP',
  });
  assert.is(
    formatText([diagnostic], PLAIN),
    `sites/x/site.yaml:18:8 error vip-in-dhcp-pool
  The VIP 192.168.178.240 is inside the DHCP pool.
  17 | cluster:
  18 |   vip: 192.168.178.240
     |        ^^^^^^^^^^^^^^^
  the pool is set at sites/x/net.yaml:2:9
  help: end the pool at 192.168.178.239, or move the VIP
`,
  );
});

test('a warning is labeled as a warning', () => {
  assert.match(
    formatText([at('a: b', 'b', { severity: 'warning' })], PLAIN),
    /^sites\/x\/site\.yaml:1:4 warning some-code\n/,
  );
});

test('an empty line separates diagnostics', () => {
  const text = formatText([at('a: b', 'a'), at('a: b', 'b')], PLAIN);
  assert.is(
    text,
    `sites/x/site.yaml:1:1 error some-code
  Something is wrong.
  1 | a: b
    | ^

sites/x/site.yaml:1:4 error some-code
  Something is wrong.
  1 | a: b
    |    ^
`,
  );
});

test('no diagnostics are no text', () => {
  assert.is(formatText([], PLAIN), '');
});

test('the numbers of two lines are aligned', () => {
  const text = Array.from({ length: 10 }, (_, index) => `k${index}: v`).join('\n');
  assert.equal(frame(at(text, 'k9')), ['   9 | k8: v', '  10 | k9: v', '     | ^^']);
});

test('an empty line before is omitted', () => {
  assert.equal(frame(at('a: 1\n\nb: 2\n', 'b')), ['  3 | b: 2', '    | ^']);
});

test('carets of a location over several lines end with its first line', () => {
  assert.equal(frame(at('a: 1\nb:\n  c: 1\n  d: 2\n', 'c: 1\n  d: 2')), [
    '  2 | b:',
    '  3 |   c: 1',
    '    |   ^^^^',
  ]);
});

test('an empty location has one caret', () => {
  const diagnostic = at('a: 1\nb: 2\n', 'b');
  const { source, start } = diagnostic.at;
  assert.equal(frame({ ...diagnostic, at: { source, start, end: start } }), [
    '  1 | a: 1',
    '  2 | b: 2',
    '    | ^',
  ]);
});

test('an empty file has no frame', () => {
  const source = new Source('/home/me/repo/sites/x', '');
  assert.is(
    formatText([{ ...at('a', 'a'), at: { source, start: 0, end: 0 } }], PLAIN),
    'sites/x:1:1 error some-code\n  Something is wrong.\n',
  );
});

test('of a long line, the frame shows the part around the error, with the carets below it', () => {
  const line = `a: "${'x'.repeat(300)}FAULT${'y'.repeat(300)}"`;
  const [shown = '', carets = ''] = frame(at(line, 'FAULT'));
  assert.ok(shown.length <= 126);
  assert.is(shown.indexOf('FAULT'), carets.indexOf('^'));
  assert.is(carets.trimStart(), `| ${' '.repeat(60)}^^^^^`);
});

test('a long line with an error near its beginning is shown from its beginning', () => {
  const [shown = '', carets] = frame(at(`ab: ${'x'.repeat(300)}`, 'ab'));
  assert.is(shown, `  1 | ab: ${'x'.repeat(116)}`);
  assert.is(carets, '    | ^^');
});

test('a line of exactly the width is shown in full', () => {
  const line = `a: ${'x'.repeat(116)}Z`;
  assert.equal(frame(at(line, 'Z')), [`  1 | ${line}`, `    | ${' '.repeat(119)}^`]);
});

test('an error that is longer than the frame has only as many carets as fit', () => {
  const [shown = '', carets = ''] = frame(at(`a: ${'x'.repeat(1000)}`, 'x'.repeat(1000)));
  assert.ok(carets.length <= shown.length);
});

test('tabs take one column, in the line and below it', () => {
  assert.equal(frame(at('\ta:\t\tb\n', 'b')), ['  1 |  a:  b', '    |      ^']);
});

test('control characters of the file do not reach the terminal', () => {
  const text = formatText([at('x: \u001b[2J\u0007\n\u009b31ma: b\u0000\n', 'b')], PLAIN);
  assert.not.match(text.replaceAll('\n', ''), /\p{Cc}/u);
  assert.match(text, / {2}1 \| x: \\u\{1b\}\[2J\\u\{7\}\n {2}2 \| \\u\{9b\}31ma: b\\u\{0\}\n {4}\| {13}\^\n/);
});

test('carets are below their text, also after control characters', () => {
  assert.equal(frame(at('a: \u001b[2J b\u202ec\n', 'b\u202ec')), [
    '  1 | a: \\u{1b}[2J b\\u{202e}c',
    '    |              ^^^^^^^^^^',
  ]);
});

test('control characters of message, help and path do not reach the terminal', () => {
  const diagnostic = at('a: b', 'b', { message: 'It is \u001b[2J.', help: 'write \u0007 here' });
  const source = new Source('/home/me/repo/sites/\u001b[31m.yaml', 'a: b');
  assert.not.match(formatText([diagnostic], PLAIN).replaceAll('\n', ''), /\p{Cc}/u);
  assert.not.match(
    formatText(
      [{ ...diagnostic, message: 'x', help: 'y', at: { source, start: 0, end: 1 } }],
      PLAIN,
    ).replaceAll('\n', ''),
    /\p{Cc}/u,
  );
});

test('a line that ends with CR is shown without it', () => {
  assert.equal(frame(at('a: 1\r\nb: 2\r\n', '2')), ['  1 | a: 1', '  2 | b: 2', '    |    ^']);
});

test('message and help of several lines are indented', () => {
  const text = formatText([at('a: b', 'b', { message: 'One.\nTwo.', help: 'do this\nthen that' })], PLAIN);
  assert.match(text, /\n {2}One\.\n {2}Two\.\n/);
  assert.match(text, /\n {2}help: do this\n {8}then that\n/);
});

test('every related location is listed', () => {
  const { at: location } = at('a: 1\nb: 2\n', 'b');
  const text = formatText(
    [
      at('a: 1\n', 'a', {
        related: [
          { message: 'the first is at', at: location },
          { message: 'the second is at', at: { ...location, start: 0 } },
        ],
      }),
    ],
    PLAIN,
  );
  assert.match(
    text,
    /\n {2}the first is at sites\/x\/site\.yaml:2:1\n {2}the second is at sites\/x\/site\.yaml:1:1\n$/,
  );
});

test('colors appear only on request', () => {
  const diagnostics = [at('a: b', 'b', { help: 'do this' }), at('a: b', 'b', { severity: 'warning' })];
  const plain = formatText(diagnostics, PLAIN);
  const colored = formatText(diagnostics, { ...PLAIN, color: true });
  const paints = [
    ['1', 'sites/x/site.yaml:1:4'],
    ['31', 'error'],
    ['33', 'warning'],
    ['36', 'help:'],
  ] as const;
  for (const [, text] of paints) assert.ok(plain.includes(text));
  assert.not(plain.includes('\u001b'));
  for (const [color, text] of paints) assert.ok(colored.includes(`\u001b[${color}m${text}\u001b[0m`));
  const uncolored = colored
    .split('\u001b')
    .map((part, index) => (index > 0 ? part.replace(/^\[\d+m/, '') : part));
  assert.is(uncolored.join(''), plain);
});

test('paths are relative to the folder, with forward slashes', () => {
  assert.is(displayPath('/home/me/repo/a/b.yaml', FOLDER), 'a/b.yaml');
  assert.is(displayPath('/home/me/_shared/b.yaml', FOLDER), '../_shared/b.yaml');
  assert.is(displayPath(FOLDER, FOLDER), '.');
  assert.is(displayPath('/home/me/repo/a\\b', FOLDER), sep === '\\' ? 'a/b' : 'a\\b');
  const { at: location } = at('a: 1\nb: 2\n', '2');
  assert.is(formatLocation(location, FOLDER), 'sites/x/site.yaml:2:4');
});

test('a count names errors and warnings, in the right number', () => {
  const error = at('a', 'a');
  const warning = at('a', 'a', { severity: 'warning' });
  assert.is(formatCount([]), '');
  assert.is(formatCount([error]), '1 error');
  assert.is(formatCount([error, error]), '2 errors');
  assert.is(formatCount([warning]), '1 warning');
  assert.is(formatCount([warning, error, warning]), '1 error and 2 warnings');
});

test.run();
