import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteXinetd, Unquotable } from '../quoting.ts';

const test = suite("words of xinetd's configuration");

test('a word is what it is', () => {
  for (const value of ['/srv/harvgen/tftp', '10.21.0.0/24', 'a#b', "it's"])
    assert.is(quoteXinetd(value), value);
});

test('what is none is refused', () => {
  for (const value of ['', 'a b', '#a', '}', 'a\nb', 'ä'])
    assert.throws(
      () => quoteXinetd(value),
      (error: unknown) => error instanceof Unquotable,
      value,
    );
});

test.run();
