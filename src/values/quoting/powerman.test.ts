import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quotePowerman } from '../quoting.ts';

const test = suite('quoting for powerman');

const VALUES: Readonly<Record<string, string>> = {
  cg01: '"cg01"',
  '': '""',
  '/usr/sbin/ipmipower -h a,b |&': '"/usr/sbin/ipmipower -h a,b |&"',
  'a"b\\c': '"a\\"b\\\\c"',
};

for (const [value, quoted] of Object.entries(VALUES)) {
  test(`${JSON.stringify(value)} is ${quoted}`, () => assert.is(quotePowerman(value), quoted));
}

test('what powermand would read otherwise is refused', () => {
  for (const value of ['a\nb', 'a\tb', 'a\x00'])
    assert.throws(
      () => quotePowerman(value),
      /cannot be written in a powerman configuration: it holds a control/,
    );
  assert.is(quotePowerman('x'.repeat(8191)).length, 8193);
  assert.throws(() => quotePowerman('x'.repeat(8192)), /it is longer than 8191 bytes/);
});

test.run();
