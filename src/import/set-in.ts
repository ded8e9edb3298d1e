import { isValueMap, located, locatedList, setLocation, type Value, type ValueMap } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';

/** Returns an empty map for values of another file. */
export function emptyMap(at: SourceLocation): ValueMap {
  return located(Object.create(null) as ValueMap, at);
}

/** Sets a value by the keys on its path, with its source location; a second value of one path makes a list of both. */
export function setIn(map: ValueMap, path: readonly string[], value: Value, at: SourceLocation): void {
  const [key = '', ...further] = path;
  const known = map[key];
  if (further.length > 0) {
    const inner = isValueMap(known) ? known : emptyMap(at);
    map[key] = inner;
    setIn(inner, further, value, at);
  } else if (known === undefined) map[key] = value;
  else map[key] = locatedList(at, [known, value].flat().map((one) => ({ value: one, at })));
  setLocation(map, key, at);
}
