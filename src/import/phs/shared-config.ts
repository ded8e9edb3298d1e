import { isValueMap, type Value, type ValueMap } from '../../inventory/parse.ts';
import { type Place, placeOf } from '../../origin.ts';
import { type Content, type ContentMap, flow, headed, noted } from '../yaml-of.ts';
import { whence } from './whence.ts';

/** Longer lists stand one entry on a line. */
const LONGEST_FLOW = 90;

/** Gives what all of several maps say alike, each value with where it came from; undefined where that is nothing. */
export function sharedContent(maps: readonly ValueMap[]): ContentMap | undefined {
  const [first] = maps;
  if (!first) return undefined;
  const shared: Record<string, Content> = {};
  for (const key of Object.keys(first)) {
    if (!maps.every((map) => Object.hasOwn(map, key))) continue;
    const inner = maps.map((map) => map[key] as Value);
    if (inner.every(isMapWithKeys)) {
      const content = sharedContent(inner);
      if (content) shared[key] = content;
    } else if (inner.every((value) => saysSame(value, inner[0] as Value)))
      shared[key] = contentOf(
        inner[0] as Value,
        maps.map((map) => placeOf(map, key)),
      );
  }
  return nonEmpty(shared);
}

/** Gives what one of several maps says, and the others do not all say alike. */
export function ownContent(map: ValueMap, maps: readonly ValueMap[]): ContentMap | undefined {
  const own: Record<string, Content> = {};
  for (const [key, value] of Object.entries(map)) {
    const others = maps.filter((other) => Object.hasOwn(other, key)).map((other) => other[key] as Value);
    const isInAll = others.length === maps.length;
    if (isInAll && others.every(isMapWithKeys) && isMapWithKeys(value)) {
      const content = ownContent(value, others);
      if (content) own[key] = content;
    } else if (!isInAll || !others.every((other) => saysSame(other, value)))
      own[key] = contentOf(value, [placeOf(map, key)]);
  }
  return nonEmpty(own);
}

function isMapWithKeys(value: Value): value is ValueMap {
  return isValueMap(value) && Object.keys(value).length > 0;
}

function saysSame(a: Value, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function nonEmpty(map: Record<string, Content>): ContentMap | undefined {
  return Object.keys(map).length > 0 ? map : undefined;
}

function contentOf(value: Value, places: readonly Place[]): Content {
  const from = whence(places);
  if (isMapWithKeys(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, contentOf(inner, [placeOf(value, key)])]),
    );
  if (isValueMap(value)) return flow({}, from);
  if (!Array.isArray(value)) return plainOf(value, from);
  const isShort = value.every((one) => typeof one !== 'object') && value.join(', ').length <= LONGEST_FLOW;
  return isShort ? flow(value.map(bare), from) : headed(from, value.map(bare));
}

/** A text of several lines has no line to stand a comment behind. */
function plainOf(value: Exclude<Value, object>, from: string): Content {
  const isLong = typeof value === 'string' && value.includes('\n');
  return isLong ? headed(from, value) : noted(value as string, from);
}

/** A value without a word on where it came from. */
function bare(value: Value): Content {
  if (Array.isArray(value)) return value.map(bare);
  if (isValueMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
  return value as string;
}
