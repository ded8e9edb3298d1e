import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteConman } from '../quoting.ts';

const test = suite('quoting for ConMan');

const VALUES: Readonly<Record<string, string>> = {
  cg01: '"cg01"',
  'ipmi:10.0.0.1': '"ipmi:10.0.0.1"',
  'a#b\\c': '"a#b\\c"',
  'a"b': `'a"b'`,
  "it's": `"it's"`,
};

for (const [value, quoted] of Object.entries(VALUES)) {
  test(`${JSON.stringify(value)} is ${quoted}`, () => assert.is(quoteConman(value), quoted));
}

test('what conmand would read otherwise is refused', () => {
  for (const [value, why] of Object.entries({
    'a\nb': 'it holds a control character',
    '%N': 'it holds a percent sign',
    'a"b\'c': 'it holds both kinds of quotes',
  }))
    assert.throws(() => quoteConman(value), why);
});

test.run();
