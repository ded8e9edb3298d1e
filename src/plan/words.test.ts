import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { turn, valueText } from './words.ts';

const test = suite('values in words');

for (const [value, text] of [
  ['/dev/sda', '/dev/sda'],
  ['192.168.178.200-192.168.178.250', '192.168.178.200-192.168.178.250'],
  [9000, '9000'],
  ['9000', '"9000"'],
  ['true', '"true"'],
  [true, 'true'],
  [null, 'null'],
  ['', '""'],
  ['two words', '"two words"'],
  ['a\nb', '"a\\nb"'],
  ['-x', '"-x"'],
  [['a', 1], '["a",1]'],
  [{}, '{}'],
  [undefined, 'not set'],
] as const) {
  test(text, () => {
    assert.is(valueText(value), text);
  });
}

test('a long one is cut', () => {
  assert.is(valueText('x'.repeat(100)), `${'x'.repeat(72)}…`);
});

test('both sides', () => {
  assert.is(turn(undefined, 1), 'not set → 1');
});

test.run();
