import type { Source, SourceLocation } from './source.ts';

/**
 * Where values came from. Every map and list of the inventory, and every object of the resolved site, remembers
 * for each of its keys the place in a file that set it, so that any later check can point there.
 */

/** A value of the inventory. Maps and lists know where each of their values stood. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export type ValueMap = { [key: string]: Value };

/** Says whether a value of an inventory is a map. */
export function isValueMap(value: unknown): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says whether a map that was read is that of a file with nothing in it; one that says `{}` is meant to be empty. */
export function saysNothing(map: ValueMap): boolean {
  const { start, end } = selfLocation(map);
  return start === end;
}

/** A key of a map, or an index of a list. */
type Name = string | number;

/** Other origins that keys have their places from, by the names that they have there, and where else to look. */
interface Base {
  readonly origins: Origins;
  readonly names: { readonly [key: string]: string | undefined };
  readonly next: Base | undefined;
}

const AS_THEY_ARE = Object.freeze({});

/** Where a container and its keys stood. Copies and layers have no places of their own: they look in those of what they are made of. */
export class Origins {
  readonly source: Source;
  readonly start: number;
  /** Open until the container has been read. */
  end: number;
  /** Of values that an alias stands for: where they are written. */
  written: Map<string, SourceLocation> | undefined;
  broken: Set<string> | undefined;
  derived: Map<string, string> | undefined;
  #places: Map<Name, { readonly value: SourceLocation; readonly key: SourceLocation }> | undefined;
  #base: Base | undefined;

