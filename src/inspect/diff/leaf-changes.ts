import { type Path, pathText } from '../../source/leaf.ts';

/** A key that is not what it was; a side is undefined where the key is not set. */
export interface LeafChange {
  readonly path: Path;
  /** The path as one would say it: `os.ntp_servers`. */
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Gives the keys that distinguish two values of JSON. Maps are gone into; lists count as a whole, since an entry has no
 * name. Keys are in the order of the later value, those that it lacks come last.
 */
export function leafChanges(before: unknown, after: unknown): LeafChange[] {
  const old = leavesOf(before);
  const now = leavesOf(after);
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((id) => {
    const [{ path }, from, to] = [now.get(id) ?? old.get(id), old.get(id), now.get(id)] as [
      Leaf,
      Leaf?,
      Leaf?,
    ];
    if (from && to && isSame(from.value, to.value)) return [];
    return [{ path, key: pathText(path), before: from?.value, after: to?.value }];
  });
}

/** Says whether two values of JSON are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

/** The leaves of a value, by a text that no other path has. */
function leavesOf(value: unknown, path: Path = [], leaves = new Map<string, Leaf>()): Map<string, Leaf> {
  if (value === undefined) return leaves;
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isMap ? Object.entries(value) : [];
  if (entries.length === 0) leaves.set(JSON.stringify(path), { path, value });
  for (const [key, item] of entries) leavesOf(item, [...path, key], leaves);
  return leaves;
}
