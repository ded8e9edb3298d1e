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

type Found = Iterable<Deviation>;
type List = readonly unknown[];

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
): Found {
  const { isLost = () => false, visit } = how;
  if (isLost(path) || isHidden(declared, running, path)) {
    visit(path, false);
    return;
  }
  const [own, other, byDefault] = [declared, running, defaults].map((value) => mapOf(value, path));
  if (isValueMap(own) && isValueMap(other))
    yield* inMaps(own, other, how, path, isValueMap(byDefault) ? byDefault : {});
  else if (Array.isArray(own) && Array.isArray(other))
    yield* [own, other].flat().some(isValueMap)
      ? inLists(own, other, how, path)
      : inTexts(own, other, how, path);
  else {
    visit(path, true);
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
  if (!['contents', 'valuesContent'].includes(String(path.at(-1)))) return parseJson(value) ?? value;
  const parsed = parseYamlValue(new Source('', value), new Report());
  return typeof parsed === 'object' && parsed !== null ? parsed : value;
}

function* inMaps(declared: ValueMap, running: ValueMap, how: How, path: Path, defaults: ValueMap): Found {
  const { isWhole, isLost = () => false, visit } = how;
  for (const [key, value] of Object.entries(declared)) {
    const here = [...path, key];
    const isGone = !Object.hasOwn(running, key);
    if (!isGone) yield* deviations(value, running[key], how, here, defaults[key]);
    else {
      const isSeen = !isLost(here) && !isHidden(value, undefined, here);
      visit(here, isSeen);
      if (isSeen && !isDefault(value, defaults[key]))
        yield { path: here, declared: value, running: undefined };
    }
  }
  for (const [key, value] of Object.entries(isWhole ? running : {})) {
    const here = [...path, key];
    if (Object.hasOwn(declared, key) || isLost(here) || isDefault(value, defaults[key])) continue;
    yield { path: here, declared: undefined, running: value };
  }
}

/** Whether a value has the effect of a missing one: the default, or what Go reads where a key is missing. */
function isDefault(value: unknown, byDefault: unknown): boolean {
  const isZero = !value || (typeof value === 'object' && Object.keys(value).length === 0);
  return isZero || isDeepStrictEqual(value, byDefault);
}

/** Compares lists of maps. An entry in the place of another is one change. */
function* inLists(declared: List, running: List, how: How, path: Path): Found {
  // By which containers, disks, interfaces, files are identified.
  const identity = ['name', 'path'].find((key) => isUnique(declared, key) && isUnique(running, key));
  const idsOf = (list: readonly unknown[]) =>
    list.map((item, index) => (identity === undefined ? index : (item as ValueMap)[identity]));
  const [ids, otherIds] = [idsOf(declared), idsOf(running)];
  const [known, others] = [new Set(ids), new Map(otherIds.map((id, index) => [id, index]))];
  for (const [index, value] of declared.entries()) {
    const here = [...path, index];
    const instead = index < running.length && !known.has(otherIds[index]) ? index : undefined;
    const at = others.get(ids[index]) ?? instead;
    if (at === undefined) {
      how.visit(here, true);
      yield { path: here, declared: value, running: undefined };
    } else {
      yield* deviations(value, running[at], how, here);
      others.delete(otherIds[at]);
    }
  }
  for (const at of how.isWhole ? others.values() : [])
    yield { path: [...path, declared.length], declared: undefined, running: running[at] };
}

/** Compares lists of texts, in any order. An entry in the place of another is one change. */
function* inTexts(declared: List, running: List, { isWhole, visit }: How, path: Path): Found {
  visit(path, true);
  for (const index of declared.keys()) visit([...path, index], true);
  const [own, other] = [declared.map(String), running.map(String)];
  const notIn = (list: readonly string[], others: ReadonlySet<string>) =>
    new Set([...list.keys()].filter((index) => !others.has(list[index] ?? '')));
  const [missing, added] = [notIn(own, new Set(other)), notIn(other, new Set(own))];
  if (missing.size + added.size === 0 && !isDeepStrictEqual(own, other)) yield { path, declared, running };
  for (const index of missing) {
    const instead = added.has(index) ? running[index] : undefined;
    yield { path: [...path, index], declared: declared[index], running: instead };
  }
  for (const index of added)
    if (isWhole && !missing.has(index))
      yield { path: [...path, index], declared: undefined, running: running[index] };
}

function isUnique(list: readonly unknown[], key: string): boolean {
  const ids = list.map((item) => (isValueMap(item) ? item[key] : undefined));
  return ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length;
}

function isSame(declared: unknown, running: unknown, path: Path): boolean {
  if (typeof declared === 'object' || typeof running === 'object')
    return isDeepStrictEqual(declared, running);
  const textOf = (value: unknown) => `${value ?? ''}`.replaceAll('\r', '').trim();
  const [own, other] = [textOf(declared), textOf(running)];
  if (own === other) return true;
  // The API server writes quantities in another unit.
  if (!path.some((key) => /^(?:resources|memory|snapshotLimit)$/.test(String(key)))) return false;
  const amount = amountOf(own);
  return amount !== undefined && amount === amountOf(other);
}

/** Returns the amount of a quantity. Source: Kubernetes, "Quantity" of its API conventions. */
function amountOf(text: string): number | undefined {
  const [, digits, unit = '', binary] = /^(\d+(?:\.\d+)?)([kK]|M|G|T|P|E|)(i?)$/.exec(text) ?? [];
  if (digits === undefined) return /^\d+m$/.test(text) ? Number(text.slice(0, -1)) / 1000 : undefined;
  const power = ['', 'k', 'M', 'G', 'T', 'P', 'E'].indexOf(binary ? unit.replace('K', 'k') : unit);
  return Number(digits) * (binary ? 1024 : 1000) ** power;
}
