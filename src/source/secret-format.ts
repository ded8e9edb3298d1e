/**
 * What a secret lands in, within a double-quoted string of a node's configuration: text as it is, a string of JSON, or
 * a double-quoted string of YAML that is text itself.
 */
export type SecretFormat = 'text' | 'json' | 'yaml';

/**
 * Gives a secret as it is written in place of its mark: the bytes that a reader of the configuration, and then of the
 * JSON or YAML in it, takes for the value. What is given is free of line breaks, of control characters and of `$`, which
 * nginx could not write. Takes a value of any Unicode characters.
 */
export function encodeSecret(value: string, format: SecretFormat): string {
  if (format === 'json') return quoteYaml(JSON.stringify(value).slice(1, -1));
  return format === 'yaml' ? quoteYaml(quoteYaml(value)) : quoteYaml(value);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

/** What does not stand in double quotes as it is, or not to every reader of YAML 1.1 and 1.2; and `$`. */
const SPECIAL = /["\\$\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Gives a text as what stands between the double quotes of a YAML scalar, on one line. */
function quoteYaml(text: string): string {
  return text.replace(SPECIAL, (character) => SHORT[character] ?? numbered(character.codePointAt(0) ?? 0));
}

/** Source: YAML 1.1 and 1.2, 5.7 "Escaped characters". */
function numbered(code: number): string {
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
