import { isValueMap, locationOf, type Value, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { groupedBy } from '../../values/grouped.ts';
import { type Content, type ContentMap, flow, headed, noted, sourceComment } from './write-site.ts';

/** Longer lists have one entry per line. */
const LONGEST_FLOW = 90;

/** The common part of several maps: for each key that all of them have, the most frequent value, or the common part of maps. */
export type Shared = ReadonlyMap<string, Shared | Most>;

interface Most {
  readonly value: Value;
  readonly text: string;
  readonly from: readonly SourceLocation[];
}

/**
 * Returns the common part of several maps, without keys that one of them lacks, because a node cannot unset a default. If
 * more than half of them share a value, it is common, and the others override it.
 */
export function sharedOf(maps: readonly ValueMap[]): Shared {
  const shared = new Map<string, Shared | Most>();
  for (const key of Object.keys(maps[0] ?? {})) {
    if (!maps.every((map) => Object.hasOwn(map, key))) continue;
    const inner = maps.map((map) => map[key] as Value);
    if (inner.every(isMapWithKeys)) {
      const below = sharedOf(inner);
      if (below.size > 0) shared.set(key, below);
    } else {
      const most = mostOf(maps, key);
      // A map over another value, or another value over a map, would be merged.
      if (most && (most.from.length === maps.length || !inner.some(isValueMap))) shared.set(key, most);
    }
  }
  return shared;
}

function mostOf(maps: readonly ValueMap[], key: string): Most | undefined {
  for (const [text, own] of groupedBy(maps, (map) => JSON.stringify(map[key])))
    if (own.length > maps.length / 2)
      return { value: own[0][key] as Value, text, from: own.map((map) => locationOf(map, key)) };
  return undefined;
}

/** Returns the common part as the configuration of all nodes, or undefined if it is empty. */
export function sharedContent(shared: Shared): ContentMap | undefined {
  return nonEmpty(
    [...shared].map(([key, part]) => [
      key,
      'from' in part ? contentOf(part.value, part.from) : sharedContent(part),
    ]),
  );
}

/** Returns the part of a configuration that differs from the common part, or undefined if it is empty. */
export function ownContent(map: ValueMap, shared: Shared): ContentMap | undefined {
  return nonEmpty(
    Object.entries(map).map(([key, value]) => {
      const part = shared.get(key);
      if (part && !('from' in part) && isValueMap(value)) return [key, ownContent(value, part)];
      const isShared = part && 'from' in part && JSON.stringify(value) === part.text;
      return [key, isShared ? undefined : contentOf(value, [locationOf(map, key)])];
    }),
  );
}

function isMapWithKeys(value: Value): value is ValueMap {
  return isValueMap(value) && Object.keys(value).length > 0;
}

function nonEmpty(entries: readonly (readonly [string, Content | undefined])[]): ContentMap | undefined {
  const set = entries.filter(([, content]) => content !== undefined);
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

function contentOf(value: Value, locations: readonly SourceLocation[]): Content {
  const from = sourceComment(locations);
  if (isMapWithKeys(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, contentOf(inner, [locationOf(value, key)])]),
    );
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
