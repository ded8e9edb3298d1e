import { type Name, Origins } from './origins.ts';
import { likelySecrets, type Span } from './secrets/likely.ts';

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
  #isSearched = false;

  /** Takes the path as it is to be shown, and the text. */
  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
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
    this.#concealLikely();
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

  #concealLikely(): void {
    if (this.#isSearched || !this.file.endsWith('.yaml')) return;
    this.#isSearched = true;
    for (const place of likelySecrets(this.text)) this.conceal(place);
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

/** Gives back what it is given: the class below puts its field on any object by it. */
class Given {
  constructor(container: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for
    return container;
  }
}

/**
 * Keeps the origins of a container in a private field of it, which copies, comparisons and JSON do not see. A hidden
 * property under a symbol would be the same, and takes three times as long to make.
 */
class Located extends Given {
  /** Those of a container that is made for them, until they are asked for: what makes it. */
  #origins: Origins | (() => object) | undefined;

  constructor(container: object, origins: Origins | (() => object)) {
    super(container);
    this.#origins = origins;
  }

  static origins(container: object): Origins | undefined {
    if (!(#origins in container)) return undefined;
    const origins = container.#origins;
    if (typeof origins !== 'function') return origins;
    container.#origins = Located.origins(origins());
    return container.#origins;
  }
}

const originsOf = Located.origins;

/** Makes a container remember what is said of it; gives it back. A container can be told once. */
export function remember<T extends object>(container: T, origins: Origins): T {
  return new Located(container, origins) as T;
}

/** Makes a container remember where it stood; gives it back. */
export function located<T extends object>(container: T, { source, start, end }: Place): T {
  return remember(container, new Origins(source, start, end));
}

/** Makes a container remember the places of one that is made when the first of them is asked for; gives it back. */
export function locatedLater<T extends object>(container: T, like: () => object): T {
  return new Located(container, like) as T;
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

/** Does what `inherit` does for all keys that a container has; `names` are what the other one calls them, where it is otherwise. */
export function inheritAll(
  to: object,
  from: object,
  names: { readonly [key: string]: string | undefined } = {},
): void {
  const origins = originsOf(from);
  if (!origins) return;
  const keys = Object.keys(to);
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

/** Gives the keys of a container that are broken. */
export function brokenKeys(container: object): readonly string[] {
  return [...(originsOf(container)?.marks?.broken ?? [])];
}
