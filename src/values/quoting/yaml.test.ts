import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteYaml } from '../quoting.ts';

const test = suite('quoting for YAML');

for (const [text, quoted] of [
  ['', '""'],
  ["it's {{ .x }} # é 🙂 @@secret:a@@", '"it\'s {{ .x }} # é 🙂 @@secret:a@@"'],
  ['say "x" \\n', '"say \\"x\\" \\\\n"'],
  ['two  \n lines\r\n\tx', '"two \\ \\n lines\\r\\n\\tx"'],
  ['\0\u0007\u001b\u0001', '"\\0\\a\\e\\x01"'],
  [' \0 \u0001 \ud800x', '" \\0 \\x01 \\ud800x"'],
  ['\u0085\u2028\ufeff', '"\\u0085\\u2028\\ufeff"'],
  ['\\u0000', '"\\\\u0000"'],
]) {
  test(`of ${JSON.stringify(text)} makes ${quoted}`, () => assert.is(quoteYaml(text as string), quoted));
}

test.run();
