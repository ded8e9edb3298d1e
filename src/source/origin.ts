import { likelySecrets, type Span } from './likely.ts';
import { type Name, Origins } from './origins.ts';

/**
 * Where values came from. Every map and list of the inventory, and every object of the resolved site, remembers
 * for each of its keys the place in a file that set it, so that any later check can point there.
 */

/** A text that was read, with the path to show for it. Turns offsets into lines and columns. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | undefined;
  /** Where secrets end, by where they begin: what many nodes share is met once for each. */
  readonly #secrets = new Map<number, number>();
  /** The same, sorted, and what overlaps as one; undefined where there is more than when it was made. */
  #spans: readonly Span[] | undefined;
  /** What finds what else is not to be shown, asked once a line is. */
  readonly #finders: ((text: string) => readonly Span[])[];

  /** Takes the path as it is to be shown, the text, and what finds pieces of it that are not to be shown. */
  constructor(file: string, text: string, ...finders: ((text: string) => readonly Span[])[]) {
    this.file = file;
    this.text = text;
    this.#finders = finders;
    if (file.endsWith('.yaml')) finders.push(likelySecrets);
  }

  /** Gives the line and column of an offset, both counted from 1. */
  position(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /**
   * Gives the text of a line as it may be shown, counted from 1, without its line end; undefined past the last one.
   * What is concealed, or most probably a secret, stands there as asterisks: what cannot be read cannot be known better.
   */
  line(number: number): string | undefined {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return undefined;
    for (const find of this.#finders.splice(0)) for (const place of find(this.text)) this.conceal(place);
    const text = this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$/, '');
    this.#spans ??= merged(this.#secrets);
    const spans = this.#spans;
    const pieces: string[] = [];
    let shown = 0;
    for (let at = firstBehind(spans, start); (spans[at]?.start ?? Infinity) < start + text.length; at += 1) {
      const { start: secretStart, end: secretEnd } = spans[at] as Span;
      const from = Math.max(secretStart - start, 0);
      const to = Math.min(secretEnd - start, text.length);
      pieces.push(text.slice(shown, from), '*'.repeat(to - from));
      shown = to;
    }
    return pieces.join('') + text.slice(shown);
  }

  /** Keeps a piece of the text from being shown: a secret in clear text would reach the log of every build. */
  conceal({ start, end }: { start: number; end: number }): void {
    const known = this.#secrets.get(start);
    if (known !== undefined && known >= end) return;
    this.#secrets.set(start, end);
    this.#spans = undefined;
  }

  #starts(): number[] {
    if (!this.#lineStarts) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) {
        this.#lineStarts.push(at + 1);
      }
    }
    return this.#lineStarts;
  }
}

