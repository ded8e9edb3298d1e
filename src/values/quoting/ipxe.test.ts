import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteIpxe, Unquotable } from '../quoting.ts';

const test = suite('quoting for iPXE');

for (const value of [
  'harv-1',
  'http://192.168.178.7:8080/config/52-54-00-aa-01-01.yaml',
  'ip=192.168.178.41::192.168.178.1:255.255.255.0:harv-1:eno1:none',
  'a#b',
  'a;b',
  'a||b',
  'a&&b',
  '|',
  '&',
  ';;',
  '$(reboot)',
  '`reboot`',
  '$net0',
  '{net0/ip}',
  '%s',
  '-reboot',
  '--timeout',
  'back\\slash',
  `"'`,
]) {
  test(`${value} is a word as it is`, () => {
    assert.is(quoteIpxe(value), value);
  });
}

for (const [value, why] of [
  ['', 'it is empty'],
  ['${net0/ip}', '${ begins a setting'],
  ['a${', '${ begins a setting'],
  ['$${net0/ip}', '${ begins a setting'],
  ['#comment', 'it would end the command'],
  ['||', 'it would end the command'],
  ['&&', 'it would end the command'],
  [';', 'it would end the command'],
  ['a b', 'it holds a blank, a control character or a character that is not ASCII'],
  [' a', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\tb', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\nreboot', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\rreboot', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\0', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\u001b[2J', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\u007f', 'it holds a blank, a control character or a character that is not ASCII'],
  ['München', 'it holds a blank, a control character or a character that is not ASCII'],
  ['a\u2028b', 'it holds a blank, a control character or a character that is not ASCII'],
] as const) {
  test(`${JSON.stringify(value)} is refused: ${why}`, () => {
    assert.throws(
      () => quoteIpxe(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in an iPXE script: ${why}`,
    );
  });
}

test('numbers are written as text', () => {
  assert.is(quoteIpxe(8080), '8080');
});

test.run();
