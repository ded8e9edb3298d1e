/** What stands in the tree for a secret: whoever serves the tree puts the value there. */
export interface Placeholder {
  readonly name: string;
  /** What it lands in. */
  readonly format: SecretFormat;
}

const REFERENCE = /\$\{secret:([^}]*)\}/g;
const MARK = /@@secret:([a-z][a-z0-9_]*)(?::(json|yaml))?@@/g;

/** A mark that stands in a text, and where. */
export interface PlacedMark extends Placeholder {
  /** Counted as the text is indexed: the first character, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** How a mark and a reference to a secret begin: in the output, and in an inventory. */
export const BEGINNINGS = ['@@secret:', '${secret:'] as const;

/** Gives how a text refers to a secret first, by a mark or as an inventory does; undefined where it does not. */
export function referenceIn(text: string): string | undefined {
  return BEGINNINGS.find((beginning) => text.includes(beginning));
}

/** Gives a text with each reference to a secret, `${secret:name}`, as its mark; `format` is what the text is. */
export function insertPlaceholders(text: string, format: SecretFormat = 'text'): string {
  return replaceReferences(text, (name) => placeholderOf({ name, format }));
}

/** Gives a text with each reference to a secret, `${secret:name}`, as what is given for its name. */
export function replaceReferences(text: string, give: (name: string) => string): string {
  if (!text.includes('${secret:')) return text;
  return text.replace(REFERENCE, (_, name: string) => give(name));
}

/** Gives the names of the secrets that a text refers to, in their order. */
export function secretNames(text: string): string[] {
  if (!text.includes('${secret:')) return [];
  return Array.from(text.matchAll(REFERENCE), ([, name = '']) => name);
}

/** Gives a mark as it stands in the tree: `@@secret:name@@`, or `@@secret:name:json@@` within JSON. */
export function placeholderOf({ name, format }: Placeholder): string {
  return `@@secret:${name}${format === 'text' ? '' : `:${format}`}@@`;
}

/** Gives the marks that stand in a text, in their order. */
export function placeholdersIn(text: string): PlacedMark[] {
  if (!text.includes('@@secret:')) return [];
  return Array.from(text.matchAll(MARK), ({ 0: whole, 1: name = '', 2: format = 'text', index }) => ({
    name,
    format: format as SecretFormat,
    start: index,
    end: index + whole.length,
  }));
}

/** Gives a text without its marks. */
export function withoutMarks(text: string): string {
  return text.replace(MARK, '');
}

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
