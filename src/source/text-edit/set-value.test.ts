import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchLists } from './set-value.ts';

const test = suite('matching lists');

test('finds equal entries, each at most once', () => {
  const { matches, stay } = matchLists(['a', { b: 1, c: 2 }, 'a'], ['a', 'd', 'a', { c: 2, b: 1 }, 'a']);
  assert.equal(matches, [0, undefined, 2, 1, undefined]);
  assert.is(stay.size, 2);
});

test('keeps the most entries with the same order in place', () => {
  const list = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
  fc.assert(
    fc.property(list, list, (old, wanted) => {
      const { matches, stay } = matchLists(old, wanted);
      const found = matches.filter((index) => index !== undefined);
      assert.is(new Set(found).size, found.length);
      for (const [index, match] of matches.entries())
        if (match !== undefined) assert.is(old[match], wanted[index]);
      const kept = found.filter((index) => stay.has(index));
      assert.is(kept.length, stay.size);
      assert.equal(
        kept,
        [...kept].sort((a, b) => a - b),
      );
      assert.is(stay.size, longest(found));
    }),
    { seed: 1, numRuns: 1000 },
  );
});

/** Returns the length of the longest increasing subsequence, by trying all. */
function longest(series: readonly number[], above = -1): number {
  const [first, ...rest] = series;
  if (first === undefined) return 0;
  const without = longest(rest, above);
  return first > above ? Math.max(without, 1 + longest(rest, first)) : without;
}

test.run();
