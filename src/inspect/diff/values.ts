import { parse } from 'yaml';
import { readPlainYaml } from '../../inventory/plain-yaml/reader.ts';
import { shown } from '../../knowledge/hide.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { isValueMap } from '../../source/origin.ts';
import { Source } from '../../source/source.ts';

/** A map of JSON or YAML, of which nothing is known. */
export type Plain = Readonly<Record<string, unknown>>;

/** How deep values may be nested that are looked into: no inventory and no configuration comes near. */
const DEEPEST = 50;

/** Whether two values of JSON are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Returns the keys under which two maps have something else, in the order of the later one. */
export function otherKeys(before: Plain, after: Plain): string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => !isSame(before[key], after[key]));
}

/** Returns the entries of a list that another lacks; of those that are in it several times, as many as it has less. */
export function missing<T>(list: readonly T[], other: readonly unknown[]): T[] {
  const left = other.map((entry) => JSON.stringify(entry));
  return list.filter((entry) => {
    const index = left.indexOf(JSON.stringify(entry));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Returns things with names before and after, in the order of the later ones; one of the two lacks what is new or gone. */
export function among<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): [name: string, before: T | undefined, after: T | undefined][] {
  return [...new Set([...after.keys(), ...before.keys()])].map((name) => [
    name,
    before.get(name),
    after.get(name),
  ]);
}

/** Whether a value of JSON is nested no deeper than can be looked into without exhausting the stack. */
export function isShallow(value: unknown, levels = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}

/** Reads a file of YAML that holds a map, as a configuration does; undefined for anything else. */
export function readMap(text: string | undefined): Plain | undefined {
  if (text === undefined) return undefined;
  // As builds write it, mostly: a diff of a large site reads thousands, by the package of all YAML in ten times the time.
  const plain = readPlainYaml(new Source('', text));
  let value: unknown;
  try {
    const isPlain = plain && !hasOddKey(plain);
    value = isPlain ? JSON.parse(JSON.stringify(plain)) : parse(text, { logLevel: 'error' });
  } catch {
    return undefined; // no YAML, or of more aliases than anybody writes
  }
  return isValueMap(value) && isShallow(value) ? value : undefined;
}

/** Whether a key may be no text in YAML, such as `1.10` or `null`: to `yaml` it is what JavaScript makes of its value. */
function hasOddKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasOddKey);
  return Object.entries(value).some(
    ([key, item]) => /^(?:[-+.~\d]|(?:null|true|false)$)/i.test(key) || hasOddKey(item),
  );
}

/** A key that changes; a side is undefined where the key is not set, and both are where a secret is in one of them. */
export interface ValueChange {
  /** The path as one would say it: `os.ntp_servers`. */
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly isSecret: boolean;
}

/** Returns the keys that distinguish two configurations, as they are written; undefined where one cannot be read. */
export function configChanges(before: string, after: string): ValueChange[] | undefined {
  const [old, now] = [readMap(before), readMap(after)];
  return old && now && valueChanges(old, now, 'config');
}

/**
 * Returns the keys that distinguish two values of a part of a node, such as `config`. Maps are gone into; lists count as
 * a whole, since an entry has no name. Keys are in the order of the later value, those that it lacks come last.
 */
export function valueChanges(before: unknown, after: unknown, part: string): ValueChange[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((id): ValueChange[] => {
    const [from, to] = [old.get(id), now.get(id)];
    if (isSame(from, to)) return [];
    const path: Path = JSON.parse(id);
    const isSecret = [from, to].some((value) => holdsSecret([part, ...path], value));
    const sides = isSecret ? { before: undefined, after: undefined } : { before: from, after: to };
    return [{ key: pathText(path), ...sides, isSecret }];
  });
}

/** The leaves of a value by their paths, as JSON. */
function leavesOf(
  value: unknown,
  path: Path = [],
  leaves = new Map<string, unknown>(),
): Map<string, unknown> {
  if (value === undefined) return leaves;
  const entries = isValueMap(value) ? Object.entries(value) : [];
  if (entries.length === 0) leaves.set(JSON.stringify(path), value);
  for (const [key, item] of entries) leavesOf(item, [...path, key], leaves);
  return leaves;
}

/** Whether a value is or holds what is not to be read over a shoulder: a secret, or the mark that stands for one. */
function holdsSecret(path: Path, value: unknown): boolean {
  if (value === undefined) return false;
  return JSON.stringify(value).includes('@@secret:') || !isSame(shown(value, path), value);
}
