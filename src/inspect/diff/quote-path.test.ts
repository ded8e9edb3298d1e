import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quotePath } from './files.ts';

const test = suite('paths in a diff');

for (const [path, quoted] of [
  ['a/www/config/52-54-00-aa-01-01.yaml', 'a/www/config/52-54-00-aa-01-01.yaml'],
  ["a/$(x)'~", "a/$(x)'~"],
  ['a/x y', '"a/x y"'],
  ['a/"x"\\y', '"a/\\"x\\"\\\\y"'],
  ['a/\t\n\r\u0007', '"a/\\t\\n\\r\\007"'],
  ['a/é', '"a/\\303\\251"'],
] as const) {
  test(JSON.stringify(path), () => {
    assert.is(quotePath(path), quoted);
  });
}

test.run();
