import { parse } from 'yaml';
import { shown } from '../explain/hide.ts';
import { isShallow } from './is-shallow.ts';
import { isSame, type LeafChange, leafChanges } from './leaf-changes.ts';

/** A key of a configuration that changes; of a secret one the values are left out. */
export interface ConfigChange extends LeafChange {
  readonly isSecret: boolean;
}

/** Gives the keys that distinguish two configurations, as they are written; undefined where one cannot be read. */
export function configChanges(before: string, after: string): ConfigChange[] | undefined {
  const old = read(before);
  const now = read(after);
  if (!old || !now) return undefined;
  return leafChanges(old.value, now.value).map((change) => {
    const isSecret = holdsSecret(change, change.before) || holdsSecret(change, change.after);
    return isSecret ? { ...change, before: undefined, after: undefined, isSecret } : { ...change, isSecret };
  });
}

function read(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return isShallow(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is or holds what is not to be read over a shoulder: a secret, or the mark that stands for one. */
function holdsSecret({ path }: LeafChange, value: unknown): boolean {
  if (value === undefined) return false;
  return JSON.stringify(value).includes('@@secret:') || !isSame(shown(value, ['config', ...path]), value);
}
