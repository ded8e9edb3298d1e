import type { Span } from '../../values/spans.ts';
import { nearest } from '../../values/text.ts';
import type { Fix, TextEdit } from '../diagnostics/report.ts';
import { listed } from '../diagnostics/words.ts';
import { type Path, pathText } from '../leaf.ts';
import { derivationOf, locationsOf, selfLocation, type Value, type ValueMap } from '../origin.ts';
import { rangeAt, Source, type SourceLocation } from '../source.ts';
import { asYaml, keyAsYaml, type Quotes } from './as-yaml.ts';
import { withoutValue, withValue } from './edit-text.ts';
import { beginsLine, lineStart, spliced } from './lines.ts';
import {
  EditRefusal,
  type Item,
  isBlock,
  locate,
  pathAt,
  readYamlText,
  type Step,
  type YamlText,
} from './yaml-text.ts';

/** A part of a fix. Throws EditRefusal if the text cannot be changed that way. */
type Change = () => { readonly words: string; readonly edits: readonly TextEdit[] };

/** Makes its edits when they are read: most runs print a diagnostic without them. */
class LazyFix implements Fix {
  readonly safe: boolean;
  readonly #changes: readonly (Change | undefined)[];
  #made: Pick<Fix, 'title' | 'edits'> | undefined;

  constructor(safe: boolean, changes: readonly (Change | undefined)[]) {
    this.safe = safe;
    this.#changes = changes;
  }

  get title(): string {
    return this.#make().title;
  }

  get edits(): readonly TextEdit[] {
    return this.#make().edits;
  }

  #make() {
    this.#made ??= make(this.#changes);
    return this.#made;
  }
}

function make(changes: readonly (Change | undefined)[]): Pick<Fix, 'title' | 'edits'> {
  try {
    const made = changes.map((change) => change?.() ?? refuse());
    return { title: listed(made.map(({ words }) => words)), edits: made.flatMap(({ edits }) => edits) };
  } catch (error) {
    if (error instanceof EditRefusal) return { title: '', edits: [] };
    throw error;
  }
}

/** Returns the fix of a diagnostic for which only one meaning is possible: `check --fix` applies it. */
export function safeFix(...changes: readonly (Change | undefined)[]): Fix {
  return new LazyFix(true, changes);
}

/** Returns the fix of a diagnostic that a person must choose, because the diagnostic has other remedies, too. */
export function suggestedFix(...changes: readonly (Change | undefined)[]): Fix {
  return new LazyFix(false, changes);
}

/** Returns a change that replaces the text at a location by others, or inserts at a location without length. */
export function replaceText(words: string, ...edits: readonly TextEdit[]): Change {
  return () => ({ words, edits });
}

/** Returns a change that puts the plain scalar at a location in quotes. Does not show it, because it may be a secret. */
export function quote(at: SourceLocation): Change {
  const { source, start, end } = at;
  const mark = (offset: number) => ({ at: { source, start: offset, end: offset }, text: '"' });
  return replaceText('write it in quotes', mark(start), mark(end));
}

/** Returns a change that renames the key at a location. */
export function renameKey({ source, start, end }: SourceLocation, name: string): Change {
  const words = `rename ${source.text.slice(start, end)} to ${name}`;
  return replaceText(words, { at: { source, start, end }, text: keyAsYaml(name) });
}

/** Returns a change of a word in the text at a location, which contains it once. */
export function replaceWord({ source, start, end }: SourceLocation, word: string, by: string): Change {
  return () => {
    const [before = '', ...others] = source.text.slice(start, end).split(word);
    if (others.length !== 1) refuse();
    const from = start + before.length;
    const at = { source, start: from, end: from + word.length };
    return { words: `change ${word} to ${by}`, edits: [{ at, text: by }] };
  };
}

