import { Unquotable } from './unquotable.ts';

/** Of a longer one powermand writes over what lies behind its buffer (8192 bytes, parse_lex.l). */
const MOST_BYTES = 8191;

/**
 * Gives a value as a string of a powerman configuration, in double quotes. Source: chaos/powerman,
 * src/powerman/parse_lex.l. Throws Unquotable for control characters, which end a string or are read otherwise, and for
 * what is longer than powermand's buffer.
 */
export function quotePowerman(value: unknown): string {
  const text = String(value);
  const refuse = (why: string) => new Unquotable(text, 'a powerman configuration', why);
  if (/\p{Cc}/u.test(text)) throw refuse('it holds a control character');
  if (Buffer.byteLength(text) > MOST_BYTES) throw refuse(`it is longer than ${MOST_BYTES} bytes`);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
