import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteSystemd, Unquotable } from '../quoting.ts';

const test = suite('quoting for systemd');

// test/system/expose.test.ts has systemd itself read them back.
for (const [value, quoted] of [
  ['/srv/harvgen/plant/scripts/watchdog.sh', '/srv/harvgen/plant/scripts/watchdog.sh'],
  ['TCP4:192.168.150.40:443,nodelay', 'TCP4:192.168.150.40:443,nodelay'],
  [443, '443'],
  ['', '""'],
  ['a b', '"a b"'],
  ['100%', '100%%'],
  ['%n %i', '"%%n %%i"'],
  ['%%', '%%%%'],
  ['it\'s "x"', '"it\'s \\"x\\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['ends with \\', '"ends with \\\\"'],
  ['\\x20', '"\\\\x20"'],
  [';', '";"'],
  ['# comment', '"# comment"'],
  ['a; reboot', '"a; reboot"'],
  ['[Service]', '"[Service]"'],
  ['`reboot`', '"`reboot`"'],
  ['Zürich 東京 🙂', '"Zürich 東京 🙂"'],
] as const) {
  test(`${value} is written ${quoted}`, () => {
    assert.is(quoteSystemd(value), quoted);
  });
}

for (const [value, why] of [
  ['$HOME', '$ begins a variable in commands'],
  ['${HOME}', '$ begins a variable in commands'],
  ['a$$b', '$ begins a variable in commands'],
  ['a\nExecStart=/bin/reboot', 'it holds a control character'],
  ['a\rb', 'it holds a control character'],
  ['a\tb', 'it holds a control character'],
  ['a\0', 'it holds a control character'],
] as const) {
  test(`${JSON.stringify(value)} is refused: ${why}`, () => {
    assert.throws(
      () => quoteSystemd(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in a systemd unit: ${why}`,
    );
  });
}

test.run();
