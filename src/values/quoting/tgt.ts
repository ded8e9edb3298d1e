import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as a word of a tgt configuration. tgt-admin hands words to a shell, so that none may hold what is special
 * there. Source: tgt, scripts/tgt-admin (execute, add_backing_direct). Throws Unquotable for anything but letters, digits
 * and `. _ : / @ + -`.
 */
export function quoteTgt(value: unknown): string {
  const text = String(value);
  if (/^[A-Za-z0-9._:/@+-]+$/.test(text)) return text;
  throw new Unquotable(text, 'a tgt configuration', 'it holds more than letters, digits and . _ : / @ + -');
}
