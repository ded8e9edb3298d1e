import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseLinkSpeed, parseSize, wholeGib } from './size.ts';

const test = suite('sizes and speeds');

test('decimal and binary units differ', () => {
  assert.is(parseSize('480GB'), 480e9);
  assert.is(parseSize('480G'), 480e9);
  assert.is(parseSize('512Gi'), 512 * 2 ** 30);
  assert.is(parseSize('512GiB'), 512 * 2 ** 30);
  assert.is(parseSize('1.92TB'), 1.92e12);
  assert.is(parseSize('2Ti'), 2 * 2 ** 40);
  assert.is(parseSize('300MB'), 300e6);
});

test('other texts return undefined', () => {
  for (const text of ['', '480', 'GB', '480 GB', '480kB', '-1G', '1e3G', '480gb'])
    assert.is(parseSize(text), undefined);
});

test('whole GiB are rounded down, as in the installer', () => {
  assert.is(wholeGib(268_435_456_000), 250);
  assert.is(wholeGib(268_435_455_999), 249);
  assert.is(wholeGib(250e9), 232);
});

test('link speeds are converted to Mbit/s', () => {
  assert.is(parseLinkSpeed('10G'), 10_000);
  assert.is(parseLinkSpeed('2.5G'), 2500);
  assert.is(parseLinkSpeed('100M'), 100);
  assert.is(parseLinkSpeed('10'), undefined);
  assert.is(parseLinkSpeed('10Gbit'), undefined);
});

test.run();