/** Sorts pieces of a text, given as where they end by where they begin; those that overlap or touch become one. */
function merged(pieces: ReadonlyMap<number, number>): Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const [start, end] of [...pieces].sort(([a], [b]) => a - b)) {
    const last = spans.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

/** The first of sorted pieces that ends behind an offset. */
function firstBehind(spans: readonly Span[], offset: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A piece of a source, as offsets: from `start` up to, but not with, `end`. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

const ORIGINS = Symbol('origins');

/** What a container remembers; of one that is located later, what makes the container whose places are its own. */
type Container = object & { [ORIGINS]?: Origins | (() => object) };

/** Not enumerable, so that copies, comparisons and JSON see the values alone. One for all: there are very many. */
const HIDDEN: PropertyDescriptor = { value: undefined, enumerable: false };

/** The same of what is made when it is asked for, and then stands there itself. */
const LATER: PropertyDescriptor = { ...HIDDEN, writable: true };

/** Makes a container remember what is said of it; gives it back. A container can be told once. */
export function remember<T extends object>(container: T, origins: Origins): T {
  HIDDEN.value = origins;
  return Object.defineProperty(container, ORIGINS, HIDDEN);
}

function originsOf(container: object): Origins | undefined {
  const origins = (container as Container)[ORIGINS];
  return typeof origins === 'function' ? madeNow(container, origins) : origins;
}

function madeNow(container: Container, like: () => object): Origins | undefined {
  const origins = originsOf(like());
  if (origins) container[ORIGINS] = origins;
  return origins;
}

/** Makes a container remember where it stood; gives it back. */
export function located<T extends object>(container: T, { source, start, end }: Place): T {
  return remember(container, new Origins(source, start, end));
}

/** Makes a container remember the places of one that is made when the first of them is asked for; gives it back. */
export function locatedLater<T extends object>(container: T, like: () => object): T {
  LATER.value = like;
  return Object.defineProperty(container, ORIGINS, LATER);
}

/** Gives a copy of a container with some keys otherwise; it remembers the same places. */
export function copyWith<T extends object>(container: T, changes: Partial<T>): T {
  const origins = originsOf(container);
  const copy = { ...container, ...changes };
  return origins ? remember(copy, origins) : copy;
}

/** Gives a copy of a map or list, which remembers the same places; faults of the one are not faults of the other. */
export function twin<T extends object>(container: T): T {
  const origins = originsOf(container);
  const copy = Array.isArray(container)
    ? [...container]
    : Object.assign(Object.create(Object.getPrototypeOf(container)), container);
  return origins ? remember(copy, origins.twin()) : copy;
}

/** Lists are asked by index, and maps by key, whichever way it is written. */
function nameIn(container: object, key: string | number): Name {
  return Array.isArray(container) ? Number(key) : String(key);
}

/** Records where the value of a key, and the key itself, stood. */
export function setPlace(container: object, key: string | number, value: Place, keyPlace = value): void {
  originsOf(container)?.set(nameIn(container, key), value, keyPlace);
}

/** Records where the value of a key is written that stands there by an alias. */
export function setWritten(container: object, key: string | number, at: Place): void {
  const marks = originsOf(container)?.marked();
  if (!marks) return;
  marks.written ??= new Map();
  marks.written.set(String(key), at);
}

/** Gives the place of the text that the value of a key is written as: not that of the alias that stands for it. */
export function writtenPlaceOf(container: object, key: string | number): Place {
  return originsOf(container)?.marks?.written?.get(String(key)) ?? placeOf(container, key as never);
}

/** Gives the place of the whole container. Throws where it has none: only containers of an inventory have. */
export function selfPlace(container: object): Place {
  const origins = originsOf(container);
  if (!origins) throw new Error('a value without an origin');
  return origins.self;
}

/** Gives the place of a key's value; where the key is not there, the place of the container. */
export function placeOf<T extends object>(container: T, key: keyof T & (string | number)): Place {
  return originsOf(container)?.value(nameIn(container, key)) ?? selfPlace(container);
}

/** Says whether a key's value has a place of its own. */
export function hasPlace(container: object, key: string): boolean {
  return originsOf(container)?.has(nameIn(container, key)) ?? false;
}

/** Gives the place of a key itself; where the key is not there, the place of the container. */
export function keyPlaceOf<T extends object>(container: T, key: keyof T & (string | number)): Place {
  return originsOf(container)?.key(nameIn(container, key)) ?? selfPlace(container);
}

/**
 * Marks a key as broken: a fault of it has been reported, its value is unknown, and no check may draw a conclusion
 * from its absence.
 */
export function markBroken(container: object, key: string | number): void {
  const marks = originsOf(container)?.marked();
  if (!marks) return;
  marks.broken ??= new Set();
  marks.broken.add(String(key));
}

/** Says whether the value of a key is unknown because a fault of it has been reported. */
export function isBroken<T extends object>(container: T, key: keyof T & (string | number)): boolean {
  return originsOf(container)?.marks?.broken?.has(String(key)) ?? false;
}

/** Says whether a container is known to lack a key: it is not there, and not because of a reported fault. */
export function lacks<T extends object>(container: T, key: keyof T & (string | number)): boolean {
  return container[key] === undefined && !isBroken(container, key);
}

/** Records how the value of a key follows from others, in a few words. Its place is then that of what it follows from. */
export function markDerived(container: object, key: string, how: string): void {
  const marks = originsOf(container)?.marked();
  if (!marks) return;
  marks.derived ??= new Map();
  marks.derived.set(key, how);
}

/** Gives how the value of a key follows from others; undefined where it is written in the inventory as it is. */
export function derivationOf(container: object, key: string): string | undefined {
  return originsOf(container)?.marks?.derived?.get(key);
}

/** Lets a key of one container take its places, whether it is broken, and how it is derived, from a key of another. */
export function inherit(to: object, key: string, from: object, fromKey: string = key): void {
  const origins = originsOf(from);
  if (!origins) return;
  originsOf(to)?.take(nameIn(to, key), origins, nameIn(from, fromKey));
  if (origins.marks) inheritMarks(to, key, origins.marks, fromKey);
}

/** Gives a map all keys of another, while it has none, and all that `inherit` gives each of them. */
export function copyKeys(to: object, from: object): void {
  Object.assign(to, from);
  const origins = originsOf(from);
  const keys = Object.keys(from);
  if (!origins || (!origins.marks && originsOf(to)?.takeAll(origins, keys.length))) return;
  for (const key of keys) inherit(to, key, from);
}

const AS_THEY_ARE = Object.freeze({});

/**
 * Does what `inherit` does for all keys that a container has, or for some; `names` are what the other one calls them, where it is
 * otherwise. Places that keys have been set themselves stay.
 */
export function inheritAll(
  to: object,
  from: object,
  names: { readonly [key: string]: string | undefined } = AS_THEY_ARE,
  keys: readonly string[] = Object.keys(to),
): void {
  const origins = originsOf(from);
  if (!origins) return;
  originsOf(to)?.base(origins, keys, names);
  if (!origins.marks) return;
  for (const key of keys) inheritMarks(to, key, origins.marks, names[key] ?? key);
}

function inheritMarks(
  to: object,
  key: string,
  { written, broken, derived }: NonNullable<Origins['marks']>,
  fromKey: string,
): void {
  const at = written?.get(fromKey);
  if (at) setWritten(to, key, at);
  if (broken?.has(fromKey)) markBroken(to, key);
  const how = derived?.get(fromKey);
  if (how !== undefined) markDerived(to, key, how);
}

/** Stands among the broken keys of a map for a key that it has, and that nobody knows. */
const STRANGER = '*';

/** Marks a map as holding a key that is not known, nor what was meant by it: any key that it lacks may be that one. */
export function markStranger(container: object): void {
  markBroken(container, STRANGER);
}

/** Says whether it is known that a map does not say a key: a fault of it, or a key that nobody knows, may be hiding it. */
export function isSilentOf(container: object, key: string): boolean {
  const broken = originsOf(container)?.marks?.broken;
  return !broken?.has(key) && !broken?.has(STRANGER);
}

/** The pieces of each source that are said of a range of nodes. */
const RANGES = new WeakMap<Source, { place: Place; range: string }[]>();

/** Records that what stands at a place is said of each node of a range, such as cg[01-06]. */
export function markRange(place: Place, range: string): void {
  const ranges = RANGES.get(place.source);
  if (ranges) ranges.push({ place, range });
  else RANGES.set(place.source, [{ place, range }]);
}

/** Gives the range of nodes that something is said of; undefined for what is not said of a range. */
export function rangeAt({ source, start }: Place): string | undefined {
  return RANGES.get(source)?.find(({ place }) => place.start <= start && start < place.end)?.range;
}

/** Gives a place as a text that no other place has. */
export function placeKey({ source, start }: Place): string {
  return `${source.file}:${start}`;
}

/** Says whether any key of a container is broken. */
export function hasFaults(container: object): boolean {
  return (originsOf(container)?.marks?.broken?.size ?? 0) > 0;
}

/** Gives the keys of a container that are broken. */
export function brokenKeys(container: object): readonly string[] {
  return [...(originsOf(container)?.marks?.broken ?? [])];
}
