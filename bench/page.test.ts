import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withResults } from './page.ts';

const test = suite('the page of results');

test('replaces only the results', () => {
  const page = 'a\n<!-- results of `npm run bench` -->\nold\n<!-- end of the results -->\nb\n';
  const with1 = withResults(page, '| 1 |\n');
  assert.is(with1, 'a\n<!-- results of `npm run bench` -->\n\n| 1 |\n\n<!-- end of the results -->\nb\n');
  assert.is(withResults(with1, '| 1 |\n'), with1);
  assert.throws(() => withResults('a\n', ''), /has no <!-- results of/);
});

test.run();
