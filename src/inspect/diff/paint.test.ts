import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { paintDiff } from './format.ts';

const test = suite('diffs on a terminal');

const DIFF =
  'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\tb\u001b[2J\n--- old\r\n+\u009b+ new\u202e\n';

test('returns the exact diff without a terminal', () => {
  assert.is(paintDiff(DIFF, { isTerminal: false, color: false }), DIFF);
});

test('no file content controls a terminal or reverses a line', () => {
  assert.is(
    paintDiff(DIFF, { isTerminal: true, color: false }),
    'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\tb\\u{1b}[2J\n--- old\\u{d}\n+\\u{9b}+ new\\u{202e}\n',
  );
});

test('colors lines by their type, not by their content', () => {
  assert.is(
    paintDiff('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n--- old\n+@@ new\n', {
      isTerminal: true,
      color: true,
    }),
    [
      '\u001b[1mdiff --git a/x b/x\u001b[0m',
      '\u001b[1m--- a/x\u001b[0m',
      '\u001b[1m+++ b/x\u001b[0m',
      '\u001b[36m@@ -1,2 +1,2 @@\u001b[0m',
      ' a',
      '\u001b[31m--- old\u001b[0m',
      '\u001b[32m+@@ new\u001b[0m',
      '',
    ].join('\n'),
  );
});

test.run();
