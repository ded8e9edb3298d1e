import {
  brokenKeys,
  copyKeys,
  inherit,
  inheritAll,
  located,
  markBroken,
  selfPlace,
} from '../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../source/value.ts';
import { bareMap } from '../values/bare-map.ts';

/** Maps of more keys than these have their places copied: they would be looked for key by key. */
const MOST_LOOKED_UP = 32;

/** Lays one map over another: maps merge by key, anything else is replaced. Neither is changed. */
export function layer<L extends object, U extends object>(lower: L, upper: U): L & U {
  const result = located(bareMap(), selfPlace(upper)) as ValueMap;
  const [lowerKeys, upperKeys] = [Object.keys(lower), Object.keys(upper)];
  if (lowerKeys.length + upperKeys.length > MOST_LOOKED_UP) {
    copyKeys(result, lower);
    for (const key of upperKeys) inherit(result, key, upper);
  } else {
    Object.assign(result, lower);
    inheritAll(result, lower, undefined, lowerKeys);
    inheritAll(result, upper, undefined, upperKeys);
  }
  for (const key of brokenKeys(lower)) markBroken(result, key);
  for (const key of upperKeys) {
    const value = (upper as unknown as ValueMap)[key] as Value;
    const under = result[key];
    result[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  for (const key of brokenKeys(upper)) {
    delete result[key];
    markBroken(result, key);
  }
  return result as unknown as L & U;
}

/** Gives a map a key of another one, with its places. */
export function copyKey(to: ValueMap, from: ValueMap, key: string): void {
  to[key] = from[key] as Value;
  inherit(to, key, from);
}
