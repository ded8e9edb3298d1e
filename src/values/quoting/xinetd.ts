import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as a word of xinetd's configuration, which knows no quotes: blanks part words, and a server's arguments are such
 * words. Source: xinetd, xinetd/parse.c and xinetd.conf(5).
 * Throws Unquotable for what is empty or holds a blank, a control character or what is not ASCII.
 */
export function quoteXinetd(value: unknown): string {
  const text = String(value);
  if (/^[!-~]+$/.test(text) && !/^[#{}]/.test(text)) return text;
  throw new Unquotable(text, "xinetd's configuration", 'it is no single word');
}
