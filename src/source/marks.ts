import type { SecretFormat } from './secret-format.ts';

/** What stands in the tree for a secret: whoever serves the tree puts the value there. */
export interface Mark {
  /** The secret's name. */
  readonly name: string;
  /** What it lands in. */
  readonly format: SecretFormat;
}

/** How an inventory refers to a secret. */
const REFERENCE = /\$\{secret:([^}]*)\}/g;
const MARK = /@@secret:([a-z][a-z0-9_]*)(?::(json|yaml))?@@/g;

/** A mark that stands in a text, and where. */
export interface PlacedMark extends Mark {
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
export function markSecrets(text: string, format: SecretFormat = 'text'): string {
  return replaceReferences(text, (name) => markOf({ name, format }));
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
export function markOf({ name, format }: Mark): string {
  return `@@secret:${name}${format === 'text' ? '' : `:${format}`}@@`;
}

/** Gives the marks that stand in a text, in their order. */
export function marksIn(text: string): PlacedMark[] {
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
