import { parse } from 'yaml';
import { readPlainYaml } from '../../inventory/plain-yaml/reader.ts';
import { shown } from '../../knowledge/hide.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { isValueMap } from '../../source/origin.ts';
import { Source } from '../../source/source.ts';
import { orUndefined } from '../../values/or-undefined.ts';

/** A map from JSON or YAML with unknown content. */
export type Plain = Readonly<Record<string, unknown>>;

/** Whether two JSON values are equal. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Returns the keys with different values in two maps, in the order of the later map. */
export function otherKeys(before: Plain, after: Plain): string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => !isSame(before[key], after[key]));
}

/** Returns the entries of a list that another list lacks, counting duplicates. */
export function missing<T>(list: readonly T[], other: readonly unknown[]): T[] {
  const left = other.map((entry) => JSON.stringify(entry));
  return list.filter((entry) => {
    const index = left.indexOf(JSON.stringify(entry));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Returns named values before and after, in the order of the later map; undefined on one side if new or gone. */
export function pairByName<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>) {
  const names = [...new Set([...after.keys(), ...before.keys()])];
  return names.map((name) => [name, before.get(name), after.get(name)] as const);
}

/** Pairs the items of two lists by the first rule that holds, in the order of the later list; the last pairs are gone items. */
export function pairItems<T>(
  before: readonly T[],
  after: readonly T[],
  rules: readonly ((old: T, now: T) => boolean)[],
): (readonly [old: T | undefined, now: T | undefined])[] {
  const left = new Set(before);
  const pairs = new Map<T, T>();
  for (const isSame of rules)
    for (const now of after) {
      const old = pairs.has(now) ? undefined : [...left].find((item) => isSame(item, now));
      if (old === undefined) continue;
      left.delete(old);
      pairs.set(now, old);
    }
  return [
    ...after.map((now) => [pairs.get(now), now] as const),
    ...Array.from(left, (old) => [old, undefined] as const),
  ];
}

/** Returns the first words of a list, with the number of the others in place of the last ones. */
export function firstOf(words: readonly string[], count: number): readonly string[] {
  if (words.length <= count) return words;
  return [...words.slice(0, count - 1), `${words.length - count + 1} more`];
}

/** Whether the nesting of a JSON value is too low to exhaust the stack: no inventory and no configuration comes near 50 levels. */
export function isShallow(value: unknown, levels = 50): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}

/** Reads a YAML file that contains a map, such as a configuration; returns undefined for other files. */
export function readMap(text: string | undefined): Plain | undefined {
  if (text === undefined) return undefined;
  // Usually a build wrote the file. A diff of a large site reads thousands; the full YAML parser takes ten times as long.
  const plain = readPlainYaml(new Source('', text));
  const isPlain = plain && !hasOddKey(plain);
  // The parser throws for a text that is not YAML, and for too many aliases.
  const value = orUndefined((): unknown =>
    isPlain ? JSON.parse(JSON.stringify(plain)) : parse(text, { logLevel: 'error' }),
  );
  return isValueMap(value) && isShallow(value) ? value : undefined;
}

/** Whether YAML may read a key as another type, such as `1.10` or `null`: `yaml` converts its value to a JavaScript string. */
function hasOddKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasOddKey);
  return Object.entries(value).some(
    ([key, item]) => /^(?:[-+.~\d]|(?:null|true|false)$)/i.test(key) || hasOddKey(item),
  );
}

/** A changed key. A side is undefined if the key is not set there, and both are if one side contains a secret. */
export interface ValueChange {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The change in a few words, starting with the key. */
  readonly text: string;
}

/** Returns the keys that differ between two values of a part of a node. Descends into maps; compares lists as a whole. */
export function valueChanges(before: unknown, after: unknown, part: string): ValueChange[] {
  const [old, now] = [new Map(leavesOf(before)), new Map(leavesOf(after))];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((id): ValueChange[] => {
    const [from, to] = [old.get(id), now.get(id)];
    const path: Path = JSON.parse(id);
    if (isSame(from, to)) return [];
    const other = from === undefined ? old : to === undefined ? now : undefined;
    if (other && isSame(from ?? to, {})) {
      // An empty map changes nothing: only a setting has such a value, unless the other side has keys in it.
      const below = `${id.slice(0, -1)}${path.length > 0 ? ',' : '"'}`;
      const isIdle = path.length > 0 && path[0] !== 'system_settings';
      if (isIdle || [...other.keys()].some((key) => key.startsWith(below))) return [];
    }
    const key = pathText(path);
    const isSecret = [from, to].some(
      (value) =>
        value !== undefined &&
        (JSON.stringify(value).includes('@@secret:') || !isSame(shown(value, [part, ...path]), value)),
    );
    if (isSecret) return [{ key, before: undefined, after: undefined, text: `${key} changes` }];
    return [{ key, before: from, after: to, text: `${key}: ${describeChange(from, to)}` }];
  });
}

