import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteMarkdown } from '../quoting.ts';

const test = suite('quoting for Markdown');

for (const [value, quoted] of [
  ['', ''],
  ['harv-1', 'harv-1'],
  ['http://192.168.178.7/x_y', 'http://192.168.178.7/x_y'],
  ['$(reboot) ; %s', '$(reboot) ; %s'],
  ['`reboot`', '&#96;reboot&#96;'],
  ['*bold*', '&#42;bold&#42;'],
  ['[a](javascript:x)', '&#91;a&#93;(javascript:x)'],
  ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
  ['a | b || c', 'a &#124; b &#124;&#124; c'],
  ['&& &amp; &#60;', '&#38;&#38; &#38;amp; &#38;&#35;60;'],
  ['# heading', '&#35; heading'],
  ['back\\slash', 'back&#92;slash'],
  ['two\nlines\r\n\r\n# heading', 'two lines &#35; heading'],
  ['tabs\t\tand  blanks', 'tabs and blanks'],
  [`"both" 'quotes'`, `"both" 'quotes'`],
  ['${net0/ip}', '${net0/ip}'],
  ['Zürich 東京 🙂', 'Zürich 東京 🙂'],
] as const) {
  test(`${JSON.stringify(value)} is written ${JSON.stringify(quoted)}`, () => {
    assert.is(quoteMarkdown(value), quoted);
  });
}

test('numbers are written as text', () => {
  assert.is(quoteMarkdown(3), '3');
});

test('what marks emphasis, lines and strikes elsewhere in Markdown has no effect', () => {
  assert.not.match(quoteMarkdown('a __b__ c'), /__b__/);
  assert.not.match(quoteMarkdown('~~a~~'), /~~/);
});

test('nothing in a value drives a terminal', () => {
  assert.not.match(quoteMarkdown('\u001b[2J\0'), /\p{Cc}/u);
});

test.run();
