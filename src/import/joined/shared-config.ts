import { isValueMap, locationOf, type Value, type ValueMap } from '../../source/origin.ts';
import { groupedBy } from '../../values/grouped.ts';
import { type Content, type ContentMap, flow, headed, noted, sourceComment } from './write-site.ts';

/** Longer lists have one entry per line. */
const LONGEST_FLOW = 90;

interface Split<T = Content> {
  readonly common: T | undefined;
  /** What each map has beside the common part, or another value than that. */
  readonly rests: readonly (T | undefined)[];
}

/**
 * Splits maps into the content that all have in common and the rest of each, without empty parts. Keys that one of them lacks
 * are not common, because a node cannot unset a default. A value is common if more than half of the maps have it: the others
 * override it. `canShare` is false if there must be no common part.
 */
export function splitCommon(maps: readonly ValueMap[], canShare = true): Split<ContentMap> {
  const parts = new Map<string, Split>();
  for (const key of canShare ? Object.keys(maps[0] ?? {}) : []) {
    if (!maps.every((map) => Object.hasOwn(map, key))) continue;
    const inner = maps.map((map) => map[key] as Value);
    const part = inner.every(isMapWithKeys) ? splitCommon(inner) : splitMost(maps, key);
    if (part?.common !== undefined) parts.set(key, part);
  }
  return {
    common: nonEmpty([...parts].map(([key, { common }]) => [key, common])),
    rests: maps.map((map, index) =>
      nonEmpty(
        Object.keys(map).map((key) => {
          const part = parts.get(key);
          return [key, part ? part.rests[index] : contentOf([map], key)];
        }),
      ),
    ),
  };
}

/** Returns the most frequent value of a key as the common part; undefined if less than half of the maps have it. */
function splitMost(maps: readonly ValueMap[], key: string): Split | undefined {
  const alike = [...groupedBy(maps, (map) => JSON.stringify(map[key])).values()];
  const most = alike.find(({ length }) => length > maps.length / 2);
  // A map over another value, or another value over a map, would be merged.
  if (!most || (most.length < maps.length && maps.some((map) => isValueMap(map[key])))) return undefined;
  const sharing = new Set(most);
  return {
    common: contentOf(most, key),
    rests: maps.map((map) => (sharing.has(map) ? undefined : contentOf([map], key))),
  };
}

function isMapWithKeys(value: Value): value is ValueMap {
  return isValueMap(value) && Object.keys(value).length > 0;
}

function nonEmpty(entries: readonly (readonly [string, Content | undefined])[]): ContentMap | undefined {
  const set = entries.filter(([, content]) => content !== undefined);
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

/** Returns the content of a key that has the same value in all maps. */
function contentOf(maps: readonly ValueMap[], key: string): Content {
  const value = maps[0]?.[key] as Value;
  const from = sourceComment(maps.map((map) => locationOf(map, key)));
  if (isMapWithKeys(value))
    return Object.fromEntries(Object.keys(value).map((inner) => [inner, contentOf([value], inner)]));
  if (isValueMap(value)) return flow({}, from);
  // A text of several lines has no room for a comment after it.
  if (typeof value === 'string' && value.includes('\n')) return headed(from, value);
  if (!Array.isArray(value)) return noted(value as string, from);
  const isShort = value.every((one) => typeof one !== 'object') && value.join(', ').length <= LONGEST_FLOW;
  return isShort ? flow(value.map(bare), from) : headed(from, value.map(bare));
}

function bare(value: Value): Content {
  if (Array.isArray(value)) return value.map(bare);
  if (isValueMap(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
  return value as string;
}
