import { shown } from '../../knowledge/hide.ts';
import type { Path } from '../../source/leaf.ts';
import { isSame } from './leaf-changes.ts';

/**
 * Says whether a value of a node is or holds what is not to be read over a shoulder: a secret, or the mark that stands
 * for one in the output. `path` is that of the inventory, as `config`, `os`, `password`.
 */
export function holdsSecret(path: Path, value: unknown): boolean {
  if (value === undefined) return false;
  return JSON.stringify(value).includes('@@secret:') || !isSame(shown(value, path), value);
}
