import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteChrony, Unquotable } from '../quoting.ts';

const test = suite('quoting for chrony');

for (const value of [
  '192.168.150.0/24',
  'ntp.example.org',
  'fd00::/8',
  '/var/lib/chrony/drift',
  'a#b',
  'a"b',
  '$x',
]) {
  test(`${value} is a word as it is`, () => {
    assert.is(quoteChrony(value), value);
  });
}

const HOLDS = 'it holds a blank, a control character or a character that is not ASCII';
for (const [value, why] of [
  ['', 'it is empty'],
  ['a b', HOLDS],
  ['a\tb', HOLDS],
  ['all\nallow', HOLDS],
  ['a\0', HOLDS],
  ['München', HOLDS],
  ['#a', '# begins a comment'],
  ['!a', '! begins a comment'],
  [';a', '; begins a comment'],
  ['%a', '% begins a comment'],
] as const) {
  test(`${JSON.stringify(value)} is refused: ${why}`, () => {
    assert.throws(
      () => quoteChrony(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in a chrony configuration: ${why}`,
    );
  });
}

test('numbers are written as text', () => {
  assert.is(quoteChrony(10), '10');
});

test.run();
