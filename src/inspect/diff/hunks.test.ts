import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareLines, formatHunks } from './files.ts';

const test = suite('hunks');

/** Compares texts with one line for each letter. */
function hunks(before: string, after: string): string {
  const lines = (letters: string) => letters.replace(/./g, '$&\n');
  return formatHunks(compareLines(lines(before), lines(after)));
}

test('three lines around a change', () => {
  assert.is(hunks('abcdefghi', 'abcdXfghi'), '@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+X\n f\n g\n h\n');
});

test('nearby changes share a hunk, others have their own', () => {
  assert.is(hunks('abcdefghi', 'XbcdefgY'), '@@ -1,9 +1,8 @@\n-a\n+X\n b\n c\n d\n e\n f\n g\n-h\n-i\n+Y\n');
  assert.is(
    hunks('abcdefghi', 'XbcdefghY'),
    '@@ -1,4 +1,4 @@\n-a\n+X\n b\n c\n d\n@@ -6,4 +6,4 @@\n f\n g\n h\n-i\n+Y\n',
  );
});

test('a new or removed file has no lines on the other side, and its range has the number of the line before', () => {
  assert.is(hunks('', 'ab'), '@@ -0,0 +1,2 @@\n+a\n+b\n');
  assert.is(hunks('ab', ''), '@@ -1,2 +0,0 @@\n-a\n-b\n');
});

test('reports a missing newline at the end on each side', () => {
  const missing = '\\ No newline at end of file\n';
  assert.is(formatHunks(compareLines('a', 'b\n')), `@@ -1,1 +1,1 @@\n-a\n${missing}+b\n`);
  assert.is(formatHunks(compareLines('a\nb', 'x\nb')), `@@ -1,2 +1,2 @@\n-a\n+x\n b\n${missing}`);
});

test('returns nothing without changes', () => {
  assert.is(hunks('abc', 'abc'), '');
  assert.is(hunks('', ''), '');
});

test.run();
