import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foldersAbove } from './tree.ts';

const test = suite('paths of a tree');

test('the folders above one, the outermost first', () => {
  assert.equal(foldersAbove('a/b/c.txt'), ['a', 'a/b']);
  assert.equal(foldersAbove('c.txt'), []);
});

test.run();
