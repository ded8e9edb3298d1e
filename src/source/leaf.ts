import { derivationOf, hasLocation, locationOf } from './origin.ts';
import type { SourceLocation } from './source.ts';

/** A path of keys and, in lists, indices. */
export type Path = readonly (string | number)[];

/** The key of the disk to boot, which firmware counts from 0x80. */
export const DRIVE: Path = ['boot', 'drive'];

/** A value that holds no others, and where it came from. */
export interface Leaf {
  readonly path: Path;
  /** A scalar, or a map or list with nothing in it. */
  readonly value: unknown;
  /** The text that set it; of a derived value, the text that it follows from. Undefined where it follows from none. */
  readonly at?: SourceLocation | undefined;
  /** How it follows from there, in a few words; undefined where it is written as it is. */
  readonly derived?: string | undefined;
}

type Above = Pick<Leaf, 'at' | 'derived'>;

/**
 * Gives the leaves below a key of a container, in their order. What has no origin of its own has that of what holds it;
 * what is derived without a place follows from nothing that is written.
 */
export function* leavesBelow(
  container: object,
  key: string,
  path: Path = [key],
  above: Above = {},
): Iterable<Leaf> {
  const value = (container as Record<string, unknown>)[key];
  if (value === undefined) return; // at fault, and reported
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

/** Writes a path as one would say it: nics[0].name, labels.topology.kubernetes.io/zone. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${step}` : step;
  }, '');
}
