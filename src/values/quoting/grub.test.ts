import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteGrub, quoteGrubArg, Unquotable } from '../quoting.ts';

const test = suite('quoting for GRUB');

const VALUES = [
  '',
  'vmlinuz-6.1.0',
  '(http,10.1.0.1)/images/vmlinuz',
  'ds=nocloud-net;s=http://10.1.0.1/cloud-init/a/',
  'a b',
  '  both ends  ',
  '$prefix',
  '${net_default_mac}',
  '$(halt)',
  '`halt`',
  '; halt',
  '|| halt',
  '& halt',
  '{ halt',
  '}',
  '# remark',
  "it's",
  "'",
  "''",
  "'; halt; '",
  '"; halt; "',
  '\\',
  "\\'",
  'a\\nb',
  '<in >out',
  '*',
  '!',
  'if',
  'done',
  'x=y',
  '[a]',
];

test('a value is one word, and nothing else', () => {
  for (const value of VALUES) {
    const quoted = quoteGrub(value);
    assert.is(unquoted(quoted), value);
  }
});

test('what cannot be said is refused', () => {
  for (const value of ['a\nb', '\t', '\0', 'ü'])
    assert.throws(
      () => quoteGrub(value),
      (error: unknown) => error instanceof Unquotable,
    );
});

test('an argument of the kernel comes to it as it is meant', () => {
  for (const [word, quoted] of [
    ['ip=dhcp', "'ip=dhcp'"],
    ['ds=nocloud-net;s=http://10.1.0.1/a/', "'ds=nocloud-net;s=http://10.1.0.1/a/'"],
    ['"ds=nocloud-net;s=http://10.1.0.1/a/"', "'ds=nocloud-net;s=http://10.1.0.1/a/'"],
    ['dyndbg="file a +p"', "'dyndbg=file a +p'"],
    ['"dyndbg=file a +p"', "'dyndbg=file a +p'"],
    ['a=$b', "'a=$b'"],
    ['quiet', 'quiet'],
  ] as const) {
    assert.is(quoteGrubArg(word), quoted);
  }
  for (const word of ['a=b\\c', "a='b'", 'a=b"c d"', 'a=b="c d"', '"'])
    assert.throws(
      () => quoteGrubArg(word),
      (error: unknown) => error instanceof Unquotable,
    );
});

test.run();

/** What GRUB reads a word as. */
function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|\\(.)/g,
    (_, inner: string | undefined, escaped: string | undefined) => inner ?? escaped ?? '',
  );
}
