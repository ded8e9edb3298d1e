import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as one item of a systemd unit's setting, a command's argument among them: `%`, which begins a specifier,
 * doubled; as it is where it is plain, else in double quotes, in which a backslash takes the meaning of quote and
 * backslash away, in commands and elsewhere. Source: systemd.syntax(7), systemd.service(5), systemd's
 * src/basic/extract-word.c. Throws Unquotable for `$`, which begins a variable in commands and is doubled there, but
 * stands for itself elsewhere, and for control characters.
 */
export function quoteSystemd(value: unknown): string {
  const text = String(value);
  if (text.includes('$')) throw new Unquotable(text, 'a systemd unit', '$ begins a variable in commands');
  if (/\p{Cc}/u.test(text)) throw new Unquotable(text, 'a systemd unit', 'it holds a control character');
  const literal = text.replaceAll('%', '%%');
  if (/^[A-Za-z0-9_./:@%+,=-]+$/.test(literal)) return literal;
  return `"${literal.replace(/[\\"]/g, '\\$&')}"`;
}
