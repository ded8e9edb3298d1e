import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { quoteNft, Unquotable } from '../quoting.ts';

const test = suite('quoting for nftables');

for (const [value, quoted] of [
  [443, '443'],
  ['192.168.150.0/24', '192.168.150.0/24'],
  ['169.254.169.254', '169.254.169.254'],
  ['fd00:ec2::254', 'fd00:ec2::254'],
  ['fd00::/8', 'fd00::/8'],
  ['virbr-mgmt', '"virbr-mgmt"'],
  // Keywords of nftables, as they may be names of NICs.
  ['drop', '"drop"'],
  ['ip', '"ip"'],
  ['eth0.20', '"eth0.20"'],
  ['*a', '"*a"'],
  ['a b; drop }', '"a b; drop }"'],
  ['$name', '"$name"'],
  ['@set', '"@set"'],
  ['# comment', '"# comment"'],
] as const) {
  test(`${value} is written ${quoted}`, () => {
    assert.is(quoteNft(value), quoted);
  });
}

for (const [value, why] of [
  ['', 'it is empty'],
  ['a"b', 'it holds a quote or a backslash, which cannot be escaped'],
  ['"; flush ruleset; "', 'it holds a quote or a backslash, which cannot be escaped'],
  ['a\\', 'it holds a quote or a backslash, which cannot be escaped'],
  ['virbr*', '* at its end stands for any ending'],
  ['a\nflush ruleset', 'it holds a control character'],
  ['a\0', 'it holds a control character'],
] as const) {
  test(`${JSON.stringify(value)} is refused: ${why}`, () => {
    assert.throws(
      () => quoteNft(value),
      (error: unknown) =>
        error instanceof Unquotable &&
        error.message === `${JSON.stringify(value)} cannot be written in an nftables ruleset: ${why}`,
    );
  });
}

test.run();
