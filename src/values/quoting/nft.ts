import { Unquotable } from './unquotable.ts';

/** Numbers, addresses and subnets, which nft takes as they are. */
const PLAIN = /^([0-9]+|[0-9.]+(\/[0-9]+)?|[0-9a-f]*:[0-9a-f:.]*(\/[0-9]+)?)$/;

/**
 * Gives a value as one word of an nftables ruleset: numbers and addresses as they are, all else in double quotes, since
 * the name of a NIC may be one of nft's keywords. Source: nftables, src/scanner.l (quotedstring), src/evaluate.c
 * (expr_evaluate_string). Throws Unquotable for a quote, which cannot be escaped, for `*` at the end, which stands for any
 * ending, for a backslash, which would take that meaning away, and for control characters.
 */
export function quoteNft(value: unknown): string {
  const text = String(value);
  const refuse = (why: string) => new Unquotable(text, 'an nftables ruleset', why);
  if (text === '') throw refuse('it is empty');
  if (/\p{Cc}/u.test(text)) throw refuse('it holds a control character');
  if (/["\\]/.test(text)) throw refuse('it holds a quote or a backslash, which cannot be escaped');
  if (text.endsWith('*')) throw refuse('* at its end stands for any ending');
  return PLAIN.test(text) ? text : `"${text}"`;
}