  constructor(source: Source, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  get self(): SourceLocation {
    return { source: this.source, start: this.start, end: this.end };
  }

  set(name: Name, value: SourceLocation, key: SourceLocation): void {
    this.#places ??= new Map();
    this.#places.set(name, { value, key });
  }

  /** Lets keys without places have those that another container remembers, by the names that it has for them. */
  base(origins: Origins, names: Base['names'] = AS_THEY_ARE): void {
    this.#base = { origins, names, next: this.#base };
  }

  value(name: Name): SourceLocation | undefined {
    return this.find(name)?.value;
  }

  key(name: Name): SourceLocation | undefined {
    return this.find(name)?.key;
  }

  has(name: Name): boolean {
    return this.find(name) !== undefined;
  }

  find(name: Name): { readonly value: SourceLocation; readonly key: SourceLocation } | undefined {
    let found = this.#places?.get(name);
    for (let base = this.#base; base && !found; base = base.next)
      found = base.origins.find((Object.hasOwn(base.names, name) && base.names[name]) || name);
    return found;
  }

  derivation(name: string): string | undefined {
    return this.derived?.get(name);
  }
}

const ORIGINS = Symbol('origins');

type Container = object & { [ORIGINS]?: Origins };

/** Not enumerable, so that copies, comparisons and JSON see the values alone. One for all: there are very many. */
const HIDDEN: PropertyDescriptor = { value: undefined, enumerable: false };

/** Makes a container remember what is said of it; gives it back. A container can be told once. */
export function remember<T extends object>(container: T, origins: Origins): T {
  HIDDEN.value = origins;
  return Object.defineProperty(container, ORIGINS, HIDDEN);
}

/** Returns what a container remembers. */
export function originsOf(container: object): Origins | undefined {
  return (container as Container)[ORIGINS];
}

/** Makes a container remember where it stood; gives it back. */
export function located<T extends object>(container: T, { source, start, end }: SourceLocation): T {
  return remember(container, new Origins(source, start, end));
}

/** Makes a list whose entries remember where they stood. */
export function placedList<T>(
  self: SourceLocation,
  entries: readonly { readonly value: T; readonly at: SourceLocation }[],
): T[] {
  const list: T[] = located([], self);
  for (const { value, at } of entries) {
    setLocation(list, list.length, at);
    list.push(value);
  }
  return list;
}

/** Gives a copy of a container with some keys otherwise; it remembers the same places. */
export function copyWith<T extends object>(container: T, changes: Partial<T>): T {
  const origins = originsOf(container);
  const copy = { ...container, ...changes };
  return origins ? remember(copy, origins) : copy;
}

/** Gives a copy of a map or list, which remembers the same places; faults of the one are not faults of the other. */
export function twin<T extends object>(container: T): T {
  const copy: T = Array.isArray(container)
    ? [...container]
    : Object.assign(Object.create(Object.getPrototypeOf(container)), container);
  const origins = originsOf(container);
  if (!origins) return copy;
  const { source, start, end, written, broken, derived } = origins;
  const own = new Origins(source, start, end);
  own.base(origins);
  return remember(copy, Object.assign(own, { written, broken: broken && new Set(broken), derived }));
}

/** Lists are asked by index, and maps by key, whichever way it is written. */
function nameIn(container: object, key: Name): Name {
  return Array.isArray(container) ? Number(key) : String(key);
}

/** Records where the value of a key, and the key itself, stood. */
export function setLocation(container: object, key: Name, value: SourceLocation, keyPlace = value): void {
  originsOf(container)?.set(nameIn(container, key), value, keyPlace);
}

/** Records where the value of a key is written that stands there by an alias. */
export function setWritten(container: object, key: Name, at: SourceLocation): void {
  const origins = originsOf(container);
  if (!origins) return;
  origins.written ??= new Map();
  origins.written.set(String(key), at);
}

/** Gives the place of the text that the value of a key is written as: not that of the alias that stands for it. */
export function writtenLocationOf(container: object, key: Name): SourceLocation {
  return originsOf(container)?.written?.get(String(key)) ?? locationOf(container, key as never);
}

/** Gives the place of the whole container. Throws where it has none: only containers of an inventory have. */
export function selfLocation(container: object): SourceLocation {
  const origins = originsOf(container);
  if (!origins) throw new Error('a value without an origin');
  return origins.self;
}

/** Gives the places of a key and of its value; undefined where they have none of their own. */
export function placesOf(
  container: object,
  key: Name,
): { readonly value: SourceLocation; readonly key: SourceLocation } | undefined {
  return originsOf(container)?.find(nameIn(container, key));
}

/** Gives the place of a key's value; where the key is not there, the place of the container. */
export function locationOf<T extends object>(container: T, key: keyof T & Name): SourceLocation {
  return originsOf(container)?.value(nameIn(container, key)) ?? selfLocation(container);
}

/** Says whether a key's value has a place of its own. */
export function hasLocation(container: object, key: string): boolean {
  return originsOf(container)?.has(nameIn(container, key)) ?? false;
}

/** Gives the place of a key itself; where the key is not there, the place of the container. */
export function keyLocationOf<T extends object>(container: T, key: keyof T & Name): SourceLocation {
  return originsOf(container)?.key(nameIn(container, key)) ?? selfLocation(container);
}

/**
 * Marks a key as broken: a fault of it has been reported, its value is unknown, and no check may draw a conclusion
 * from its absence.
 */
export function markBroken(container: object, key: Name): void {
  const origins = originsOf(container);
  if (!origins) return;
  origins.broken ??= new Set();
  origins.broken.add(String(key));
}

/** Takes out a value that is at fault, and marks it as broken. A list keeps its places: what follows must not move up. */
export function takeOut(container: object, key: Name): void {
  if (Array.isArray(container)) container[Number(key)] = undefined;
  else delete (container as Record<string, unknown>)[key];
  markBroken(container, key);
}

/** Says whether the value of a key is unknown because a fault of it has been reported. */
export function isBroken<T extends object>(container: T, key: keyof T & Name): boolean {
  return originsOf(container)?.broken?.has(String(key)) ?? false;
}

/** Says whether a container is known to lack a key: it is not there, and not because of a reported fault. */
export function lacks<T extends object>(container: T, key: keyof T & Name): boolean {
  return container[key] === undefined && !isBroken(container, key);
}

/** Records how the value of a key follows from others, in a few words. Its place is then that of what it follows from. */
export function markDerived(container: object, key: string, how: string): void {
  const origins = originsOf(container);
  if (!origins) return;
  origins.derived ??= new Map();
  origins.derived.set(key, how);
}

/** Gives how the value of a key follows from others; undefined where it is written in the inventory as it is. */
export function derivationOf(container: object, key: string): string | undefined {
  return originsOf(container)?.derivation(key);
}

/** Lets a key of one container take its places, whether it is broken, and how it is derived, from a key of another. */
export function inherit(to: object, key: string, from: object, fromKey: string = key): void {
  const found = originsOf(from)?.find(nameIn(from, fromKey));
  if (found) setLocation(to, key, found.value, found.key);
  inheritMarks(to, key, from, fromKey);
}

/** Gives a map all keys of another, while it has none, and all that `inherit` gives each of them. */
export function copyKeys(to: object, from: object): void {
  Object.assign(to, from);
  inheritAll(to, from);
}

/**
 * Does what `inherit` does for all keys that a container has; `names` are what the other one calls them, where it is
 * otherwise. Places that keys have been set themselves stay.
 */
export function inheritAll(to: object, from: object, names: Base['names'] = AS_THEY_ARE): void {
  const origins = originsOf(from);
  if (!origins) return;
  originsOf(to)?.base(origins, names);
  if (!origins.written && !origins.broken && !origins.derived) return;
  for (const key of Object.keys(to)) inheritMarks(to, key, from, names[key] ?? key);
}

function inheritMarks(to: object, key: string, from: object, fromKey: string): void {
  const origins = originsOf(from);
  const at = origins?.written?.get(fromKey);
  if (at) setWritten(to, key, at);
  if (origins?.broken?.has(fromKey)) markBroken(to, key);
  const how = origins?.derivation(fromKey);
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
  const broken = originsOf(container)?.broken;
  return !broken?.has(key) && !broken?.has(STRANGER);
}

/** Says whether any key of a container is broken. */
export function hasFaults(container: object): boolean {
  return (originsOf(container)?.broken?.size ?? 0) > 0;
}

/** Gives the keys of a container that are broken. */
export function brokenKeys(container: object): readonly string[] {
  return [...(originsOf(container)?.broken ?? [])];
}
