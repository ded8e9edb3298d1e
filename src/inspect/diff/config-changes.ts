import { parse } from 'yaml';
import { readPlainYaml } from '../../inventory/plain-yaml.ts';
import { Source } from '../../source/origin.ts';
import { isValueMap, type Value } from '../../source/value.ts';
import { holdsSecret } from './holds-secret.ts';
import { isShallow } from './is-shallow.ts';
import { type LeafChange, leafChanges } from './leaf-changes.ts';

/** A key that changes; of a secret one the values are left out. */
export interface ConfigChange extends LeafChange {
  readonly isSecret: boolean;
}

/** Gives the keys that distinguish two configurations, as they are written; undefined where one cannot be read. */
export function configChanges(before: string, after: string): ConfigChange[] | undefined {
  const old = read(before);
  const now = read(after);
  return old && now && leafChanges(old.value, now.value).map((change) => withoutSecret(change, 'config'));
}

/** Gives a change as it may be shown; `part` is the part of the node that it is of. */
export function withoutSecret(change: LeafChange, part: string): ConfigChange {
  const path = [part, ...change.path];
  const isSecret = holdsSecret(path, change.before) || holdsSecret(path, change.after);
  return isSecret ? { ...change, before: undefined, after: undefined, isSecret } : { ...change, isSecret };
}

/** A configuration is a map; anything else is none. */
function read(text: string): { value: object } | undefined {
  try {
    // As builds write it, mostly, and a diff of a large site reads thousands.
    const written = readPlainYaml(new Source('', text));
    const value: unknown =
      written && !hasOddKey(written) ? withoutPlaces(written) : parse(text, { logLevel: 'error' });
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap && isShallow(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** A key that may be no text in YAML, such as `1.10` or `null`: to `yaml` it is what JavaScript makes of its value. */
const ODD_KEY = /^(?:[-+.~\d]|(?:null|true|false)$)/i;

function hasOddKey(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasOddKey);
  if (!isValueMap(value)) return false;
  return Object.entries(value).some(([key, item]) => ODD_KEY.test(key) || hasOddKey(item));
}

/** Gives a value as JSON has it. */
function withoutPlaces(value: Value): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (!isValueMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutPlaces(item)]));
}
