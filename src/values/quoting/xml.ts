import { Unquotable } from './unquotable.ts';

/** What XML takes as it is: nearly all that is written. */
const PLAIN = /^[A-Za-z0-9_ ./:@%+,=-]*$/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Gives a value as text of an XML element, or of an attribute in either kind of quotes. Source: XML 1.0, 2.4 (character
 * data and markup). Not for comments, in which nothing can be quoted.
 * Throws Unquotable for control characters, of which XML turns some into blanks and takes no other, and for what is no
 * character at all: half of a pair, U+FFFE, U+FFFF (XML 1.0, 2.2).
 */
export function quoteXml(value: unknown): string {
  const text = String(value);
  if (PLAIN.test(text)) return text;
  if (/\p{Cc}/u.test(text)) throw new Unquotable(text, 'XML', 'it holds a control character');
  if (/[\p{Cs}\ufffe\uffff]/u.test(text)) throw new Unquotable(text, 'XML', 'it holds what is no character');
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
