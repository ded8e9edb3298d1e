// needs: git
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../../test/support/scratch.ts';
import { paintDiff } from './format.ts';

const test = suite('diffs on a terminal');

const DIFF =
  'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\tb\u001b[2J\n--- old\r\n+\u009b+ new\u202e\n';

test('returns the exact diff without a terminal', () => {
  const plain = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\tb\n--- old\r\n++++ new \u200d\n';
  assert.is(paintDiff(plain, { isTerminal: false, color: false }), plain);
});

test('a diff with control characters shows escapes, and no program applies it', () => {
  const text = paintDiff(DIFF, { isTerminal: false, color: false });
  assert.is(
    text,
    'diff --git a/x b/x\nControl characters are shown as escapes: this part cannot be applied.\n@@ -1,2 +1,2 @@\n a\tb\\u{1b}[2J\n--- old\r\n+\\u{9b}+ new\\u{202e}\n',
  );
  const folder = writeFiles(scratchFolder(), { x: 'a\tb\u001b[2J\n-- old\r\n', patch: text });
  const { status, stderr } = spawnSync('git', ['apply', 'patch'], { cwd: folder, encoding: 'utf8' });
  assert.is(status, 128);
  assert.match(stderr, 'patch');
  assert.is(readFileSync(join(folder, 'x'), 'utf8'), 'a\tb\u001b[2J\n-- old\r\n');
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
