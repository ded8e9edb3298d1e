import { basename } from 'node:path';
import { Document, isCollection, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { SourceLocation } from '../../source/source.ts';
import { groupedBy } from '../../values/grouped.ts';
import { controlIn, escapeControlChars } from '../../values/text.ts';
import type { Sourced } from '../model/gathered.ts';
import type { ImportedSite } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { headOf, type Notes } from '../model/notes.ts';
import type { Secrets } from '../model/secrets.ts';

/** The placeholder for a value that the user must fill in: `harvgen check` rejects it and reports its line. */
export const OPEN = '…';

/** The comment on such a value. */
export const NOT_FOUND = 'not found in the files read';

/** The inventory of a site in the order of its keys; each value has a comment with its source. */
export type SiteModel = ContentMap & Readonly<Record<'site' | 'server' | 'networks' | 'nodes', Content>>;

/** Returns the inventory of a site, with the title and all notes as its head. */
export function writeSite(
  name: string,
  model: SiteModel,
  title: string,
  notes: Notes,
  secrets: Readonly<Pick<Secrets, 'values' | 'at'> & { toMake?: ReadonlyMap<string, string> }>,
): ImportedSite {
  const all = notes.sorted();
  const { values, at, toMake } = secrets;
  const text = yamlOf(model, headOf(title, all));
  return { name, text, secrets: values, secretsAt: at, ...(toMake && { secretsToMake: toMake }), notes: all };
}

/** Returns a value with a comment that names its source, or undefined for no value. */
export function sourced<T extends Content>(fact: Sourced<T> | undefined): Content | undefined {
  return fact && noted(fact.value, sourceComment([fact.at]));
}

/** Returns a value with a comment that names its sources, or without one if no file contains it. */
export function sourcedAt(value: Content, locations: readonly (SourceLocation | undefined)[]): Content {
  const from = sourceComment(locations);
  return from === '' ? value : noted(value, from);
}

/** Returns a map of contents by name, or undefined if there are none. */
export function byName<T extends { readonly name: string }>(
  things: Iterable<T>,
  contentOf: (thing: T) => Content,
): ContentMap | undefined {
  const entries = Array.from(things, (thing) => [thing.name, contentOf(thing)]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Returns a list on one line with a comment that names the sources, or undefined for an empty list. */
export function sourcedList(values: readonly Sourced<string>[]): Content | undefined {
  const from = sourceComment(values.map(({ at }) => at));
  return values.length === 0
    ? undefined
    : flow(
        values.map(({ value }) => value),
        from,
      );
}

/** The contents of YAML: plain values, of which any can be wrapped with a style or a comment. */
export type Content = string | number | boolean | null | readonly Content[] | ContentMap | Written;
export interface ContentMap {
  readonly [key: string]: Content | undefined;
}

/** A value with its style and comments. */
export class Written {
  readonly value: Content;
  readonly how: How;

  constructor(value: Content, how: How) {
    this.value = value;
    this.how = how;
  }
}

interface How {
  /** A comment on separate lines before the key. */
  readonly before?: string;
  /** A comment after the value, on its line. */
  readonly behind?: string | undefined;
  /** Whether to write the value in braces or brackets, on one line. */
  readonly flow?: boolean;
}

/** Returns a value that is written in braces or brackets. */
export function flow(value: Content, behind?: string): Written {
  return new Written(value, { flow: true, behind });
}

/** Returns a value with a comment after it. */
export function noted(value: Content, behind: string): Written {
  return new Written(value, { behind });
}

/** Returns a value with a comment before its key. */
export function headed(before: string, value: Content): Written {
  return new Written(value, { before });
}

/** Returns a map as YAML, with empty lines between its keys, and `head` as the first comment. */
function yamlOf(content: ContentMap, head: string): string {
  const document = new Document(new YAMLMap());
  const map = nodeOf(content) as YAMLMap<Scalar, Node>;
  map.items.forEach(({ key }, index) => {
    key.spaceBefore = index > 0;
  });
  document.contents = map as unknown as typeof document.contents;
  const lines = linesOf(head).map((line) => `# ${line}`.trimEnd());
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  // They are in double quotes.
  return `${lines.join('\n')}\n${text.replace(RAW, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}`;
}

/** Control characters that the library writes unchanged. */
const RAW = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Splits at every line separator and escapes control characters, so that no comment can become YAML. */
function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/).map(escapeControlChars);
}

function nodeOf(content: Content): Node {
  if (content instanceof Written) {
    const { flow: isFlow = false, behind } = content.how;
    const node = nodeOf(content.value);
    if (isFlow && isCollection(node)) node.flow = true;
    if (behind !== undefined && (isFlow || isScalar(node))) node.comment = ` ${escapeControlChars(behind)}`;
    return node;
  }
  if (typeof content !== 'object' || content === null) return scalarOf(content);
  const node = Array.isArray(content) ? new YAMLSeq() : new YAMLMap();
  for (const [key, value] of Object.entries(content as ContentMap)) {
    if (value === undefined) continue;
    const name = scalarOf(key);
    const before = value instanceof Written ? value.how.before : undefined;
    if (before !== undefined)
      name.commentBefore = linesOf(before)
        .map((line) => ` ${line}`)
        .join('\n');
    if (isSeq(node)) node.items.push(nodeOf(value));
    else node.items.push(new Pair(name, nodeOf(value)));
  }
  return node;
}

/** Older YAML readers take these words for booleans; the library quotes all other special values, but not control characters. */
function scalarOf(content: unknown): Scalar {
  const scalar = new Scalar(content);
  const isQuoted =
    typeof content === 'string' &&
    (/^(yes|no|on|off|y|n)$/.test(content) || controlIn(content) !== undefined);
  if (isQuoted) scalar.type = 'QUOTE_DOUBLE';
  return scalar;
}

/** Maximum number of source lines of a file, and of files, to list in a comment. */
const MOST_LINES = 8;
const MOST_FILES = 3;

/** Returns a comment with the sources of values: `data.yaml:12, 14`, or `line 12` for standard input. */
export function sourceComment(locations: readonly (SourceLocation | undefined)[]): string {
  const found = locations.filter((location) => location !== undefined);
  const files = [...groupedBy(found, ({ source }) => source.file).values()].map(linesText);
  return [...files.slice(0, MOST_FILES), ...(files.length > MOST_FILES ? ['…'] : [])].join(', ');
}

function linesText(locations: readonly [SourceLocation, ...SourceLocation[]]): string {
  const lines = [...new Set(locations.map(({ source, start }) => source.position(start).line))].sort(
    (a, b) => a - b,
  );
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines;
  const { file } = locations[0].source;
  if (file === '-') return `${lines.length > 1 ? 'lines' : 'line'} ${shown.join(', ')}`;
  const name = basename(file);
  return `${/^[\w.-]+$/.test(name) ? name : displayName(name)}:${shown.join(', ')}`;
}
