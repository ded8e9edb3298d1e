import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareLines, type Run } from './files.ts';

const test = suite('comparing lines');

/** A side of a comparison: what it keeps, and what it has alone. */
function side(runs: readonly Run[], alone: '-' | '+'): string {
  return runs.flatMap(({ mark, lines }) => (mark === ' ' || mark === alone ? lines : [])).join('');
}

function edits(runs: readonly Run[]): string[] {
  return runs.flatMap(({ mark, lines }) => (mark === ' ' ? [] : lines.map((line) => mark + line)));
}

function numbered(count: number, write: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${write(index)}\n`).join('');
}

test('the shortest way is found, with what goes before what comes', () => {
  assert.equal(edits(compareLines('a\nb\nc\n', 'a\nx\nc\n')), ['-b\n', '+x\n']);
  assert.equal(edits(compareLines('a\nb\nc\n', 'a\nc\nd\n')), ['-b\n', '+d\n']);
  assert.equal(edits(compareLines('', 'a\n')), ['+a\n']);
  assert.equal(edits(compareLines('a\n', '')), ['-a\n']);
  assert.equal(edits(compareLines('a', 'a\n')), ['-a', '+a\n']);
  assert.equal(edits(compareLines('a\r\nb\n', 'a\nb\n')), ['-a\r\n', '+a\n']);
  assert.equal(edits(compareLines('a\n', 'a\n')), []);
});

test('both texts can be had back', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c\r', '', '+', '-', '\r', '\\'))
    .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const runs = compareLines(before, after);
      assert.is(side(runs, '-'), before);
      assert.is(side(runs, '+'), after);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('where too many lines differ, each is compared with the one at its place', () => {
  const runs = compareLines(
    numbered(40_000, (index) => `before ${index}`),
    numbered(40_000, (index) => (index % 2 === 0 ? `after ${index}` : `before ${index}`)),
  );
  assert.is(edits(runs).length, 40_000);
  assert.equal(edits(runs).slice(0, 3), ['-before 0\n', '+after 0\n', '-before 2\n']);
});

test('or the whole is replaced, where they are of different number; what stays at both ends stays', () => {
  const before = `first\n${numbered(20_000, (index) => `before ${index}`)}last\n`;
  const after = `first\n${numbered(20_001, (index) => `after ${index}`)}last\n`;
  const runs = compareLines(before, after);
  assert.is(side(runs, '-'), before);
  assert.is(side(runs, '+'), after);
  assert.equal(
    runs.map(({ mark, lines }) => [mark, lines.length]),
    [
      [' ', 1],
      ['-', 20_000],
      ['+', 20_001],
      [' ', 1],
    ],
  );
});

test.run();
