import { hasPlace, keyPlaceOf, type Place, placeOf, writtenPlaceOf } from '../../source/origin.ts';
import type { Value, ValueMap } from '../../source/value.ts';

/** A text of the file, and where it stands. */
export interface Text {
  readonly value: string;
  readonly at: Place;
}

/**
 * Gives the key of a map that is read for a name: the name itself, else one that differs in case. Source: Go's
 * encoding/json, by which phs reads its file.
 */
export function keyFor(map: ValueMap, name: string): string | undefined {
  if (Object.hasOwn(map, name)) return name;
  return Object.keys(map).find((key) => key.toLowerCase() === name);
}

/** Gives a value of a map by the name that phs knows it by; undefined where it is not there, or null. */
export function fieldOf(map: ValueMap, name: string): Exclude<Value, null> | undefined {
  const key = keyFor(map, name);
  return key === undefined ? undefined : (map[key] ?? undefined);
}

/** Gives where a value stands, by the name that phs knows it by; where it is not there, where its map does. */
export function placeFor(map: ValueMap, name: string): Place {
  return placeOf(map, keyFor(map, name) ?? name);
}

/** Gives where a key stands, by the name that phs knows it by; where it is not there, where its map does. */
export function keyPlaceFor(map: ValueMap, name: string): Place {
  return keyPlaceOf(map, keyFor(map, name) ?? name);
}

/** Gives a scalar as the text that is written; undefined for what is no scalar, and for what says nothing. */
export function textAt(map: ValueMap, name: string): Text | undefined {
  const value = fieldOf(map, name);
  if (value === undefined || typeof value === 'object') return undefined;
  const at = placeFor(map, name);
  const text = typeof value === 'string' ? value.trim() : writtenText(map, keyFor(map, name) ?? name);
  return text === '' ? undefined : { value: text, at };
}

/** Gives a scalar that is no text in YAML as it is written; where it stands by an alias, as its anchor has it. */
export function writtenText(holder: object, key: string | number): string {
  const { source, start, end } = writtenPlaceOf(holder, key);
  return source.text.slice(start, end).trim();
}

/** A URL that nodes join at, in its parts. */
export interface JoinUrl {
  readonly host: string;
  /** Undefined where it says none. */
  readonly port?: string | undefined;
}

/** Takes a `server_url` apart; undefined where it is no URL of a cluster. */
export function joinUrlOf(text: Text | undefined): JoinUrl | undefined {
  const [, host, port] = /^https?:\/\/([^/:\s]+)(?::(\d+))?\/*$/.exec(text?.value ?? '') ?? [];
  return host === undefined ? undefined : { host, port };
}

/** Takes a key out of a map, and gives its value as text with its place; undefined where it is not there or no scalar. */
export function takeText(map: ValueMap | undefined, key: string): Text | undefined {
  if (!map || !hasPlace(map, key)) return undefined;
  const text = textAt(map, key);
  if (text) delete map[key];
  return text;
}
