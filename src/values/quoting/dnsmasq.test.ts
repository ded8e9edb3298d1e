import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteDnsmasq, Unquotable } from '../quoting.ts';

const test = suite('quoting for dnsmasq');

for (const value of [
  'harv-1',
  '52:54:00:aa:01:01',
  '192.168.178.0/24',
  '/srv/harvgen/tftp',
  'a@b%c+d',
  '12h',
]) {
  test(`${value} is a field as it is`, () => {
    assert.is(quoteDnsmasq(value), value);
  });
}

for (const [value, quoted] of [
  ['', '""'],
  ['a b', '"a b"'],
  ['a,b', '"a,b"'],
  ['# comment', '"# comment"'],
  ['a#b', '"a#b"'],
  ['$(reboot)', '"$(reboot)"'],
  ['`reboot`', '"`reboot`"'],
  ['${net0/ip}', '"${net0/ip}"'],
  ['; reboot', '"; reboot"'],
  ['|| reboot && reboot', '"|| reboot && reboot"'],
  ["it's", '"it\'s"'],
  ['say "x"', '"say \\"x\\""'],
  ['", reboot', '"\\", reboot"'],
  ['back\\slash', '"back\\\\slash"'],
  ['ends with \\', '"ends with \\\\"'],
  ['a\\nb', '"a\\\\nb"'],
  ['tag:!x', '"tag:!x"'],
  ['a=b', '"a=b"'],
  ['Zürich 東京 🙂', '"Zürich 東京 🙂"'],
] as const) {
  test(`${value} is written ${quoted}`, () => {
    assert.is(quoteDnsmasq(value), quoted);
  });
}

for (const value of ['a\nb', 'a\r\nb', 'a\tb', 'a\0', 'a\u001b[2J', 'a\u007f', 'a\u0085b']) {
  test(`${JSON.stringify(value)} is refused`, () => {
    assert.throws(
      () => quoteDnsmasq(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message ===
          `${JSON.stringify(value)} cannot be written in a dnsmasq configuration: it holds a control character`,
    );
  });
}

test('numbers are written as text', () => {
  assert.is(quoteDnsmasq(67), '67');
});

test.run();