/** Returns a change of the scalar, map or list at a location to another value. */
export function replaceValue(at: SourceLocation, value: Value): Change {
  const { source, start, end } = at;
  const text = source.text.slice(start, end);
  return () => {
    // The numbers in brackets are those of several nodes.
    if (text.includes('${') || (rangeAt(at) !== undefined && /\[[\da-f,-]+\]/i.test(text))) refuse();
    if (/^[|>[{]|\n|^$/.test(text)) return edit(at, [], ['change', 'to'], value);
    const quotes: Quotes = text.startsWith('"')
      ? 'QUOTE_DOUBLE'
      : text.startsWith("'")
        ? 'QUOTE_SINGLE'
        : undefined;
    const style = { flow: true, padded: true, quotes: typeof value === 'string' ? quotes : undefined };
    const now = asYaml(value, style);
    const isSame = unquoted(text) === unquoted(now); // apart from quotes, which then are the change
    const words = isSame ? `change ${text} to ${now}` : `change ${unquoted(text)} to ${unquoted(now)}`;
    return { words, edits: [{ at, text: now }] };
  };
}

/** Returns the fix of an unknown name at a location: the nearest known name, or undefined without one. */
export function nearestOf(
  at: SourceLocation,
  name: string | undefined,
  known: readonly (string | undefined)[],
): Fix | undefined {
  const names = known.filter((name) => name !== undefined);
  const meant = name === undefined ? undefined : nearest(name, names);
  return meant === undefined ? undefined : suggestedFix(replaceValue(at, meant));
}

function unquoted(text: string): string {
  return /^(["'])(?=.*\1$)([^"'\\]+).$/.exec(text)?.[2] ?? text;
}

/**
 * Returns a change that sets a key of a container, by its name in the inventory. A value that is derived, or that the container
 * lacks, becomes a key of its own.
 */
export function setKey(container: object, key: string | number, value: Value): Change {
  const found = locationOfKey(container, key);
  return found
    ? replaceValue(found.value, value)
    : () => edit(selfLocation(container), [key], ['add', ':'], value);
}

/** Returns a change that removes a key of a container, or an entry of a list; its container stays. */
export function removeKey(container: object, key: string | number): Change {
  const found = locationOfKey(container, key);
  return () => (found ? edit(found.key, [], ['remove', '']) : refuse());
}

/** Returns a change that removes the key, or the entry of a list, at a location; its container stays. */
export function removeAt(at: SourceLocation): Change {
  return () => edit(at, [], ['remove', '']);
}

/** Returns a change that moves a key of a map, without comments in its value, to a path below the same map, with the maps around it. */
export function moveKey(map: ValueMap, key: string, path: Path): Change {
  const found = locationOfKey(map, key);
  const remove = removeKey(map, key);
  const value = map[key]; // which is removed from the map after its error
  return () => {
    // The value is written again, without its comments.
    const text = found?.key.source.text.slice(found.key.end, found.value.end) ?? '';
    if (/(?:^|\s)#/.test(text)) refuse();
    return {
      words: `move ${key} to ${pathText(path)}`,
      edits: [...remove().edits, ...edit(selfLocation(map), path, ['add', ':'], value).edits],
    };
  };
}

function locationOfKey(container: object, key: string | number) {
  return derivationOf(container, String(key)) === undefined ? locationsOf(container, key) : undefined;
}

function refuse(): never {
  throw new EditRefusal('it cannot be edited', { source: new Source('', ''), start: 0, end: 0 });
}

/**
 * Sets the value at a location, or a key below it, or removes it without a value. Edits only the part of the text around the
 * location if nothing else can refer to it: to read a large file again for each fix would be slow.
 */
function edit(
  at: SourceLocation,
  below: Path,
  [verb, sign]: readonly [verb: string, sign: string],
  value?: Value,
): ReturnType<Change> {
  const { source, from } = documentAt(at);
  const text = readYamlText(source) ?? refuse();
  const place = pathAt(text, { start: at.start - from, end: at.end - from }) ?? refuse();
  const path = [...place, ...below];
  const entry = text.aliases.size === 0 ? entryAt(text, path) : undefined;
  const part = entry ? new Source(source.file, source.text.slice(entry.start, entry.end)) : source;
  const inner = entry ? path.slice(1) : path;
  const result =
    value === undefined ? withoutValue(part, inner, inner.length - 1) : withValue(part, inner, value);
  const words = [verb, pathText(path)].join(' ');
  return {
    words:
      value === undefined
        ? words
        : `${words}${sign === ':' ? '' : ' '}${sign} ${asYaml(value, { flow: true, padded: true })}`,
    edits: [difference(at.source, from + (entry?.start ?? 0), part.text, result.text)],
  };
}

/** The documents of a file by their starts: each is parsed once. */
const documents = new WeakMap<Source, Map<number, Source>>();

/** Returns the YAML document around a location, with its offset in the text. */
function documentAt({ source, start }: SourceLocation): { readonly source: Source; readonly from: number } {
  const begins = Array.from(source.text.matchAll(/^---(?=\s|$)/gm), ({ index }) => index);
  if (begins.length === 0) return { source, from: 0 };
  const from = begins.findLast((begin) => begin <= start) ?? 0;
  const known = documents.get(source) ?? new Map<number, Source>();
  documents.set(source, known);
  const part =
    known.get(from) ??
    new Source(
      source.file,
      source.text.slice(
        from,
        begins.find((begin) => begin > from),
      ),
    );
  known.set(from, part);
  return { source: part, from };
}

/** Returns the lines of the entry in block style, such as a node, that a path leads into; undefined without one. */
function entryAt(text: YamlText, path: Path): Span | undefined {
  const all = text.source.text;
  const [outer, inner] = locate(text, path.slice(0, 2)).steps;
  if (path.length < 3 || !outer || !inner) return undefined;
  if (!isBlock(inner.container) || !beginsLine(all, inner.item.start)) return undefined;
  const after = following(inner) ?? following(outer);
  return { start: lineStart(all, inner.item.start), end: after ? lineStart(all, after.start) : all.length };
}

function following({ items, item }: Step): Item | undefined {
  return items[items.indexOf(item) + 1];
}

/**
 * Returns the edit of a source that changes a part of its text into another, without the common beginning and end. Removes and
 * inserts as early as possible, so that the edits of neighboring keys do not overlap.
 */
function difference(source: Source, from: number, before: string, after: string): TextEdit {
  const most = Math.min(before.length, after.length);
  let tail = 0;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  let head = 0;
  while (head < most - tail && before[head] === after[head]) head += 1;
  const at = { source, start: from + head, end: from + before.length - tail };
  return { at, text: after.slice(head, after.length - tail) };
}

/** Returns the text of a source after edits. */
export function editedText({ text }: Source, edits: readonly TextEdit[]): string {
  return spliced(
    text,
    edits.map(({ at, text }) => ({ start: at.start, end: at.end, text })),
  );
}
