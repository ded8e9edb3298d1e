import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteDhcpd, Unquotable } from '../quoting.ts';

const test = suite("quoting for ISC's dhcpd");

for (const [value, quoted] of [
  ['harv-1', '"harv-1"'],
  ['', '""'],
  ['http://10.0.0.7/boot.ipxe', '"http://10.0.0.7/boot.ipxe"'],
  ['${net0/mac}; }', '"${net0/mac}; }"'],
  ['say "x"', '"say \\"x\\""'],
  ['ends with \\', '"ends with \\\\"'],
  ['a\\nb', '"a\\\\nb"'],
  ['# comment', '"# comment"'],
  ['Zürich', '"Z\\xc3\\xbcrich"'],
] as const) {
  test(`${value} is written ${quoted}`, () => {
    assert.is(quoteDhcpd(value), quoted);
  });
}

for (const value of ['a\nb', 'a\r\nb', 'a\tb', 'a\0', 'a\u007f', 'a\u0085b']) {
  test(`${JSON.stringify(value)} is refused`, () => {
    assert.throws(
      () => quoteDhcpd(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message ===
          `${JSON.stringify(value)} cannot be written in a configuration of dhcpd: it holds a control character`,
    );
  });
}

test.run();
