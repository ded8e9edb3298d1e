/** A placeholder for a secret in the output tree. The server of the tree substitutes the value. */
export interface Placeholder {
  readonly name: string;
  /** The context of the placeholder. */
  readonly format: SecretFormat;
}

// No name contains a brace. Otherwise, each of many unclosed references would be searched to the end of the text.
const REFERENCE = /\$\{secret:([^{}]*)\}/g;
const PLACEHOLDER = /@@secret:([a-z][a-z0-9_]*)(?::(json|yaml))?@@/g;

/** A placeholder in a text, with its position. */
export interface LocatedPlaceholder extends Placeholder {
  /** String indices: of the first character, and of the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** The beginnings of a placeholder, in the output, and of a reference to a secret, in an inventory. */
export const BEGINNINGS = ['@@secret:', '${secret:'] as const;

/** Returns the beginning of the first kind of reference to a secret in a text, a placeholder or `${secret:`, or undefined. */
export function referenceIn(text: string): string | undefined {
  return BEGINNINGS.find((beginning) => text.includes(beginning));
}

/** Replaces each reference to a secret, `${secret:name}`, by its placeholder; `format` is the context. */
export function insertPlaceholders(text: string, format: SecretFormat = 'text'): string {
  return replaceReferences(text, (name) => placeholderOf({ name, format }));
}

/** Replaces each reference to a secret, `${secret:name}`, by the text that `replacement` returns for its name. */
export function replaceReferences(text: string, replacement: (name: string) => string): string {
  if (!text.includes('${secret:')) return text;
  return text.replace(REFERENCE, (_, name: string) => replacement(name));
}

/** Returns the names of the secrets that a text refers to, in order. */
export function secretNames(text: string): string[] {
  if (!text.includes('${secret:')) return [];
  return Array.from(text.matchAll(REFERENCE), ([, name = '']) => name);
}

/** Returns a placeholder as text: `@@secret:name@@`, or `@@secret:name:json@@` within JSON. */
export function placeholderOf({ name, format }: Placeholder): string {
  return `@@secret:${name}${format === 'text' ? '' : `:${format}`}@@`;
}

/** Returns the placeholders in a text, in order. */
export function placeholdersIn(text: string): LocatedPlaceholder[] {
  if (!text.includes('@@secret:')) return [];
  return Array.from(text.matchAll(PLACEHOLDER), ({ 0: whole, 1: name = '', 2: format = 'text', index }) => ({
    name,
    format: format as SecretFormat,
    start: index,
    end: index + whole.length,
  }));
}

/** Returns a text without its placeholders. */
export function withoutPlaceholders(text: string): string {
  return text.replace(PLACEHOLDER, '');
}

/**
 * The context of a secret within a double-quoted string of a node's configuration: plain text, a string in JSON, or a
 * double-quoted string in YAML that is itself text.
 */
export type SecretFormat = 'text' | 'json' | 'yaml';

/**
 * Returns the text to substitute for a placeholder: readers of the configuration, and of the JSON or YAML in it, get the
 * value. The result has no line breaks, control characters or `$`, which nginx cannot write. Takes any Unicode text.
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

/** Characters that not every reader of YAML 1.1 and 1.2 accepts unescaped in double quotes; and `$`. */
const SPECIAL = /["\\$\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Returns a text escaped for a double-quoted YAML scalar on one line. */
function quoteYaml(text: string): string {
  return text.replace(SPECIAL, (character) => SHORT[character] ?? numbered(character.codePointAt(0) ?? 0));
}

/** Source: YAML 1.1 and 1.2, 5.7 "Escaped characters". */
function numbered(code: number): string {
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
