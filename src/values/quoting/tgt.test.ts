import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteTgt } from '../quoting.ts';

const test = suite('quoting for tgt');

test('names of targets, paths, addresses and marks stay what they are', () => {
  for (const value of [
    'iqn.2024-07.internal.harvgen:bmi:cn01',
    '/srv/disks/bmi-cn01.raw',
    '10.0.0.1',
    '@@secret:a_b@@',
  ])
    assert.is(quoteTgt(value), value);
});

test('what tgt-admin would hand to a shell, or take for another word, is refused', () => {
  for (const value of ['', 'a b', 'a"b', "a'b", 'a;b', '$a', 'a#b', 'a\nb', '<a>', 'ä'])
    assert.throws(
      () => quoteTgt(value),
      /cannot be written in a tgt configuration: it holds more than letters/,
    );
});

test.run();
