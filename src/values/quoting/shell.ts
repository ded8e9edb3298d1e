import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as one word of a POSIX shell: as it is where it is plain, else in single quotes, in which nothing but
 * the quote itself is special. Throws Unquotable for a NUL, which no argument can hold.
 */
export function quoteShell(value: unknown): string {
  const text = String(value);
  if (text.includes('\0')) throw new Unquotable(text, 'a shell script', 'it holds a NUL');
  if (/^[A-Za-z0-9_./:@%+,=-]+$/.test(text) && !/^[-=]/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
