import type { Source, SourceLocation } from './source.ts';

/**
 * The origins of values. Containers of the inventory and of the resolved site record, for each of their
 * keys the source location that set it, so that later checks can refer to it.
 */

/** A value of the inventory. Maps and lists record the source location of each of their values. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export type ValueMap = { [key: string]: Value };

/** Whether a value of an inventory is a map. */
export function isValueMap(value: unknown): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key of a map, or an index of a list. */
type Name = string | number;

/** The source locations of a key and of its value. */
export interface KeyLocations {
  readonly value: SourceLocation;
  readonly key: SourceLocation;
}

/** Another container's origins, which keys inherit by the names that they have there, and the next ones to search. */
interface Base {
  readonly origins: Origins;
  readonly nameOf: (key: string) => string;
  readonly next: Base | undefined;
}

const asItIs: Base['nameOf'] = (key) => key;

/** The source locations of a container and its keys. Copies and layers have none: they use those of their originals. */
export class Origins {
  readonly source: Source;
  readonly start: number;
  /** The end of the container's text, set again when the container has been read. */
  end: number;
  /** For values of an alias: the location of the anchored text. */
  written: Map<string, SourceLocation> | undefined;
  broken: Set<string> | undefined;
  derived: Map<string, string> | undefined;
  #locations: Map<Name, KeyLocations> | undefined;
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
    this.#locations ??= new Map();
    this.#locations.set(name, { value, key });
  }

  /** Lets keys without source locations inherit those of another container, by the names that they have there. */
  base(origins: Origins, nameOf = asItIs): void {
    this.#base = { origins, nameOf, next: this.#base };
  }

  find(name: Name): KeyLocations | undefined {
    let found = this.#locations?.get(name);
    for (let base = this.#base; base && !found; base = base.next)
      found = base.origins.find((typeof name === 'string' && base.nameOf(name)) || name);
    return found;
  }

  derivation(name: string): string | undefined {
    return this.derived?.get(name);
  }
}

const ORIGINS = Symbol('origins');

type Container = object & { [ORIGINS]?: Origins };

/** Not enumerable, so that copies, comparisons and JSON contain only the values. Shared, because there are very many. */
const HIDDEN: PropertyDescriptor = { value: undefined, enumerable: false };

/** Attaches origins to a container, and returns it. Possible only once for a container. */
export function remember<T extends object>(container: T, origins: Origins): T {
  HIDDEN.value = origins;
  return Object.defineProperty(container, ORIGINS, HIDDEN);
}

/** Returns the origins of a container. */
export function originsOf(container: object): Origins | undefined {
  return (container as Container)[ORIGINS];
}

/** Attaches a source location to a container, and returns it. */
export function located<T extends object>(container: T, { source, start, end }: SourceLocation): T {
  return remember(container, new Origins(source, start, end));
}

