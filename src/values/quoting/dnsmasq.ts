import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as one comma-separated field of a dnsmasq option: as it is where it is plain, else in double quotes,
 * in which commas and # lose their meaning and a backslash escapes. Source: dnsmasq, src/option.c (read_file).
 * Throws Unquotable for control characters.
 */
export function quoteDnsmasq(value: unknown): string {
  const text = String(value);
  if (/^[A-Za-z0-9_./:@%+-]+$/.test(text)) return text;
  if (/\p{Cc}/u.test(text)) {
    throw new Unquotable(text, 'a dnsmasq configuration', 'it holds a control character');
  }
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
