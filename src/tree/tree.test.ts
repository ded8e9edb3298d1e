import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foldersAbove, LazyFile, modeOf, textOf } from './tree.ts';

const paths = suite('paths of a tree');

paths('the folders above one, the outermost first', () => {
  assert.equal(foldersAbove('a/b/c.txt'), ['a', 'a/b']);
  assert.equal(foldersAbove('c.txt'), []);
});

paths.run();

const lazy = suite('a file that is made when it is asked for');

lazy('makes its text at each access, and not before', () => {
  let asked = 0;
  const file = new LazyFile(
    'a/b',
    (name: string) => {
      asked += 1;
      return `text of ${name}\n`;
    },
    'x',
  );
  assert.is(file.path, 'a/b');
  assert.is(asked, 0);
  assert.is(file.content, 'text of x\n');
  assert.is(textOf(file), 'text of x\n');
  assert.is(asked, 2);
});

lazy('is for everybody, unless it is confidential', () => {
  assert.is(modeOf(new LazyFile('a', String, 1)), 0o644);
  assert.is(modeOf(new LazyFile('a', String, 1, { confidential: true })), 0o640);
});

lazy('is to JSON what any file is', () => {
  const node: { self?: unknown } = {};
  node.self = node;
  const file = new LazyFile('a', () => 'text', node);
  assert.is(JSON.stringify(file), '{"path":"a","content":"text"}');
  const secret = new LazyFile('a', () => 'text', node, { confidential: true });
  assert.is(JSON.stringify(secret), '{"path":"a","content":"text","confidential":true}');
});

lazy.run();
