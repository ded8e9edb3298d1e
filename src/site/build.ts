import { inherit, located, type Place, selfPlace } from '../origin.ts';

/**
 * Makes an object of the site from one of the inventory: its values, each with the place (and the brokenness) of the
 * inventory's key of the same name, or of the key that `from` names for it.
 */
export function build<T extends object>(
  values: T,
  source: object,
  from: { readonly [K in keyof T]?: string } = {},
  self: Place = selfPlace(source),
): T {
  const result = located(values, self);
  for (const key of Object.keys(values)) inherit(result, key, source, from[key as keyof T] ?? key);
  return result;
}

/** Applies a reader to a value that may not be there. */
export function read<V, T>(value: V | undefined, reader: (value: V) => T): T | undefined {
  return value === undefined ? undefined : reader(value);
}
