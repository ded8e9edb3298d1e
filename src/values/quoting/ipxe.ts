import { Unquotable } from './unquotable.ts';

/** A word that is one whatever it stands in: nearly all that is written. */
const PLAIN = /^[\w/:.@%+=,-]+$/;

/** Says whether a text, and whatever is put together of such texts and of other plain ones, can be written in an iPXE script. */
export function isPlainInIpxe(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * Gives a value as part of a word of an iPXE script. iPXE has no quotes and no escapes: a blank ends the word, `${`
 * begins a setting, and a word that begins with `#` or is `||`, `&&` or `;` ends the command.
 * Source: iPXE, src/core/exec.c (split_command, expand_command) and src/core/parseopt.c.
 * Throws Unquotable for a value that holds any of these, or anything that is not printable ASCII.
 */
export function quoteIpxe(value: unknown): string {
  const text = String(value);
  if (PLAIN.test(text)) return text;
  const refuse = (why: string) => new Unquotable(text, 'an iPXE script', why);
  if (text === '') throw refuse('it is empty');
  if (/[^!-~]/.test(text))
    throw refuse('it holds a blank, a control character or a character that is not ASCII');
  if (text.includes('${')) throw refuse('${ begins a setting');
  if (/^#|^(\|\||&&|;)$/.test(text)) throw refuse('it would end the command');
  return text;
}
