import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import {
  hasFaults,
  inheritAll,
  isBroken,
  keyLocationOf,
  located,
  locationOf,
  markBroken,
  placedList,
  selfLocation,
} from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';

/** What the inventory calls keys of an object of the site: at least those that are of several words, since it writes them otherwise. */
type NamesOf<T> = { readonly [K in keyof T]?: string } & {
  readonly [K in keyof T & string as K extends Lowercase<K> ? never : K]: string;
};

/**
 * Makes an object of the site from one of the inventory: its values, each with the place (and the brokenness) of the
 * inventory's key of the same name, or of the key that `from` names for it: `logServer: 'log_server'`, or '' for none.
 */
export function build<T extends object>(
  values: T,
  source: object,
  ...how: Record<never, never> extends NamesOf<T>
    ? [from?: NamesOf<T>, self?: SourceLocation]
    : [from: NamesOf<T>, self?: SourceLocation]
): T;
export function build<T extends object>(
  values: T,
  source: object,
  from?: Readonly<Record<string, string | undefined>>,
  self: SourceLocation = selfLocation(source),
): T {
  const result = located(values, self);
  inheritAll(result, source, from);
  return result;
}

/** Applies a reader to a value that may not be there. */
export function read<V, T>(value: V | undefined, reader: (value: V) => T): T | undefined {
  return value === undefined ? undefined : reader(value);
}

/** Gives the entries of a list that are not at fault, each with its place. */
export function entries<T>(list: readonly (T | undefined)[] | undefined): readonly T[] {
  if (!list) return [];
  return placedList(
    selfLocation(list),
    list.flatMap((value, index) => (value === undefined ? [] : { value, at: locationOf(list, index) })),
  );
}

/** Gives the value of a key, or what holds where it is not said; undefined where it is broken, since it was said. */
export function valueOr<T extends object, K extends keyof T & string>(
  container: T,
  key: K,
  otherwise: NonNullable<T[K]>,
): NonNullable<T[K]> | undefined {
  return container[key] ?? (isBroken(container, key) ? undefined : otherwise);
}

/** Makes what a map of the inventory names, of all that is not at fault, in its order; `make` is given the place of the name, too. */
export function eachNamed<T, R>(
  map: { readonly [name: string]: T | undefined } | undefined,
  make: (name: string, one: NonNullable<T>, at: SourceLocation) => R,
): R[] {
  return Object.entries(map ?? {}).flatMap(([name, one]) =>
    one ? [make(name, one, keyLocationOf(map as object, name as never))] : [],
  );
}

/** Marks keys as broken whose list or map has an entry at fault, and so is not known in full. */
export function markIncomplete<K extends string>(
  made: object,
  source: { readonly [Key in K]?: object | undefined },
  ...keys: readonly K[]
): void {
  for (const key of keys) if (hasFaults(source[key] ?? {})) markBroken(made, key);
}

interface Named {
  readonly name?: string | undefined;
}

/** Gives what a site has many of by its names; gone through once for all the nodes that ask. */
export function byName<T extends Named>(all: readonly T[]): ReadonlyMap<string | undefined, T> {
  return namesOf(all) as ReadonlyMap<string | undefined, Named> as ReadonlyMap<string | undefined, T>;
}

const namesOf = onceFor((all: readonly Named[]) => new Map(all.map((one) => [one.name, one])));

/** Says whether all names of a map of the inventory are known: a reference to none of them may be to one at fault. */
export function isKnown(
  inventory: Draft<SiteInventory>,
  key: 'clusters' | 'groups' | 'images' | 'networks' | 'nodes' | 'profiles' | 'tenants',
): boolean {
  return !isBroken(inventory, key) && !hasFaults(inventory[key] ?? {});
}
