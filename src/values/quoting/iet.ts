import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as a word of IET's configurations, which know no quotes. Source: iscsitarget, usr/plain.c (target_sep_string).
 * Throws Unquotable for anything but letters, digits and `. _ : / @ + -`.
 */
export function quoteIet(value: unknown): string {
  const text = String(value);
  if (/^[A-Za-z0-9._:/@+-]+$/.test(text)) return text;
  throw new Unquotable(text, "IET's configuration", 'it holds more than letters, digits and . _ : / @ + -');
}
