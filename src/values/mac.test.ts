import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hyphenMac, parseMac } from './identifiers.ts';

const test = suite('MAC addresses');

test('colons, hyphens and capitals are one address', () => {
  for (const text of ['52:54:00:aa:01:0f', '52-54-00-aa-01-0f', '52:54:00:AA:01:0F', '52-54-00-Aa-01-0F']) {
    assert.is(parseMac(text), '52:54:00:aa:01:0f');
  }
});

test('a locally administered address is one of a NIC', () => {
  assert.is(parseMac('02:00:00:03:3d:61'), '02:00:00:03:3d:61');
  assert.is(parseMac('fe:ff:ff:ff:ff:ff'), 'fe:ff:ff:ff:ff:ff');
});

for (const [text, why] of [
  ['', 'empty'],
  ['52:54:00:aa:01', 'five octets'],
  ['52:54:00:aa:01:01:02', 'seven octets'],
  ['52:54:00:aa:01:zz', 'not hexadecimal'],
  ['52:54:0:aa:01:01', 'an octet of one digit'],
  ['525400aa0101', 'no separators'],
  ['5254.00aa.0101', "a switch's spelling"],
  ['52 54 00 aa 01 01', 'blanks'],
  [' 52:54:00:aa:01:01', 'a blank before'],
  ['52:54:00:aa:01:01\n', 'a line end behind'],
  ['٥2:54:00:aa:01:01', 'a digit of another script'],
] as const) {
  test(`${JSON.stringify(text)} is none: ${why}`, () => {
    assert.is(parseMac(text), undefined);
  });
}

test('what is no one NIC is none: zeros, broadcast and multicast', () => {
  for (const text of [
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    'FF-FF-FF-FF-FF-FF',
    '01:00:5e:00:00:01',
    '33:33:00:00:00:01',
  ]) {
    assert.is(parseMac(text), undefined);
  }
});

test('files are named with hyphens', () => {
  assert.is(hyphenMac('52:54:00:aa:01:01'), '52-54-00-aa-01-01');
});

test.run();
