import { type Place, placeOf } from '../../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../../source/value.ts';
import { whence } from '../whence.ts';
import { type Content, type ContentMap, flow, headed, noted } from '../yaml-of.ts';

/** Longer lists stand one entry on a line. */
const LONGEST_FLOW = 90;

/** What several maps have in common: of each key that all of them have, what most of them say, or the same of the maps in it. */
export type Shared = ReadonlyMap<string, Shared | Most>;

/** What most of several maps say of a key. */
class Most {
  readonly value: Value;
  /** The same as a text by which it is compared. */
  readonly text: string;
  /** Where it stands in those that say it. */
  readonly from: readonly Place[];

  constructor(value: Value, text: string, from: readonly Place[]) {
    this.value = value;
    this.text = text;
    this.from = from;
  }
}

/**
 * Finds what several maps have in common. A key that one of them lacks is not among it, since a node cannot take back what
 * the defaults say; of a value that all have, and a few otherwise, what more than half of them say is: the few say theirs.
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
      // A map over what is none, or none over a map, would be merged.
      if (most && (most.from.length === maps.length || !inner.some(isValueMap))) shared.set(key, most);
    }
  }
  return shared;
}

function mostOf(maps: readonly ValueMap[], key: string): Most | undefined {
  const byText = new Map<string, { value: Value; from: Place[] }>();
  for (const map of maps) {
    const value = map[key] as Value;
    const text = JSON.stringify(value);
    const known = byText.get(text) ?? { value, from: [] };
    known.from.push(placeOf(map, key));
    byText.set(text, known);
  }
  for (const [text, { value, from }] of byText)
    if (from.length > maps.length / 2) return new Most(value, text, from);
  return undefined;
}

/** Gives what is shared, each value with where it came from; undefined where that is nothing. */
export function sharedContent(shared: Shared): ContentMap | undefined {
  const content: Record<string, Content> = {};
  for (const [key, part] of shared) {
    const inner = part instanceof Most ? contentOf(part.value, part.from) : sharedContent(part);
    if (inner !== undefined) content[key] = inner;
  }
  return nonEmpty(content);
}

/** Gives what a map says besides what is shared, or otherwise. */
export function ownContent(map: ValueMap, shared: Shared): ContentMap | undefined {
  const own: Record<string, Content> = {};
  for (const [key, value] of Object.entries(map)) {
    const part = shared.get(key);
    if (part && !(part instanceof Most) && isValueMap(value)) {
      const content = ownContent(value, part);
      if (content) own[key] = content;
    } else if (!(part instanceof Most) || JSON.stringify(value) !== part.text)
      own[key] = contentOf(value, [placeOf(map, key)]);
  }
  return nonEmpty(own);
}

function isMapWithKeys(value: Value): value is ValueMap {
  return isValueMap(value) && Object.keys(value).length > 0;
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
