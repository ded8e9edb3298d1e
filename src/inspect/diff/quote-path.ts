const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/**
 * Quotes a path for the headers of a diff, where it needs that: as text of C, other bytes than those of ASCII in octal.
 * With a blank in it too: patch takes a name without quotes for ended there.
 */
export function quotePath(path: string): string {
  if (/^[!#-[\]-~]+$/.test(path)) return path;
  const quoted = Array.from(Buffer.from(path), (byte) => {
    const character = String.fromCharCode(byte);
    if (SHORT[character]) return SHORT[character];
    return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${quoted.join('')}"`;
}
