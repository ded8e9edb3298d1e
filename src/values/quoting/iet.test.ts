import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteIet } from '../quoting.ts';

const test = suite('quoting for IET');

test('names of targets, paths, addresses and marks stay what they are', () => {
  for (const value of [
    'iqn.2024-07.internal.harvgen:bmi:cn01',
    '/dev/rbd/bmi/bmi-cn01.rocky9',
    '@@secret:a_b@@',
  ])
    assert.is(quoteIet(value), value);
});

test('what would be taken for another word, another parameter or a comment is refused', () => {
  for (const value of ['', 'a b', 'a,b', 'a\tb', 'a#b', 'a\nb', 'a\\', 'ä'])
    assert.throws(
      () => quoteIet(value),
      /cannot be written in IET's configuration: it holds more than letters/,
    );
});

test.run();
