import {
  hasLocation,
  isValueMap,
  located,
  locatedList,
  locationOf,
  setLocation,
  type Value,
  type ValueMap,
  writtenText,
} from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import type { Sourced } from './gathered.ts';

/** A text in the file, with its source location. */
export type Text = Sourced<string>;

/**
 * Returns the key of a map that phs reads for a name: the name itself, or one that differs in case. Source: Go's
 * encoding/json, which phs uses.
 */
export function keyFor(map: ValueMap, name: string): string | undefined {
  if (Object.hasOwn(map, name)) return name;
  return Object.keys(map).find((key) => key.toLowerCase() === name);
}

export function locationFor(map: ValueMap, name: string): SourceLocation {
  return locationOf(map, keyFor(map, name) ?? name);
}

/** Returns the value of a map for a name that phs reads; undefined if it is missing or null. */
export function fieldOf(map: ValueMap, name: string): Exclude<Value, null> | undefined {
  const key = keyFor(map, name);
  return key === undefined ? undefined : (map[key] ?? undefined);
}

/** Returns a map in another one; an empty one for any other value. */
export function mapIn(map: ValueMap | undefined, key: string): ValueMap {
  const inner = map?.[key];
  return isValueMap(inner) ? inner : {};
}

/** Returns a scalar as the original text; undefined for other values and for an empty text. */
export function textAt(map: ValueMap, name: string): Text | undefined {
  const key = keyFor(map, name) ?? name;
  const value = map[key] ?? undefined;
  if (value === undefined || typeof value === 'object') return undefined;
  const text = typeof value === 'string' ? value.trim() : writtenText(map, key);
  return text === '' ? undefined : { value: text, at: locationOf(map, key) };
}

/** Returns the parts of a `server_url`, or undefined if it is not the URL of a cluster. */
export function joinUrlOf(text: Text | undefined): { host: string; port: string | undefined } | undefined {
  const [, host, port] = /^(?:https?:\/\/)?([^/:\s]+)(?::(\d+))?\/*$/.exec(text?.value ?? '') ?? [];
  return host === undefined ? undefined : { host, port };
}

/** Removes a key from a map and returns its text with its location; undefined if it is missing or not a scalar. */
export function takeText(map: ValueMap, key: string): Text | undefined {
  if (!hasLocation(map, key)) return undefined;
  const text = textAt(map, key);
  if (text) delete map[key];
  return text;
}

/** Removes a key whose value is a map without keys. */
export function dropIfEmpty(map: ValueMap, key: string): void {
  if (isValueMap(map[key]) && Object.keys(map[key]).length === 0) delete map[key];
}

/** Returns an empty map for values of another file. */
export function emptyMap(at: SourceLocation): ValueMap {
  return located(Object.create(null) as ValueMap, at);
}

/** Sets a value by the keys on its path, with its source location; a second value of one path makes a list of both. */
export function setIn(map: ValueMap, path: readonly string[], value: Value, at: SourceLocation): void {
  let holder = map;
  for (const key of path.slice(0, -1)) {
    const known = holder[key];
    const inner = isValueMap(known) ? known : emptyMap(at);
    holder[key] = inner;
    setLocation(holder, key, at);
    holder = inner;
  }
  const key = path.at(-1) ?? '';
  const known = holder[key];
  const all = known === undefined ? [] : [known, value].flat().map((one) => ({ value: one, at }));
  holder[key] = known === undefined ? value : locatedList(at, all);
  setLocation(holder, key, at);
}