function leavesOf(value: unknown, path: Path = []): [id: string, value: unknown][] {
  const entries = isValueMap(value) ? Object.entries(value) : [];
  if (entries.length > 0) return entries.flatMap(([key, item]) => leavesOf(item, [...path, key]));
  return value === undefined ? [] : [[JSON.stringify(path), value]];
}

/** Returns the old and new value as a line of limited length: changed entries of lists, the first difference of long texts. */
export function describeChange(before: unknown, after: unknown): string {
  if (Array.isArray(before) && Array.isArray(after)) return describeListChange(before, after);
  const [from, to] = sides(before, after);
  return `${from} → ${to}`;
}

function describeListChange(before: readonly unknown[], after: readonly unknown[]): string {
  const [removed, added] = [missing(before, after), missing(after, before)];
  if (removed.length === 0 && added.length === 0) {
    const [from, to] = [wholeText(before), wholeText(after)];
    const isShort = from.length <= MAX_LENGTH && to.length <= MAX_LENGTH;
    return isShort ? `another order: ${from} → ${to}` : 'the same entries in another order';
  }
  if (removed.length === 1 && added.length === 1) {
    const [from, to] = sides(removed[0], added[0]);
    return `${to} instead of ${from}`;
  }
  return [entriesText(added, removed, 'new'), entriesText(removed, added, 'gone')].filter(Boolean).join('; ');
}

function entriesText(list: readonly unknown[], others: readonly unknown[], what: 'new' | 'gone'): string {
  if (list.length === 0) return '';
  const texts = others.map(wholeText);
  const first = list.slice(0, list.length > 3 ? 2 : 3).map((entry) => {
    // Shows both ends; if another entry has the same ends, shows the difference instead.
    const text = wholeText(entry);
    const sameEnds = texts.find((other) => ends(other) === ends(text));
    return sameEnds === undefined ? ends(text) : excerpt(text, sharedLength(text, sameEnds));
  });
  const more = list.length > first.length ? [`${list.length - first.length} more`] : [];
  return `${listed([...first, ...more])} ${list.length === 1 ? 'is' : 'are'} ${what}`;
}

/** Formats two values around their first difference. */
function sides(before: unknown, after: unknown): [from: string, to: string] {
  const [from, to] = [wholeText(before), wholeText(after)];
  const isShort = from.length <= MAX_LENGTH && to.length <= MAX_LENGTH;
  if (isShort || before === undefined || after === undefined) return [excerpt(from), excerpt(to)];
  // Quotes on only one side would be the first difference.
  const isAlike = from.startsWith('"') === to.startsWith('"');
  const [old, now] = isAlike ? [from, to] : [JSON.stringify(before), JSON.stringify(after)];
  const at = sharedLength(old, now);
  return [excerpt(old, at), excerpt(now, at)];
}

/** Formats a value for a line of text. Omits quotes unless the text could be mistaken for another type. */
export function valueText(value: unknown): string {
  return excerpt(wholeText(value));
}

function wholeText(value: unknown): string {
  if (value === undefined) return 'not set';
  if (typeof value !== 'string') return JSON.stringify(value);
  const isOther = !Number.isNaN(Number(value)) || /^(true|false|null|yes|no|on|off)$/i.test(value);
  return /^[A-Za-z0-9/][\w.:/@+-]*$/.test(value) && !isOther ? value : JSON.stringify(value);
}

/** The longest value that a line shows in full; the patch contains the rest. */
const MAX_LENGTH = 72;

/** Number of characters to show before the difference. */
const LEAD = 24;

/** Returns the part of a JSON text around a position, with an ellipsis at each cut; a short text in full. */
function excerpt(text: string, at = 0): string {
  if (text.length <= MAX_LENGTH) return text;
  const start = boundary(text, Math.max(0, Math.min(at - LEAD, text.length - MAX_LENGTH)));
  const end = boundary(text, start + MAX_LENGTH);
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

/** Returns both ends of a JSON text. SSH keys have the same beginning and end with their owner. */
function ends(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  const head = text.slice(0, boundary(text, LEAD));
  return `${head}…${text.slice(boundary(text, text.length - (MAX_LENGTH - LEAD)))}`;
}

function sharedLength(a: string, b: string): number {
  const least = Math.min(a.length, b.length);
  let length = 0;
  while (length < least && a[length] === b[length]) length += 1;
  return length;
}

/** Returns the nearest position at or before another that splits no escape sequence and no character. */
function boundary(text: string, at: number): number {
  const [, slashes = '', rest = ''] =
    /(\\*)(u[0-9a-f]{0,3})?$/.exec(text.slice(Math.max(0, at - LEAD), at)) ?? [];
  if (slashes.length % 2 === 1 && at < text.length) return at - rest.length - 1;
  return /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '') ? at - 1 : at;
}
