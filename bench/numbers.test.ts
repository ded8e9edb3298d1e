import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asRatio, asSize, asTime, quantile, summed } from './numbers.ts';

const test = suite('the numbers of the benchmark');

test('the median, the minimum and the maximum of values in any order', () => {
  assert.equal(summed([3, 1, 20]), { median: 3, least: 1, most: 20 });
  assert.equal(summed([4, 1, 2, 3]), { median: 2, least: 1, most: 4 });
  assert.throws(() => summed([]), /nothing was measured/);
});

test('a quantile is one of the values', () => {
  const sorted = Array.from({ length: 40 }, (_, index) => index + 1);
  assert.equal(
    [0, 0.5, 0.95, 1].map((share) => quantile(sorted, share)),
    [1, 20, 38, 40],
  );
});

test('formatted numbers', () => {
  assert.equal(
    [asTime(4.25), asTime(57.4), asTime(999.4), asTime(1240)],
    ['4.3 ms', '57 ms', '999 ms', '1.24 s'],
  );
  assert.is(asSize(249.6), '250 MiB');
  assert.is(asRatio(0.789), '0.79 ×');
});

test.run();
