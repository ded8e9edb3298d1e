import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteNginx, quoteNginxLocation, Unquotable } from '../quoting.ts';

const test = suite('quoting for nginx');

for (const value of [
  'harv-1',
  '/srv/harvgen/location_x/www',
  '192.168.178.0/24',
  'http://192.168.178.7:8080',
  'a@b%c+d,e=f',
]) {
  test(`${value} is a parameter as it is`, () => {
    assert.is(quoteNginx(value), value);
  });
}

for (const [value, quoted] of [
  ['', '""'],
  ['a b', '"a b"'],
  ['a; reboot', '"a; reboot"'],
  ['} reboot {', '"} reboot {"'],
  ['# comment', '"# comment"'],
  ['`reboot`', '"`reboot`"'],
  ['|| reboot', '"|| reboot"'],
  ['&& reboot', '"&& reboot"'],
  ["it's", '"it\'s"'],
  ['say "x"', '"say \\"x\\""'],
  ['"; reboot; "', '"\\"; reboot; \\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['ends with \\', '"ends with \\\\"'],
  ['\\"', '"\\\\\\""'],
  ['~*\\.php', '"~*\\\\.php"'],
  ['*', '"*"'],
  ['%s%n <', '"%s%n <"'],
  ['Zürich 東京 🙂', '"Zürich 東京 🙂"'],
] as const) {
  test(`${value} is written ${quoted}`, () => {
    assert.is(quoteNginx(value), quoted);
  });
}

for (const [value, why] of [
  ['$host', '$ begins a variable'],
  ['${net0/ip}', '$ begins a variable'],
  ['$(reboot)', '$ begins a variable'],
  ['a$', '$ begins a variable'],
  ['a\nreboot;', 'it holds a control character'],
  ['a\rreboot;', 'it holds a control character'],
  ['a\tb', 'it holds a control character'],
  ['a\0', 'it holds a control character'],
  ['a\u001b[2J', 'it holds a control character'],
  ['a\u0085b', 'it holds a control character'],
] as const) {
  test(`${JSON.stringify(value)} is refused: ${why}`, () => {
    assert.throws(
      () => quoteNginx(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in an nginx configuration: ${why}`,
    );
  });
}

test('numbers are written as text', () => {
  assert.is(quoteNginx(8080), '8080');
});

test('a location takes $ as it is', () => {
  assert.is(quoteNginxLocation('/a.txt'), '/a.txt');
  assert.is(quoteNginxLocation('/$uri "${host}"'), '"/$uri \\"${host}\\""');
  assert.throws(() => quoteNginxLocation('/a\nb'), /it holds a control character/);
});

test.run();
