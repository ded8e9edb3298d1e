import { shown } from '../../knowledge/hide.ts';
import {
  independentCopy,
  inherit,
  isValueMap,
  locatedList,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import { groupedBy } from '../../values/grouped.ts';
import type { GatheredHarvester, Sourced } from '../model/gathered.ts';
import type { Findings } from '../model/notes.ts';

/** The thing with values in several files, for messages. */
interface Context {
  readonly whose: string;
  readonly findings: Findings;
}

/** Reports different values in two files; the first one applies. */
export function reportConflict(
  what: string,
  first: Sourced<string | number | boolean>,
  other: Sourced<string | number | boolean>,
  { whose, findings }: Context,
  help = 'correct the wrong value, or import the file with the right one first',
): void {
  const message = `The ${what} of ${whose} is ${other.value} here, but ${first.value} in an earlier entry, which takes precedence.`;
  findings.warning('import-conflict', other.at, message, help, [`the ${what} in effect is at`, first.at]);
}

/** Whether two texts differ only in case. */
export function isSameText(one: Sourced<string>, other: Sourced<string>): boolean {
  return one.value.toLowerCase() === other.value.toLowerCase();
}

/** Returns the first of two values, and reports a difference. */
export function firstOf<T extends string | number | boolean>(
  what: string,
  first: Sourced<T> | undefined,
  other: Sourced<T> | undefined,
  context: Context,
): Sourced<T> | undefined {
  if (first && other && first.value !== other.value) reportConflict(what, first, other, context);
  return first ?? other;
}

/** Returns the values of two entries as one, and reports differences of the values with a word; the first ones apply. */
export function mergedValues<T extends object>(
  first: T | undefined,
  other: T,
  words: { readonly [K in keyof T]?: string },
  context: Context,
): T {
  const known: Partial<T> = first ?? {};
  for (const key of Object.keys(words) as (keyof T)[])
    firstOf(words[key] ?? '', factIn(known[key]), factIn(other[key]), context);
  return { ...withoutNothing(other), ...withoutNothing(known) };
}

/** Returns a value to compare; a list as one text at the location of its first entry. */
function factIn(value: unknown): Sourced<string> | undefined {
  if (!Array.isArray(value)) return value as Sourced<string> | undefined;
  const list = value as Sourced<string>[];
  return list[0] && { value: list.map((one) => one.value).join(', '), at: list[0].at };
}

/** Returns a copy without undefined values and empty lists, to be merged over other values. */
export function withoutNothing<T extends object>(values: T): T {
  const isSet = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isSet(value))) as T;
}

/** Returns the first of each group of values with the same text. */
export function distinctBy<T>(items: Iterable<T>, textOf: (item: T) => string): T[] {
  return [...groupedBy(items, textOf).values()].map(([first]) => first);
}

/**
 * Returns both configurations as one; values of the first take precedence, and lists are joined, as in the installer. Calls
 * `conflict` with the path of each other value that differs.
 */
export function mergedConfig(
  first: ValueMap,
  other: ValueMap,
  conflict: (path: readonly string[], first: Sourced<Value>, other: Sourced<Value>) => void = () => {},
  path: readonly string[] = [],
): ValueMap {
  const result = independentCopy(other);
  for (const [key, value] of Object.entries(first)) {
    const known = result[key];
    const at = locationOf(first, key);
    if (isValueMap(value) && isValueMap(known))
      result[key] = mergedConfig(value, known, conflict, [...path, key]);
    else if (Array.isArray(value) && Array.isArray(known)) {
      const items = [value, known].flatMap((list) =>
        list.map((item, index) => ({ value: item, at: locationOf(list, index) })),
      );
      result[key] = locatedList(
        selfLocation(value),
        distinctBy(items, (item) => JSON.stringify(item.value)),
      );
    } else {
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value))
        conflict([...path, key], { value, at }, { value: known, at: locationOf(other, key) });
      result[key] = value;
    }
    inherit(result, key, first);
  }
  return result;
}

/** Returns the installation of a machine from two files; values of the first take precedence, and differences are reported. */
export function mergedHarvester(
  first: GatheredHarvester | undefined,
  other: GatheredHarvester | undefined,
  context: Context,
): GatheredHarvester | undefined {
  if (!first || !other) return first ?? other;
  const textOf = ({ value, at }: Sourced<Value>, path: readonly string[]) => {
    const text = shown(value, ['config', ...path]);
    return { value: typeof text === 'object' ? JSON.stringify(text) : (text as string), at };
  };
  return {
    file: first.file ?? other.file,
    media: [...(first.media ?? []), ...(other.media ?? [])],
    boot: first.boot && other.boot ? mergedConfig(first.boot, other.boot) : (first.boot ?? other.boot),
    config: mergedConfig(first.config, other.config, (path, value, another) =>
      reportConflict(path.join('.'), textOf(value, path), textOf(another, path), context),
    ),
    bond: distinctBy([...(first.bond ?? []), ...(other.bond ?? [])], ({ value }) => value),
  };
}
