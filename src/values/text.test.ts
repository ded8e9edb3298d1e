import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isQuoteOpen, isTypoOf, kernelWords, nearest, setsParameter } from './text.ts';

const testNearest = suite('suggestions');

const KEYS = ['vip', 'vip_mode', 'vip_hw_addr', 'token', 'harvester'];

testNearest('tolerates one extra, missing, wrong or swapped letter', () => {
  assert.is(nearest('tokken', KEYS), 'token');
  assert.is(nearest('tokn', KEYS), 'token');
  assert.is(nearest('tokem', KEYS), 'token');
  assert.is(nearest('toekn', KEYS), 'token');
});

testNearest('ignores case, hyphens, underscores and blanks', () => {
  assert.is(nearest('vipHwAddr', KEYS), 'vip_hw_addr');
  assert.is(nearest('VIP-Mode', KEYS), 'vip_mode');
  assert.is(nearest('vip mode', KEYS), 'vip_mode');
});

testNearest('returns the nearest of several words', () => {
  assert.is(nearest('gatewy', ['gate', 'gateway', 'getaway']), 'gateway');
});

testNearest('returns the first of two equally near words', () => {
  assert.is(nearest('nod', ['node', 'nodes', 'nod1']), 'node');
});

testNearest('a word is a typo of another only if it can mean no third one', () => {
  assert.is(isTypoOf('tokken', 'token', KEYS), true);
  assert.is(isTypoOf('vipHwAddr', 'vip_hw_addr', KEYS), true);
  assert.is(isTypoOf('nod', 'node', ['node', 'nodes', 'nod1']), false);
  assert.is(isTypoOf('net1', 'net2', ['net2', 'other']), false);
  assert.is(isTypoOf('vim', 'vipmode', ['vipmode']), false);
  assert.is(isTypoOf('ip', 'vip', KEYS), false);
});

testNearest('requires a close match for short words', () => {
  assert.is(nearest('vpi', KEYS), 'vip');
  assert.is(nearest('ip', ['mac']), undefined);
  assert.is(nearest('a', ['b']), undefined);
});

testNearest('returns undefined for an unrelated word', () => {
  assert.is(nearest('frobnicate', KEYS), undefined);
  assert.is(nearest('', KEYS), undefined);
  assert.is(nearest('token', []), undefined);
});

testNearest('is fast for a very long word', () => {
  assert.is(nearest('x'.repeat(1_000_000), KEYS), undefined);
});

testNearest('applies the tolerance', () => {
  assert.is(nearest('sites', ['files']), 'files');
  assert.is(nearest('sites', ['files'], 0.25), undefined);
  assert.is(nearest('flies', ['files'], 0.25), 'files');
});

testNearest.run();

const testKernelWords = suite('arguments of the kernel');

testKernelWords('end at blanks, except in double quotes', () => {
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

testKernelWords('may contain an unclosed quote', () => {
  assert.is(isQuoteOpen('a="b c'), true);
  assert.is(isQuoteOpen('a="b c" "d'), true);
  assert.is(isQuoteOpen('a="b c" d'), false);
});

testKernelWords('set a parameter, quoted or not', () => {
  assert.is(setsParameter('ds=nocloud', 'ds'), true);
  assert.is(setsParameter('"ds=nocloud-net;s=http://10.0.0.1/a/"', 'ds'), true);
  assert.is(setsParameter('dsx=1', 'ds'), false);
  assert.is(setsParameter('xds=1', 'ds'), false);
});

testKernelWords.run();
