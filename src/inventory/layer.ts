import {
  brokenKeys,
  copyKeys,
  inherit,
  inheritAll,
  isValueMap,
  located,
  markBroken,
  selfLocation,
  type Value,
  type ValueMap,
} from '../source/origin.ts';

/** Lays one map over another: maps merge by key, anything else is replaced. Neither is changed. */
export function layer<L extends object, U extends object>(lower: L, upper: U): L & U {
  const result: ValueMap = located(emptyLike(lower, upper), selfLocation(upper));
  copyKeys(result, lower);
  for (const key of brokenKeys(lower)) markBroken(result, key);
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

/** Gives an empty map: one that inherits no key where one of two does so, since it may have any key then. */
function emptyLike(...maps: readonly object[]): ValueMap {
  return maps.some((map) => Object.getPrototypeOf(map) === null) ? Object.create(null) : {};
}

/** Gives a map a key of another one, with its places. */
export function copyKey(to: ValueMap, from: ValueMap, key: string): void {
  to[key] = from[key] as Value;
  inherit(to, key, from);
}
