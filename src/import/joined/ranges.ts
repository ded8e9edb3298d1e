import { isRangedKey, RANGED_KEYS, type RangedKey, type RangedKeys } from '../../inventory/ranged-value.ts';
import { MOST_OF_RANGE } from '../../values/hostlist.ts';
import { type Content, type ContentMap, Written } from './write-site.ts';

/** Minimum number of nodes in a range; fewer nodes are easier to review one by one, each with its source lines. */
const LONG_RUN = 8;

type Entry = readonly [name: string, node: ContentMap];

/**
 * Returns nodes with long runs written as one range: `cg[01-40]`. Such nodes are equal except for the numbers in their
 * names, IP addresses and MAC addresses. Each number increases by one from node to node.
 */
export function inRanges(nodes: readonly Entry[]): Entry[] {
  const leaves = nodes.map(leavesOf);
  const result: Entry[] = [];
  for (let start = 0; start < nodes.length; ) {
    const runs = new Map<string, Run>();
    let end = start + 1;
    while (end < nodes.length && end - start < MOST_OF_RANGE && isInRun(runs, leaves, start, end)) end += 1;
    const isRange = end - start >= LONG_RUN;
    // The last node of a run that is too short can begin the next run.
    if (!isRange) end = Math.max(end - 1, start + 1);
    const run = nodes.slice(start, end);
    result.push(...(isRange ? run.slice(0, 1).map((node) => rangeOf(node, runs, run.length)) : run));
    start = end;
  }
  return result;
}

/** The notation of numbers in a value; undefined for a key that accepts no range. */
type Notation = RangedKey | undefined;
/** The values of a node, with its name, by path. */
type Leaves = ReadonlyMap<string, { readonly value: Content; readonly key: Notation }>;
/** Texts that differ from the previous one only in one number, which is greater by one. */
interface Run {
  /** Returns the text at an index, counted from 0. */
  textAt(index: number): string;
  /** Returns the first texts as one, with their numbers in brackets. */
  bracketed(count: number): string;
}

const NAME = 'name';
const NAME_KEY = { radix: 10, isOwn: true } as RangedKey;

function leavesOf([name, node]: Entry): Leaves {
  const leaves = new Map([[NAME, { value: name as Content, key: NAME_KEY as Notation }]]);
  mapLeaves(node, (path, value, key) => {
    leaves.set(path, { value, key });
    return value;
  });
  return leaves;
}

/** Whether a node continues the run from the one at `start`; its second node determines which values count. */
function isInRun(runs: Map<string, Run>, leaves: readonly Leaves[], start: number, end: number): boolean {
  const [first, node] = [leaves[start] as Leaves, leaves[end] as Leaves];
  if (node.size !== first.size) return false;
  for (const [path, { value, key }] of first) {
    const other = node.get(path)?.value;
    const isCounted = end === start + 1 && key && (other !== value || key.isOwn);
    const run = isCounted ? runOf(String(value), String(other), key.radix) : runs.get(path);
    if (run ? String(other) !== run.textAt(end - start) : other !== value || isCounted) return false;
    if (run) runs.set(path, run);
  }
  return true;
}

const NUMBERS = { 10: /\d+/g, 16: /[0-9a-f]+/gi };

/** Maximum number of digits that are counted exactly. */
const MOST_DIGITS = 12;

function runOf(first: string, second: string, radix: 10 | 16): Run | undefined {
  // A range cannot contain other brackets, and its letters are lower case.
  if (/[[\]]/.test(first)) return undefined;
  for (const { 0: digits, index } of first.matchAll(NUMBERS[radix])) {
    if (digits.length > MOST_DIGITS) continue;
    const start = Number.parseInt(digits, radix);
    const numberAt = (count: number) => (start + count).toString(radix).padStart(digits.length, '0');
    const around = (text: string) => first.slice(0, index) + text + first.slice(index + digits.length);
    const textAt = (count: number) => around(numberAt(count));
    if (textAt(0) === first && textAt(1) === second)
      return { textAt, bracketed: (count) => around(`[${digits}-${numberAt(count - 1)}]`) };
  }
  return undefined;
}

/** Returns the first node of a range, with ranges for the values that differ. */
function rangeOf([, node]: Entry, runs: ReadonlyMap<string, Run>, count: number): Entry {
  const range = mapLeaves(node, (path, value) => runs.get(path)?.bracketed(count) ?? value);
  return [runs.get(NAME)?.bracketed(count) ?? '', range as ContentMap];
}

/**
 * Returns content with the values that `map` returns for its own, and comments for several nodes. `map` is also called with
 * `map` or `list` for each collection, and not for undefined values.
 */
function mapLeaves(
  content: Content | undefined,
  map: (path: string, value: Content, key: Notation) => Content,
  keys: RangedKey | RangedKeys = RANGED_KEYS,
  path = '',
): Content | undefined {
  if (content instanceof Written) {
    const { behind } = content.how;
    const how = behind ? { ...content.how, behind: `${behind} and more` } : content.how;
    return new Written(mapLeaves(content.value, map, keys, path) as Content, how);
  }
  if (content === undefined) return undefined;
  if (typeof content !== 'object' || content === null)
    return map(path, content, isRangedKey(keys) ? keys : undefined);
  map(path, Array.isArray(content) ? 'list' : 'map', undefined);
  const below: RangedKeys = isRangedKey(keys) ? {} : keys;
  const entries = Object.entries(content).map(([key, item]) => {
    const inner = Object.hasOwn(below, key) ? below[key] : below['*'];
    return [key, mapLeaves(item, map, inner ?? {}, `${path}\0${key}`)] as const;
  });
  return Array.isArray(content) ? entries.map(([, item]) => item as Content) : Object.fromEntries(entries);
}
