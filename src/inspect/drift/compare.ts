import { isDeepStrictEqual } from 'node:util';
import { parseYamlValue } from '../../inventory/parse.ts';
import { CREDENTIAL } from '../../knowledge/cluster-dump.ts';
import { Report } from '../../source/diagnostics/report.ts';
import type { Path } from '../../source/leaf.ts';
import { isValueMap, type ValueMap } from '../../source/origin.ts';
import { placeholdersIn } from '../../source/placeholders.ts';
import { Source } from '../../source/source.ts';
import { parseJson } from './dump.ts';

/** A value that differs. Without `declared`, only the cluster has it; without `running`, only the inventory. */
export interface Deviation {
  readonly path: Path;
  readonly declared: unknown;
  readonly running: unknown;
}

/** How an object is compared. */
export interface How {
  /** Whether a key that only the cluster has is a difference, except an empty value and a default. */
  readonly isWhole: boolean;
  /** Whether the cluster removes or overwrites the value at a path. */
  readonly isLost?: (path: Path) => boolean;
  /** Called for each declared value that the cluster shows, and for each that it does not. */
  readonly visit: (path: Path, isSeen: boolean) => void;
}

/**
 * Yields the differences between a declared value and the one that runs. Ignores the order of keys, and keys that controllers add.
 * A text can be JSON, or YAML in a CloudInit and an Addon: it is compared as a map. `defaults` is the value without declaration.
 */
export function* deviations(
  declared: unknown,
  running: unknown,
  how: How,
  path: Path = [],
  defaults?: unknown,
): Iterable<Deviation> {
  if (how.isLost?.(path) || isHidden(declared, running, path)) {
    how.visit(path, false);
    return;
  }
  const [one, other] = [mapOf(declared, path), mapOf(running, path)];
  const below = mapOf(defaults, path);
  if (isValueMap(one) && isValueMap(other))
    yield* inMaps(one, other, how, path, isValueMap(below) ? below : {});
  else if (Array.isArray(one) && Array.isArray(other)) yield* inLists(one, other, how, path);
  else {
    how.visit(path, true);
    if (!isSame(declared, running, path)) yield { path, declared, running };
  }
}

/** Whether the value is a secret, whose value neither the inventory nor a dump contains. */
function isHidden(declared: unknown, running: unknown, path: Path): boolean {
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && mapOf(value, path) === value;
  return (
    (isText(declared) && placeholdersIn(declared).length > 0) ||
    (isText(running) && running.includes(CREDENTIAL))
  );
}

/** Returns the map or list in a text, or the value itself. */
function mapOf(value: unknown, path: Path): unknown {
  if (typeof value !== 'string') return value;
  const last = path.at(-1);
  if (last === 'contents' || last === 'valuesContent') {
    const parsed = parseYamlValue(new Source('', value), new Report());
    return typeof parsed === 'object' && parsed !== null ? parsed : value;
  }
  return parseJson(value) ?? value;
}

function* inMaps(
  declared: ValueMap,
  running: ValueMap,
  how: How,
  path: Path,
  defaults: ValueMap,
): Iterable<Deviation> {
  for (const [key, value] of Object.entries(declared)) {
    const here = [...path, key];
    if (Object.hasOwn(running, key)) yield* deviations(value, running[key], how, here, defaults[key]);
    else if (how.isLost?.(here) || isHidden(value, undefined, here)) how.visit(here, false);
    else {
      how.visit(here, true);
      if (!isDefault(value, defaults[key])) yield { path: here, declared: value, running: undefined };
    }
  }
  if (!how.isWhole) return;
  for (const [key, value] of Object.entries(running)) {
    const here = [...path, key];
    if (Object.hasOwn(declared, key) || how.isLost?.(here) || isDefault(value, defaults[key])) continue;
    yield { path: here, declared: undefined, running: value };
  }
}

/** Whether a value has the effect of a missing one. */
function isDefault(value: unknown, byDefault: unknown): boolean {
  const isNothing = value === null || value === '' || value === 0 || value === false;
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (byDefault === undefined) return isNothing || isEmpty;
  return isDeepStrictEqual(value, byDefault);
}

