import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foldersAbove, LazyFile, modeOf, textOf } from './tree.ts';

const paths = suite('paths of a tree');

paths('returns the directories above a path, the outermost first', () => {
  assert.equal(foldersAbove('a/b/c.txt'), ['a', 'a/b']);
  assert.equal(foldersAbove('c.txt'), []);
});

paths.run();

const lazy = suite('a lazy file');

lazy('renders its text on each access, and not before', () => {
  let renders = 0;
  const file = new LazyFile(
    'a/b',
    (name: string) => {
      renders += 1;
      return `text of ${name}\n`;
    },
    'x',
  );
  assert.is(file.path, 'a/b');
  assert.is(renders, 0);
  assert.is(file.content, 'text of x\n');
  assert.is(textOf(file), 'text of x\n');
  assert.is(renders, 2);
});

lazy('is readable by all users, unless it is confidential', () => {
  assert.is(modeOf(new LazyFile('a', String, 1)), 0o644);
  assert.is(modeOf(new LazyFile('a', String, 1, { confidential: true })), 0o640);
});

lazy('has the same JSON form as any other file', () => {
  const node: { self?: unknown } = {};
  node.self = node;
  const file = new LazyFile('a', () => 'text', node);
  assert.is(JSON.stringify(file), '{"path":"a","content":"text"}');
  const secret = new LazyFile('a', () => 'text', node, { confidential: true });
  assert.is(JSON.stringify(secret), '{"path":"a","content":"text","confidential":true}');
});

lazy.run();
