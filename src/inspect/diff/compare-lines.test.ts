import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareLines, type Run } from './files.ts';

const test = suite('comparing lines');

/** One side of a comparison: its unchanged lines and its own lines. */
function side(runs: readonly Run[], alone: '-' | '+'): string {
  return runs.flatMap(({ mark, lines }) => (mark === ' ' || mark === alone ? lines : [])).join('');
}

function edits(runs: readonly Run[]): string[] {
  return runs.flatMap(({ mark, lines }) => (mark === ' ' ? [] : lines.map((line) => mark + line)));
}

function numbered(count: number, write: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${write(index)}\n`).join('');
}

test('finds the minimal diff, with removed lines before added lines', () => {
  assert.equal(edits(compareLines('a\nb\nc\n', 'a\nx\nc\n')), ['-b\n', '+x\n']);
  assert.equal(edits(compareLines('a\nb\nc\n', 'a\nc\nd\n')), ['-b\n', '+d\n']);
  assert.equal(edits(compareLines('', 'a\n')), ['+a\n']);
  assert.equal(edits(compareLines('a\n', '')), ['-a\n']);
  assert.equal(edits(compareLines('a', 'a\n')), ['-a', '+a\n']);
  assert.equal(edits(compareLines('a\r\nb\n', 'a\nb\n')), ['-a\r\n', '+a\n']);
  assert.equal(edits(compareLines('a\n', 'a\n')), []);
});

test('both texts can be restored', () => {
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

test('compares lines by position if too many differ', () => {
  const runs = compareLines(
    numbered(40_000, (index) => `before ${index}`),
    numbered(40_000, (index) => (index % 2 === 0 ? `after ${index}` : `before ${index}`)),
  );
  assert.is(edits(runs).length, 40_000);
  assert.equal(edits(runs).slice(0, 3), ['-before 0\n', '+after 0\n', '-before 2\n']);
});

test('replaces everything between the common ends if the line counts differ too', () => {
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
