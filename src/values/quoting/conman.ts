import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as a string of a ConMan configuration, in double quotes, or in single ones where it has double ones: there
 * are no escapes. Source: conman.conf(5). Throws Unquotable for control characters, for both quotes at once, and for a
 * percent sign, with which a specifier such as %N begins.
 */
export function quoteConman(value: unknown): string {
  const text = String(value);
  const refuse = (why: string) => new Unquotable(text, 'a ConMan configuration', why);
  if (/\p{Cc}/u.test(text)) throw refuse('it holds a control character');
  if (text.includes('%')) throw refuse('it holds a percent sign');
  if (!text.includes('"')) return `"${text}"`;
  if (text.includes("'")) throw refuse('it holds both kinds of quotes');
  return `'${text}'`;
}
