import { derivationOf, hasLocation, locationOf, locationsOf, selfLocation } from './origin.ts';
import type { SourceLocation } from './source.ts';

/** A path of keys and, in lists, indices. */
export type Path = readonly (string | number)[];

/** A value that contains no others, with its source. */
export interface Leaf {
  readonly path: Path;
  /** A scalar, or an empty map or list. */
  readonly value: unknown;
  /** The location of the text that sets the value; for a derived value, of the text that the value is derived from. */
  readonly at?: SourceLocation | undefined;
  /** A short description of the derivation; undefined for a value that is written as it is. */
  readonly derived?: string | undefined;
}

type Above = Pick<Leaf, 'at' | 'derived'>;

/**
 * Yields the leaves below a key of a container, in order. A value without its own origin has that of its container; a derived
 * value without a source location has no source in the inventory.
 */
export function* leavesBelow(
  container: object,
  key: string,
  path: Path = [key],
  above: Above = {},
): Iterable<Leaf> {
  const value = (container as Record<string, unknown>)[key];
  if (value === undefined) return; // invalid, and reported
  const own = hasLocation(container, key) ? locationOf(container as Record<string, unknown>, key) : undefined;
  const how = derivationOf(container, key);
  const origin: Above =
    how === undefined ? { at: own ?? above.at, derived: above.derived } : { at: own, derived: how };
  const inner = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (inner.length === 0) yield { path, value, ...origin };
  for (const name of inner) {
    const step = Array.isArray(value) ? Number(name) : name;
    yield* leavesBelow(value as object, name, [...path, step], origin);
  }
}

/** Returns the location of the value at a path of a container, or of the nearest value around it. */
export function locationAlong(container: object, path: Path): SourceLocation {
  let at = selfLocation(container);
  let holder: unknown = container;
  for (const step of path) {
    if (typeof holder !== 'object' || holder === null) break;
    at = locationsOf(holder, step)?.value ?? at;
    holder = (holder as Record<string | number, unknown>)[step];
  }
  return at;
}

/** Returns the value at a path of a container; undefined without one. */
export function valueAlong(container: unknown, path: Path): unknown {
  return path.reduce((value, step) => {
    if (typeof value !== 'object' || value === null || (Array.isArray(value) && typeof step === 'string'))
      return undefined;
    return (value as Readonly<Record<string | number, unknown>>)[step];
  }, container);
}

/** Returns a path as text: nics[0].name, labels.topology.kubernetes.io/zone. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${step}` : step;
  }, '');
}
