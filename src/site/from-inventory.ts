import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  inheritAll,
  isBroken,
  keyLocationOf,
  located,
  locatedList,
  locationOf,
  markBroken,
  selfLocation,
} from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { nearestOf } from '../source/text-edit/fix.ts';
import type { Draft } from '../values/draft.ts';
import { onceFor } from '../values/once-for.ts';

/**
 * Builds a site object from an inventory object. Each value gets the source location and error state of the inventory's key of
 * the same name, such as `log_server` for `logServer`. The map `from` sets other names, or '' for none.
 */
export function withOrigins<T extends object>(
  values: T,
  source: object,
  from: { readonly [K in keyof T]?: string } = {},
  self: SourceLocation = selfLocation(source),
): T {
  const result = located(values, self);
  inheritAll(
    result,
    source,
    (key) => (Object.hasOwn(from, key) ? from[key as keyof T] : undefined) ?? inventoryName(key),
  );
  return result;
}

const inventoryNames = new Map<string, string>();

/** Returns the name of a key as the inventory spells it; computed once for each key. */
function inventoryName(key: string): string {
  let name = inventoryNames.get(key);
  if (name === undefined) {
    name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    inventoryNames.set(key, name);
  }
  return name;
}

/** Applies a reader to a value, if it is present. */
export function read<V, T>(value: V | undefined, reader: (value: V) => T): T | undefined {
  return value === undefined ? undefined : reader(value);
}

/** Returns the entries of a list that have no error, each with its source location. */
export function entries<T>(list: readonly (T | undefined)[] | undefined): readonly T[] {
  if (!list) return [];
  return locatedList(
    selfLocation(list),
    list.flatMap((value, index) => (value === undefined ? [] : { value, at: locationOf(list, index) })),
  );
}

/** Returns the value of a key, or its default if the key is missing; undefined if the key is set but has an error. */
export function valueOr<T extends object, K extends keyof T & string>(
  container: T,
  key: K,
  otherwise: NonNullable<T[K]>,
): NonNullable<T[K]> | undefined {
  return container[key] ?? (isBroken(container, key) ? undefined : otherwise);
}

/** Calls `make` for each named entry of an inventory map that has no error, in order, with the location of the name. */
export function eachNamed<T, R>(
  map: { readonly [name: string]: T | undefined } | undefined,
  make: (name: string, entry: NonNullable<T>, at: SourceLocation) => R,
): R[] {
  return Object.entries(map ?? {}).flatMap(([name, entry]) =>
    entry ? [make(name, entry, keyLocationOf(map as object, name as never))] : [],
  );
}

/** Marks keys as broken if their list or map has an entry with an error, and so is incomplete. */
export function markIncomplete<K extends string>(
  made: object,
  source: { readonly [Key in K]?: object | undefined },
  ...keys: readonly K[]
): void {
  for (const key of keys) if (isBroken(source[key] ?? {})) markBroken(made, key);
}

interface Named {
  readonly name?: string | undefined;
}

/** Returns a map of named objects by their names; computed once for all nodes that need it. */
export function byName<T extends Named>(all: readonly T[]): ReadonlyMap<string | undefined, T> {
  return namesOf(all) as ReadonlyMap<string | undefined, Named> as ReadonlyMap<string | undefined, T>;
}

const namesOf = onceFor((all: readonly Named[]) => new Map(all.map((item) => [item.name, item])));

type Section = 'clusters' | 'groups' | 'images' | 'networks' | 'nodes' | 'profiles' | 'tenants';

/** Whether all names of an inventory map are known: an unresolved reference may be to an entry with an error. */
export function isKnown(inventory: Draft<SiteInventory>, key: Section): boolean {
  return !isBroken(inventory, key) && !isBroken(inventory[key] ?? {});
}

/** A reference to something that the inventory does not define: where, and to what. */
interface UnknownReference {
  /** What is missing, such as network. */
  readonly kind: string;
  readonly name: string;
  readonly at: SourceLocation;
  /** The names that exist. */
  readonly names: readonly (string | undefined)[];
  /** The message (default: `There is no network x.`). */
  readonly message?: string;
  /** The help without any name (default: where to define one). */
  readonly none?: string;
}

/** Reports a reference to an unknown name, with the nearest known one as its fix. */
export function reportUnknownName(report: Report, reference: UnknownReference): void {
  const { kind, name, at, names } = reference;
  report.error({
    code: `unknown-${kind}`,
    message: reference.message ?? `There is no ${kind} ${name}.`,
    at,
    fix: nearestOf(at, name, names),
    help: `known ${kind}s: ${names.join(', ') || (reference.none ?? `none: define it under ${kind}s`)}`,
  });
}

/** Returns the names of objects. */
export function namesIn(all: readonly Named[]): (string | undefined)[] {
  return all.map(({ name }) => name);
}