/** The keys by which entries of a list are identified: of containers, disks, interfaces, files. */
const IDENTITIES = ['name', 'path'] as const;

function* inLists(
  declared: readonly unknown[],
  running: readonly unknown[],
  how: How,
  path: Path,
): Iterable<Deviation> {
  if (![...declared, ...running].some(isValueMap)) {
    yield* inTexts(declared, running, how, path);
    return;
  }
  const identity = IDENTITIES.find((key) => isUnique(declared, key) && isUnique(running, key));
  const idsOf = (list: readonly unknown[]) =>
    list.map((one, index) => (identity === undefined ? index : (one as ValueMap)[identity]));
  const [ids, otherIds] = [idsOf(declared), idsOf(running)];
  const others = new Map(otherIds.map((id, index) => [id, index]));
  const known = new Set(ids);
  for (const [index, value] of declared.entries()) {
    const here = [...path, index];
    // An entry in the place of another is one change.
    const instead = index < running.length && !known.has(otherIds[index]) ? index : undefined;
    const at = others.get(ids[index]) ?? instead;
    if (at !== undefined) yield* deviations(value, running[at], how, here);
    else {
      how.visit(here, true);
      yield { path: here, declared: value, running: undefined };
    }
    others.delete(at === undefined ? undefined : otherIds[at]);
  }
  if (how.isWhole)
    for (const at of others.values())
      yield { path: [...path, declared.length], declared: undefined, running: running[at] };
}

function* inTexts(
  declared: readonly unknown[],
  running: readonly unknown[],
  how: How,
  path: Path,
): Iterable<Deviation> {
  how.visit(path, true);
  for (const index of declared.keys()) how.visit([...path, index], true);
  const [one, other] = [declared.map(String), running.map(String)];
  const [missing, added] = [notIn(one, other), notIn(other, one)];
  if (missing.size + added.size === 0 && !isDeepStrictEqual(one, other)) yield { path, declared, running };
  for (const index of missing)
    yield {
      path: [...path, index],
      declared: declared[index],
      // An entry in the place of another is one change.
      running: added.has(index) ? running[index] : undefined,
    };
  for (const index of added)
    if (how.isWhole && !missing.has(index))
      yield { path: [...path, index], declared: undefined, running: running[index] };
}

/** Returns the indexes of the texts of a list that another one lacks. */
function notIn(list: readonly string[], other: readonly string[]): ReadonlySet<number> {
  const known = new Set(other);
  return new Set([...list.keys()].filter((index) => !known.has(list[index] ?? '')));
}

function isUnique(list: readonly unknown[], key: string): boolean {
  const ids = list.map((one) => (isValueMap(one) ? one[key] : undefined));
  return ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length;
}

/** Keys whose values are quantities of Kubernetes, which the API server writes in another unit. */
const QUANTITIES = /^(?:resources|memory|snapshotLimit)$/;

function isSame(declared: unknown, running: unknown, path: Path): boolean {
  if (typeof declared === 'object' || typeof running === 'object')
    return isDeepStrictEqual(declared, running);
  const [one, other] = [declared, running].map((value) =>
    String(value ?? '')
      .replaceAll('\r', '')
      .trim(),
  );
  if (one === other) return true;
  if (!path.some((step) => QUANTITIES.test(String(step)))) return false;
  const amount = amountOf(one ?? '');
  return amount !== undefined && amount === amountOf(other ?? '');
}

const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** Returns the amount of a quantity. Source: Kubernetes, "Quantity" of its API conventions. */
function amountOf(text: string): number | undefined {
  const [, digits, unit = '', binary] = /^(\d+(?:\.\d+)?)([kK]|M|G|T|P|E|)(i?)$/.exec(text) ?? [];
  if (digits === undefined) return /^\d+m$/.test(text) ? Number(text.slice(0, -1)) / 1000 : undefined;
  return Number(digits) * (binary ? 1024 : 1000) ** UNITS.indexOf(binary ? unit.replace('K', 'k') : unit);
}
