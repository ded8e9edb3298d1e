import { shown } from '../../knowledge/hide.ts';
import type { Report } from '../../source/diagnostics/report.ts';
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
import type { GatheredHarvester, Sourced } from '../model/gathered.ts';
import { reportConflict } from './machine.ts';

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
  for (const [key, own] of Object.entries(first)) {
    const known = result[key];
    const lists = [first, result].flatMap((map) => {
      const list = map[key];
      return Array.isArray(list) ? list.map((value, index) => ({ value, at: locationOf(list, index) })) : [];
    });
    const isNew = ({ value }: (typeof lists)[number], index: number) =>
      lists.findIndex((one) => JSON.stringify(one.value) === JSON.stringify(value)) === index;
    const here = [...path, key];
    if (isValueMap(own) && isValueMap(known)) result[key] = mergedConfig(own, known, conflict, here);
    else if (Array.isArray(own) && Array.isArray(known))
      result[key] = locatedList(selfLocation(own), lists.filter(isNew));
    else {
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(own))
        conflict(
          here,
          { value: own, at: locationOf(first, key) },
          { value: known, at: locationOf(other, key) },
        );
      result[key] = own;
    }
    inherit(result, key, first);
  }
  return result;
}

/** Returns the installation of a machine from two files; values of the first take precedence, and differences are reported. */
export function mergedHarvester(
  first: GatheredHarvester | undefined,
  other: GatheredHarvester | undefined,
  { whose, report }: { readonly whose: string; readonly report: Report },
): GatheredHarvester | undefined {
  if (!first || !other) return first ?? other;
  const bond = [...(first.bond ?? []), ...(other.bond ?? [])];
  return {
    file: first.file ?? other.file,
    media: first.media ?? other.media,
    boot: first.boot && other.boot ? mergedConfig(first.boot, other.boot) : (first.boot ?? other.boot),
    config: mergedConfig(first.config, other.config, (path, one, another) => {
      const [own, found] = [one, another].map(({ value, at }) => {
        const text = shown(value, ['config', ...path]);
        return { value: typeof text === 'object' ? JSON.stringify(text) : (text as string), at };
      });
      if (own && found) reportConflict(path.join('.'), whose, own, found, report);
    }),
    bond: bond.filter(({ value }, index) => bond.findIndex((one) => one.value === value) === index),
  };
}
