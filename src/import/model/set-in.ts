import {
  isValueMap,
  located,
  locatedList,
  setLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';

/** Returns an empty map for values of another file. */
export function emptyMap(at: SourceLocation): ValueMap {
  return located(Object.create(null) as ValueMap, at);
}

/** Sets a value by the keys on its path, with its source location; a second value of one path makes a list of both. */
export function setIn(map: ValueMap, path: readonly string[], value: Value, at: SourceLocation): void {
  let holder = map;
  for (const key of path.slice(0, -1)) {
    const known = holder[key];
    const inner = isValueMap(known) ? known : emptyMap(at);
    holder[key] = inner;
    setLocation(holder, key, at);
    holder = inner;
  }
  const key = path.at(-1) ?? '';
  const known = holder[key];
  const all = known === undefined ? [] : [known, value].flat().map((one) => ({ value: one, at }));
  holder[key] = known === undefined ? value : locatedList(at, all);
  setLocation(holder, key, at);
}
