import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { quoteShell, Unquotable } from '../quoting.ts';

const test = suite('quoting for the shell');

const VALUES = [
  '',
  'harv-1',
  '/srv/harvgen/media',
  'a b',
  ' ',
  '  leading and trailing  ',
  '$(touch owned)',
  '`touch owned`',
  '${HOME}',
  '$HOME $1 $@ $$ $?',
  '${net0/ip}',
  '; touch owned',
  '|| touch owned',
  '&& touch owned',
  '& touch owned',
  '| touch owned',
  '> owned',
  '\n touch owned\n',
  'a\r\nb',
  '\t',
  '# comment',
  "it's",
  "'",
  "''",
  "'; touch owned; '",
  '"; touch owned; "',
  '\\',
  "\\'",
  'a\\nb',
  '!!',
  '!x',
  '*',
  '?',
  '[a-z]',
  '{a,b}',
  '~',
  '~root',
  '=ls',
  '-n',
  '--help',
  '-',
  '%s%n%',
  'a=b',
  'PATH=/nowhere',
  '(a)',
  '\u001b[2J',
  'Zürich 東京 🙂',
  '\u2028',
  'x'.repeat(10_000),
];

/** Lets bash print the words of a script, each ended by a NUL, from a folder with one file in it. */
function words(script: string): string[] {
  const cwd = scratchFolder();
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `touch a; printf '%s\\0' ${script}`], {
    cwd,
    encoding: 'utf8',
  });
  assert.is(stderr, '');
  assert.is(status, 0);
  return stdout.split('\0').slice(0, -1);
}

test('bash reads each value back, byte for byte, as one word', () => {
  assert.equal(words(VALUES.map(quoteShell).join(' ')), VALUES);
});

test('bash reads each value back where it is the only word', () => {
  for (const value of VALUES.slice(0, 20)) assert.equal(words(quoteShell(value)), [value]);
});

test('values may be joined to other text', () => {
  assert.equal(words(`a${quoteShell("'")}b${quoteShell('$x')}`), ["a'b$x"]);
});

test('a value is a value on the right of an assignment', () => {
  const script = VALUES.map((value, index) => `v${index}=${quoteShell(value)};`).join(' ');
  const print = `printf '%s\\0' ${VALUES.map((_, index) => `"$v${index}"`).join(' ')}`;
  const { stdout } = spawnSync('bash', ['-c', `${script} ${print}`], {
    cwd: scratchFolder(),
    encoding: 'utf8',
  });
  assert.equal(stdout.split('\0').slice(0, -1), VALUES);
});

test('what is plain stays as it is, and the rest is in single quotes', () => {
  assert.is(
    quoteShell('http://192.168.178.7:80/a_b-c.d@e%f+g,h=i'),
    'http://192.168.178.7:80/a_b-c.d@e%f+g,h=i',
  );
  assert.is(quoteShell(8080), '8080');
  assert.is(quoteShell(''), "''");
  assert.is(quoteShell('$(reboot)'), "'$(reboot)'");
  assert.is(quoteShell("it's"), `'it'\\''s'`);
});

test('a NUL is refused', () => {
  assert.throws(
    () => quoteShell('a\0b'),
    (error: unknown) =>
      error instanceof Unquotable &&
      error.message === '"a\\u0000b" cannot be written in a shell script: it holds a NUL',
  );
});

test.run();
