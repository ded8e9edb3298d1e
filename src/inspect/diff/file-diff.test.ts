import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { File } from '../../tree/tree.ts';
import { fileDiff } from './files.ts';

/** test/system/patch.test.ts checks that git and patch apply the diff. */
const test = suite('the diff of a file');
const text = (content: string, executable = false): File => ({ content, executable });

test('writes the headers of git', () => {
  const diff = (before?: File, after?: File) => {
    const change = before ? (after ? 'changed' : 'removed') : 'added';
    return fileDiff(
      { path: 'www/x', change, ...(before && { before }), ...(after && { after }) },
      'my out/p',
    );
  };
  const [a, b] = ['"a/my out/p/www/x"', '"b/my out/p/www/x"'];
  assert.is(
    diff(undefined, text('1\n', true)),
    `diff --git ${a} ${b}\nnew file mode 100755\n--- /dev/null\n+++ ${b}\n@@ -0,0 +1,1 @@\n+1\n`,
  );
  assert.is(
    diff(text('1\n')),
    `diff --git ${a} ${b}\ndeleted file mode 100644\n--- ${a}\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1\n`,
  );
  assert.is(
    diff(text('1\n', true), text('2\n')),
    `diff --git ${a} ${b}\nold mode 100755\nnew mode 100644\n--- ${a}\n+++ ${b}\n@@ -1,1 +1,1 @@\n-1\n+2\n`,
  );
  assert.is(diff(text('1\n'), text('1\n', true)), `diff --git ${a} ${b}\nold mode 100644\nnew mode 100755\n`);
  assert.is(diff(undefined, text('')), `diff --git ${a} ${b}\nnew file mode 100644\n`);
  assert.is(diff(text('')), `diff --git ${a} ${b}\ndeleted file mode 100644\nindex e69de29..0000000\n`);
});

test('only reports that binary files differ', () => {
  const bytes = { content: new Uint8Array([0xff, 0x00]) };
  assert.is(
    fileDiff({ path: 'x', change: 'changed', before: text('a\n'), after: bytes }, 'out/p'),
    'diff --git a/out/p/x b/out/p/x\nBinary files a/out/p/x and b/out/p/x differ\n',
  );
  assert.is(
    fileDiff({ path: 'x', change: 'added', after: bytes }, ''),
    'diff --git a/x b/x\nnew file mode 100644\nBinary files /dev/null and b/x differ\n',
  );
  assert.is(
    fileDiff({ path: 'x', change: 'changed', before: bytes, after: { ...bytes, executable: true } }, ''),
    'diff --git a/x b/x\nold mode 100644\nnew mode 100755\n',
  );
  assert.match(fileDiff({ path: 'x', change: 'added', after: text('a\0b') }, ''), 'Binary files');
});

test('compares bytes as text if they are text', () => {
  const before = { content: Buffer.from('\ufeffa\n') };
  assert.match(
    fileDiff({ path: 'x', change: 'changed', before, after: text('b\n') }, ''),
    '\n-\ufeffa\n+b\n',
  );
});

test.run();
