import { Unquotable } from './unquotable.ts';

/**
 * Gives a value as a string of dhcpd.conf, in double quotes: a backslash escapes, and what is not printable ASCII is written
 * by its bytes. Addresses and numbers are no strings there. Source: ISC DHCP 4.4, common/conflex.c (read_string).
 * Throws Unquotable for control characters.
 */
export function quoteDhcpd(value: unknown): string {
  const text = String(value);
  if (/\p{Cc}/u.test(text)) {
    throw new Unquotable(text, 'a configuration of dhcpd', 'it holds a control character');
  }
  const bytes = [...Buffer.from(text)].map((byte) => {
    if (byte > 126) return `\\x${byte.toString(16)}`;
    const character = String.fromCharCode(byte);
    return character === '"' || character === '\\' ? `\\${character}` : character;
  });
  return `"${bytes.join('')}"`;
}
