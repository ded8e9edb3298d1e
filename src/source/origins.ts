import type { Place, Source } from './origin.ts';

/** A key of a map, or an index of a list. */
export type Name = string | number;

/**
 * A part of what is remembered of a key, in this order: its name, the source that its value stands in, where the value begins and ends, and where
 * the key itself does. Where the key is in another source, its place stands in the cell of where it begins.
 */
export type Cell = Name | Source | Place;

/** How many cells a key has. */
const WIDTH = 6;

/** More keys than these are found by an index. */
const MOST_SEARCHED = 12;

/** The places of keys that another container remembers. */
interface Base {
  readonly origins: Origins;
  readonly keys: readonly string[];
  readonly names: { readonly [key: string]: string | undefined };
  /** Where to look for what that one has no place for. */
  readonly next: Base | undefined;
}

/** Lists of keys by how many there are: most containers of one kind have the same ones. */
const lists: (readonly string[] | undefined)[] = [];

/** Gives a list of keys; the very same one again where the last of as many was of the same keys. */
function sameList(keys: readonly string[]): readonly string[] {
  const { length } = keys;
  const last = lists[length];
  let same = 0;
  if (last) while (same < length && last[same] === keys[same]) same += 1;
  if (last && same === length) return last;
  lists[length] = keys;
  return keys;
}

/** What a container has beside places; few have any of it. */
interface Marks {
  /** Of values that an alias stands for: where they are written. */
  written: Map<string, Place> | undefined;
  broken: Set<string> | undefined;
  derived: Map<string, string> | undefined;
}

/**
 * Where a container and its keys stood. There are several for each machine of a site: all keys share one array, and a
 * place is made when it is asked for.
 */
export class Origins {
  readonly source: Source;
  readonly start: number;
  /** Open until the container has been read. */
  end: number;
  #cells: Cell[] | undefined;
  /** Whether a copy of the container has the same cells. */
  #isShared = false;
  #index: Map<Name, number> | undefined;
  /** Where the key stands that follows the one found last: most often it is the next to be asked for. */
  #next = 0;
  #base: Base | undefined;
  #marks: Marks | undefined;

  /** Takes where the container stood. */
  constructor(source: Source, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  /** The place of the container. */
  get self(): Place {
    return { source: this.source, start: this.start, end: this.end };
  }

  /** Takes the cells of all keys, where none of them has a place yet. */
  fill(cells: Cell[]): void {
    this.#cells = cells;
  }

  /** Sets the places of a key and of its value. */
  set(name: Name, value: Place, key: Place): void {
    const keyStart = key.source === value.source ? key.start : key;
    this.#put(name, value.source, value.start, value.end, keyStart, key.end);
  }

  /** Takes the places of a key from another container's, where it has them. */
  take(name: Name, from: Origins, fromName: Name): void {
    const at = from.#find(fromName);
    if (at < 0) {
      const value = from.value(fromName);
      if (value) this.set(name, value, from.key(fromName) ?? value);
      return;
    }
    const cells = from.#cells as Cell[];
    this.#put(
      name,
      cells[at + 1] as Source,
      cells[at + 2] as number,
      cells[at + 3] as number,
      cells[at + 4] as number | Place,
      cells[at + 5] as number,
    );
  }

