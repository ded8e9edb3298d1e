import { bareMap } from '../bare-map.ts';
import { brokenKeys, inherit, inheritAll, located, markBroken, selfPlace } from '../origin.ts';
import { isValueMap, type Value, type ValueMap } from './value.ts';

/** Lays one map over another: maps merge by key, anything else is replaced. Neither is changed. */
export function layer<L extends object, U extends object>(lower: L, upper: U): L & U {
  const result = located(bareMap(), selfPlace(upper)) as ValueMap;
  Object.assign(result, lower);
  inheritAll(result, lower);
  for (const key of brokenKeys(lower)) markBroken(result, key);
  const above = upper as unknown as ValueMap;
  const keys = Object.keys(above);
  for (const key of keys) {
    const under = result[key];
    const value = above[key] as Value;
    result[key] = isValueMap(under) && isValueMap(value) ? layer(under, value) : value;
  }
  inheritAll(result, upper, undefined, keys);
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
