import { inheritAll, isBroken, located, type Place, placeOf, selfPlace, setPlace } from '../source/origin.ts';

/**
 * Makes an object of the site from one of the inventory: its values, each with the place (and the brokenness) of the
 * inventory's key of the same name, or of the key that `from` names for it.
 */
export function build<T extends object>(
  values: T,
  source: object,
  from?: { readonly [K in keyof T]?: string },
  self: Place = selfPlace(source),
): T {
  const result = located(values, self);
  inheritAll(result, source, from as Partial<Record<string, string>> | undefined);
  return result;
}

/** Applies a reader to a value that may not be there. */
export function read<V, T>(value: V | undefined, reader: (value: V) => T): T | undefined {
  return value === undefined ? undefined : reader(value);
}

/** Gives the entries of a list that are not at fault, each with its place. */
export function entries<T>(list: readonly (T | undefined)[] | undefined): readonly T[] {
  if (!list) return [];
  const result: T[] = located([], selfPlace(list));
  list.forEach((entry, index) => {
    if (entry === undefined) return;
    setPlace(result, result.length, placeOf(list, index));
    result.push(entry);
  });
  return result;
}

/** Gives the value of a key, or what holds where it is not said; undefined where it is broken, since it was said. */
export function saidOr<T extends object, K extends keyof T & string>(
  container: T,
  key: K,
  otherwise: NonNullable<T[K]>,
): NonNullable<T[K]> | undefined {
  return container[key] ?? (isBroken(container, key) ? undefined : otherwise);
}
