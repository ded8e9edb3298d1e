import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isQuoteOpen, kernelWords, setsParameter } from './text.ts';

const test = suite('arguments of the kernel');

test('end at blanks, but for those in double quotes', () => {
  for (const [text, words] of [
    ['ip=dhcp', ['ip=dhcp']],
    [' ro  quiet ', ['ro', 'quiet']],
    ['a="b c" "d=e f" g', ['a="b c"', '"d=e f"', 'g']],
    ['dyndbg="file a +p; file b +p"', ['dyndbg="file a +p; file b +p"']],
    ["a='b c'", ["a='b", "c'"]],
    ['a="b c', ['a="b c']],
    ['', []],
  ] as const) {
    assert.equal(kernelWords(text), [...words], text);
  }
});

test('a quote may be left open', () => {
  assert.is(isQuoteOpen('a="b c'), true);
  assert.is(isQuoteOpen('a="b c" "d'), true);
  assert.is(isQuoteOpen('a="b c" d'), false);
});

test('set a parameter, quoted or not', () => {
  assert.is(setsParameter('ds=nocloud', 'ds'), true);
  assert.is(setsParameter('"ds=nocloud-net;s=http://10.0.0.1/a/"', 'ds'), true);
  assert.is(setsParameter('dsx=1', 'ds'), false);
  assert.is(setsParameter('xds=1', 'ds'), false);
});

test.run();
