import { brokenKeys, inherit, located, markBroken, placeOf, selfPlace, setPlace } from '../source/origin.ts';

type Map = Readonly<Record<string, unknown>>;

/** What says how cloud-init merges: the entries of two of them are no longer list. */
const INSTRUCTIONS = ['merge_how', 'merge_type'];

/**
 * Lays one map of cloud-config over another: maps merge by key, lists follow each other, and anything else is replaced.
 * Neither is changed, and each value remembers where it stood.
 */
export function mergeCloudConfig(lower: Map, upper: Map): Map {
  const result: Record<string, unknown> = located(Object.create(null), selfPlace(upper));
  for (const map of [lower, upper]) {
    for (const key of Object.keys(map)) {
      const [below, above] = [result[key], map[key]];
      inherit(result, key, map);
      result[key] = INSTRUCTIONS.includes(key) ? above : merged(below, above);
    }
    for (const key of brokenKeys(map)) markBroken(result, key);
  }
  return result;
}

function merged(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) return joined(below, above);
  return isMap(below) && isMap(above) ? mergeCloudConfig(below, above) : above;
}

function joined(...lists: (readonly unknown[])[]): unknown[] {
  const result: unknown[] = located([], selfPlace(lists[0] as object));
  for (const list of lists) {
    for (const [index, item] of list.entries()) {
      setPlace(result, result.length, placeOf(list, index));
      result.push(item);
    }
  }
  return result;
}

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
