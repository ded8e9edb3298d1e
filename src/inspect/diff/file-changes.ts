import { MANIFEST } from '../../tree/manifest.ts';
import type { File, Tree } from '../../tree/tree.ts';

/** A file that is not what it was: `before` is missing of one that is new, `after` of one that goes. */
export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly before?: File;
  readonly after?: File;
}

/**
 * Gives the files that distinguish two trees, sorted by path; the manifest, which follows from the others, is last. Takes
 * those that are others by what may not be compared here, the value of a secret.
 */
export function fileChanges(
  before: Tree,
  after: Tree,
  others: ReadonlySet<string> = new Set(),
): FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  );
  return paths.flatMap((path): FileChange[] => {
    const old = before.get(path);
    const now = after.get(path);
    if (old && now)
      return !others.has(path) && isSame(old, now)
        ? []
        : [{ path, change: 'changed', before: old, after: now }];
    return old
      ? [{ path, change: 'removed', before: old }]
      : now
        ? [{ path, change: 'added', after: now }]
        : [];
  });
}

function rank(path: string): number {
  return path === MANIFEST ? 1 : 0;
}

function isSame(a: File, b: File): boolean {
  if (Boolean(a.executable) !== Boolean(b.executable)) return false;
  return a.content === b.content || Buffer.from(a.content).equals(Buffer.from(b.content));
}