/** Returns a list that records the source location of each entry. */
export function locatedList<T>(
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

/** Returns a copy of a container with some keys changed; it has the same origins. */
export function copyWith<T extends object>(container: T, changes: Partial<T>): T {
  const origins = originsOf(container);
  const copy = { ...container, ...changes };
  return origins ? remember(copy, origins) : copy;
}

/** Returns a copy of a map or list with the same source locations. Errors of the copy do not apply to the original. */
export function independentCopy<T extends object>(container: T): T {
  const copy: T = Array.isArray(container)
    ? [...container]
    : Object.assign(Object.create(Object.getPrototypeOf(container)), container);
  const origins = originsOf(container);
  if (!origins) return copy;
  const { source, start, end, written, broken, derived } = origins;
  const copied = new Origins(source, start, end);
  copied.base(origins);
  return remember(copy, Object.assign(copied, { written, broken: broken && new Set(broken), derived }));
}

/** Lists use numbers as names, and maps strings, for either type of argument. */
function nameIn(container: object, key: Name): Name {
  return Array.isArray(container) ? Number(key) : String(key);
}

/** Records the source locations of a key and of its value. */
export function setLocation(container: object, key: Name, value: SourceLocation, keyAt = value): void {
  originsOf(container)?.set(nameIn(container, key), value, keyAt);
}

/** Records the location of the anchored text of a value that is an alias. */
export function setWritten(container: object, key: Name, at: SourceLocation): void {
  const origins = originsOf(container);
  if (!origins) return;
  origins.written ??= new Map();
  origins.written.set(String(key), at);
}

/** Returns the location of the text of a key's value: for an alias, of the anchored text. */
export function writtenLocationOf(container: object, key: Name): SourceLocation {
  return originsOf(container)?.written?.get(String(key)) ?? locationOf(container, key as never);
}

/** Returns a scalar that is not a text in YAML as its original text; for an alias, that of its anchor. */
export function writtenText(container: object, key: Name): string {
  const { source, start, end } = writtenLocationOf(container, key);
  return source.text.slice(start, end).trim();
}

/** Returns the location of a container. Throws if it has none: only containers of an inventory have one. */
export function selfLocation(container: object): SourceLocation {
  const origins = originsOf(container);
  if (!origins) throw new Error('a value without an origin');
  return origins.self;
}

/** Returns the locations of a key and of its value, or undefined if neither they nor their originals have any. */
export function locationsOf(container: object, key: Name): KeyLocations | undefined {
  return originsOf(container)?.find(nameIn(container, key));
}

/** Returns the location of a key's value; for a missing key, that of the container. */
export function locationOf<T extends object>(container: T, key: keyof T & Name): SourceLocation {
  return locationsOf(container, key)?.value ?? selfLocation(container);
}

/** Whether a key's value has its own location. */
export function hasLocation(container: object, key: string): boolean {
  return locationsOf(container, key) !== undefined;
}

/** Returns the location of a key; for a missing key, that of the container. */
export function keyLocationOf<T extends object>(container: T, key: keyof T & Name): SourceLocation {
  return locationsOf(container, key)?.key ?? selfLocation(container);
}

/** Marks a key as broken: its error has been reported, its value is unknown, and no check may draw a conclusion from its absence. */
export function markBroken(container: object, key: Name): void {
  const origins = originsOf(container);
  if (!origins) return;
  origins.broken ??= new Set();
  origins.broken.add(String(key));
}

/** Removes an invalid value, and marks its key as broken. A list keeps the gap, so that indices do not shift. */
export function takeOut(container: object, key: Name): void {
  if (Array.isArray(container)) container[Number(key)] = undefined;
  else delete (container as Record<string, unknown>)[key];
  markBroken(container, key);
}

/**
 * Whether a reported error hides the value of a key; without a key, that of any key of the container. Such a value is missing, or
 * incomplete: no check may draw a conclusion from it.
 */
export function isBroken<T extends object>(container: T, key?: keyof T & Name): boolean {
  const broken = originsOf(container)?.broken;
  return broken !== undefined && (key === undefined ? broken.size > 0 : broken.has(String(key)));
}

/**
 * Whether a container definitely lacks a key: it is missing, and neither an error of the key nor an unknown key, which may be a
 * misspelling of it, hides it.
 */
export function lacks<T extends object>(container: T, key: keyof T & Name): boolean {
  const broken = originsOf(container)?.broken;
  return container[key] === undefined && !broken?.has(String(key)) && !broken?.has(UNKNOWN_KEY);
}

/** Whether a container has an unknown key, which may be a misspelling of any key that it lacks. */
export function mayHaveMore(container: object): boolean {
  return originsOf(container)?.broken?.has(UNKNOWN_KEY) ?? false;
}

/** Records how the value of a key is derived, in a few words. Its location is then that of the original value. */
export function markDerived(container: object, key: string, how: string): void {
  const origins = originsOf(container);
  if (!origins) return;
  origins.derived ??= new Map();
  origins.derived.set(key, how);
}

/** Returns how the value of a key is derived, or undefined if it is written in the inventory as it is. */
export function derivationOf(container: object, key: string): string | undefined {
  return originsOf(container)?.derivation(key);
}

/** Copies the locations, broken state and derivation of a key from another container's key. */
export function inherit(to: object, key: string, from: object, fromKey: string = key): void {
  const found = locationsOf(from, fromKey);
  if (found) setLocation(to, key, found.value, found.key);
  inheritState(to, key, from, fromKey);
}

/** Copies all keys of another map to an empty map, with everything that `inherit` copies for each. */
export function copyKeys(to: object, from: object): void {
  Object.assign(to, from);
  inheritAll(to, from);
}

/**
 * Inherits the locations, broken states and derivations of all keys; `nameOf` returns the name of a key in the other container.
 * Keeps locations that have been set on the keys themselves.
 */
export function inheritAll(to: object, from: object, nameOf = asItIs): void {
  const origins = originsOf(from);
  if (!origins) return;
  originsOf(to)?.base(origins, nameOf);
  if (!origins.written && !origins.broken && !origins.derived) return;
  if (origins.broken?.has(UNKNOWN_KEY)) markBroken(to, UNKNOWN_KEY);
  for (const key of Object.keys(to)) inheritState(to, key, from, nameOf(key));
}

function inheritState(to: object, key: string, from: object, fromKey: string): void {
  const origins = originsOf(from);
  const at = origins?.written?.get(fromKey);
  if (at) setWritten(to, key, at);
  if (origins?.broken?.has(fromKey)) markBroken(to, key);
  const how = origins?.derivation(fromKey);
  if (how !== undefined) markDerived(to, key, how);
}

/** An entry of the broken keys of a map that contains an unknown key: it represents any key. */
const UNKNOWN_KEY = '*';

/** Records that a map contains an unknown key: any key that the map lacks may be the intended one. */
export function markUnknownKey(container: object): void {
  markBroken(container, UNKNOWN_KEY);
}

/** Marks the keys of a container as broken that are broken in another. */
export function inheritErrors(to: object, from: object): void {
  for (const key of brokenKeys(from)) markBroken(to, key);
}

/** Returns the broken keys of a container. */
export function brokenKeys(container: object): readonly string[] {
  return [...(originsOf(container)?.broken ?? [])];
}
