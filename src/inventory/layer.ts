import { bareMap } from '../bare-map.ts';
import { brokenKeys, inherit, located, markBroken, selfPlace } from '../origin.ts';
import { isValueMap, type Value, type ValueMap } from './value.ts';

/** Lays one map over another: maps merge by key, anything else is replaced. Neither is changed. */
export function layer<L extends object, U extends object>(lower: L, upper: U): L & U {
  const result = located(bareMap(), selfPlace(upper)) as ValueMap;
  for (const key of Object.keys(lower)) copyKey(result, lower as unknown as ValueMap, key);
  for (const key of brokenKeys(lower)) markBroken(result, key);
  for (const [key, value] of Object.entries(upper) as [string, Value][]) {
    const under = result[key];
    copyKey(result, upper as unknown as ValueMap, key);
    if (isValueMap(under) && isValueMap(value)) result[key] = layer(under, value);
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
