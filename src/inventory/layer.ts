import {
  brokenKeys,
  copyKeys,
  inherit,
  inheritAll,
  inheritErrors,
  isValueMap,
  located,
  markBroken,
  selfLocation,
  type Value,
  type ValueMap,
} from '../source/origin.ts';

/** Layers one map over another: maps merge by key, other values are replaced. Changes neither map. */
export function layer<L extends object, U extends object>(lower: L, upper: U): L & U {
  const result: ValueMap = located(emptyLike(lower, upper), selfLocation(upper));
  copyKeys(result, lower);
  inheritErrors(result, lower);
  for (const [key, value] of Object.entries(upper as unknown as ValueMap)) {
    const under = result[key];
    result[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  inheritAll(result, upper);
  for (const key of brokenKeys(upper)) {
    delete result[key];
    markBroken(result, key);
  }
  return result as unknown as L & U;
}

/** Returns an empty map; it inherits no keys if one of the maps inherits none, because its keys may then have any name. */
function emptyLike(...maps: readonly object[]): ValueMap {
  return maps.some((map) => Object.getPrototypeOf(map) === null) ? Object.create(null) : {};
}

/** Copies a key with its source locations from one map to another. */
export function copyKey(to: ValueMap, from: ValueMap, key: string): void {
  to[key] = from[key] as Value;
  inherit(to, key, from);
}
