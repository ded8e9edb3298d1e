import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quotePxelinux, Unquotable } from '../quoting.ts';

const test = suite("words of PXELINUX' configuration");

test('a word is what it is', () => {
  for (const value of ['cn01.ipxe', 'a#b', "it's", '01-52-54-00-0b-01-01'])
    assert.is(quotePxelinux(value), value);
});

test('what is none is refused', () => {
  for (const value of ['', 'a b', '# a', '#a', 'a\nb', 'ä', '\t'])
    assert.throws(
      () => quotePxelinux(value),
      (error: unknown) => error instanceof Unquotable,
      value,
    );
});

test.run();