  /**
   * Takes all places of another container's `count` keys, while it has none itself. Gives false, and takes none, where
   * the other has them in another way.
   */
  takeAll(from: Origins, count: number): boolean {
    if (this.#cells || from.#base || (from.#cells?.length ?? 0) !== count * WIDTH) return false;
    this.#share(from);
    return true;
  }

  /**
   * Lets keys have the places that another container remembers for them, by the names that it has for them; where it has none, those
   * that they had.
   */
  base(origins: Origins, keys: readonly string[], names: Base['names']): void {
    this.#base = { origins, keys: sameList(keys), names, next: this.#base };
  }

  /** The place of a key's value. */
  value(name: Name): Place | undefined {
    const at = this.#find(name);
    if (at < 0) return this.#below(name, valueIn);
    const cells = this.#cells as Cell[];
    return {
      source: cells[at + 1] as Source,
      start: cells[at + 2] as number,
      end: cells[at + 3] as number,
    };
  }

  /** The place of a key. */
  key(name: Name): Place | undefined {
    const at = this.#find(name);
    if (at < 0) return this.#below(name, keyIn);
    const cells = this.#cells as Cell[];
    const start = cells[at + 4] as number | Place;
    return typeof start === 'object'
      ? start
      : { source: cells[at + 1] as Source, start, end: cells[at + 5] as number };
  }

  /** Says whether a key's value has a place. */
  has(name: Name): boolean {
    return this.#find(name) >= 0 || this.#below(name, isIn) === true;
  }

  /** What it has beside places, where it has any of it. */
  get marks(): Readonly<Marks> | undefined {
    return this.#marks;
  }

  /** The same, to be added to. */
  marked(): Marks {
    this.#marks ??= { written: undefined, broken: undefined, derived: undefined };
    return this.#marks;
  }

  /** Gives the origins of a copy of the container: the same places, and faults of its own. */
  twin(): Origins {
    const twin = new Origins(this.source, this.start, this.end);
    twin.#share(this);
    twin.#base = this.#base;
    const { written, broken, derived } = this.#marks ?? {};
    if (this.#marks)
      twin.#marks = { written, broken: broken && new Set(broken), derived: derived && new Map(derived) };
    return twin;
  }

  /** Has the same cells as another, until one of the two changes them. */
  #share(other: Origins): void {
    this.#cells = other.#cells;
    this.#isShared = true;
    other.#isShared = true;
  }

  #put(
    name: Name,
    source: Source,
    start: number,
    end: number,
    keyStart: number | Place,
    keyEnd: number,
  ): void {
    const at = this.#find(name);
    const cells = this.#own();
    if (at < 0) {
      this.#index?.set(name, cells.length);
      cells.push(name, source, start, end, keyStart, keyEnd);
      return;
    }
    cells[at + 1] = source;
    cells[at + 2] = start;
    cells[at + 3] = end;
    cells[at + 4] = keyStart;
    cells[at + 5] = keyEnd;
  }

  /** The cells, to be changed. */
  #own(): Cell[] {
    if (!this.#cells || this.#isShared) {
      this.#cells = this.#cells?.slice() ?? [];
      this.#isShared = false;
    }
    return this.#cells;
  }

  /** The first cell of a key; -1 for one without a place. */
  #find(name: Name): number {
    const cells = this.#cells;
    if (!cells) return -1;
    // The entries of a list come in their order.
    if (typeof name === 'number' && cells[name * WIDTH] === name) return name * WIDTH;
    if (cells.length > MOST_SEARCHED * WIDTH) {
      const at = cells[this.#next] === name ? this.#next : (this.#indexed(cells).get(name) ?? -1);
      if (at >= 0) this.#next = at + WIDTH;
      return at;
    }
    for (let at = 0; at < cells.length; at += WIDTH) if (cells[at] === name) return at;
    return -1;
  }

  #indexed(cells: readonly Cell[]): Map<Name, number> {
    if (!this.#index) {
      this.#index = new Map();
      for (let at = 0; at < cells.length; at += WIDTH) this.#index.set(cells[at] as Name, at);
    }
    return this.#index;
  }

  #below<T>(name: Name, ask: (origins: Origins, below: Name) => T): T | undefined {
    for (let base = this.#base; base; base = base.next) {
      const found = base.keys.includes(name as string) && ask(base.origins, base.names[name] ?? name);
      if (found) return found;
    }
    return undefined;
  }
}

// What is asked of the origins below: once for all, since it is asked very often.
const valueIn = (origins: Origins, name: Name) => origins.value(name);
const keyIn = (origins: Origins, name: Name) => origins.key(name);
const isIn = (origins: Origins, name: Name) => origins.has(name);
