import { isRangedKey, RANGED_KEYS, type RangedKey, type RangedKeys } from '../../inventory/ranged-value.ts';
import { MOST_OF_RANGE } from '../../values/hostlist.ts';
import { type Content, type ContentMap, Written } from './write-site.ts';

/** Texts that differ from the previous one only in one number, which is greater by one. */
export interface Run {
  /** Whether a text is the one at an index, counted from 0. */
  isAt(text: string, index: number): boolean;
  /** Returns the texts as one, with their numbers in brackets. */
  bracketed(count: number): string;
}

const NUMBERS = { 10: /\d+/g, 16: /[0-9a-f]+/gi };

/** Maximum number of digits that are counted exactly. */
const MOST_DIGITS = 12;

/** Returns the run that two texts begin, with decimal or hexadecimal numbers, or undefined. */
export function numbersOf(first: string, second: string, radix: 10 | 16): Run | undefined {
  for (const { 0: digits, index } of first.matchAll(NUMBERS[radix])) {
    if (digits.length > MOST_DIGITS) continue;
    const start = Number.parseInt(digits, radix);
    const before = first.slice(0, index);
    const after = first.slice(index + digits.length);
    const numberAt = (count: number) => (start + count).toString(radix).padStart(digits.length, '0');
    const textAt = (count: number) => before + numberAt(count) + after;
    // A range cannot contain other brackets, and its letters are lower case.
    if (/[[\]]/.test(first) || textAt(0) !== first || textAt(1) !== second) continue;
    return {
      isAt: (text, count) => text === textAt(count),
      bracketed: (count) => `${before}[${digits}-${numberAt(count - 1)}]${after}`,
    };
  }
  return undefined;
}

/** Minimum number of nodes in a range; fewer nodes are easier to review one by one, each with its source lines. */
const LONG_RUN = 8;

type Entry = readonly [name: string, node: ContentMap];

/**
 * Returns nodes with long runs written as one range: `cg[01-40]`. Such nodes are equal except for the numbers in their
 * names, IP addresses and MAC addresses. Each number increases by one from node to node.
 */
export function inRanges(nodes: readonly Entry[]): Entry[] {
  const made: Entry[] = [];
  for (let start = 0; start < nodes.length; ) {
    const [first, second] = nodes.slice(start, start + 2);
    const runs = first && second && runsFrom(first, second);
    let end = start + 1;
    while (runs && end < nodes.length && end - start < MOST_OF_RANGE && runs.extend(nodes[end] as Entry))
      end += 1;
    if (first && runs && end - start >= LONG_RUN) {
      made.push(runs.range(first));
      start = end;
    } else {
      // The last node of a run that is too short can begin the next run.
      made.push(...nodes.slice(start, Math.max(end - 1, start + 1)));
      start = Math.max(end - 1, start + 1);
    }
  }
  return made;
}

/** Returns the runs that two nodes begin, or undefined if they differ in more than numbers. */
function runsFrom(first: Entry, second: Entry) {
  const name = numbersOf(first[0], second[0], 10);
  const leaves = leavesOf(first[1]);
  if (!name) return undefined;
  const runs = new Map<string, Run>();
  const others = leavesOf(second[1]);
  for (const [path, { value, key }] of leaves) {
    const other = others.get(path)?.value;
    if (other === value && !key?.isOwn) continue;
    const run =
      key && typeof other !== 'object' ? numbersOf(String(value), String(other), key.radix) : undefined;
    if (!run) return undefined;
    runs.set(path, run);
  }
  let count = 1;
  return {
    /** Adds the next node and returns true if it continues all runs. */
    extend: ([next, node]: Entry): boolean => {
      const own = leavesOf(node);
      if (own.size !== leaves.size || !name.isAt(next, count)) return false;
      for (const [path, { value }] of leaves) {
        const run = runs.get(path);
        const found = own.get(path);
        if (!found || (run ? !run.isAt(String(found.value), count) : found.value !== value)) return false;
      }
      count += 1;
      return true;
    },
    range: ([, node]: Entry): Entry => [
      name.bracketed(count),
      withRanges(node, (path) => runs.get(path)?.bracketed(count), '') as ContentMap,
    ],
  };
}

interface Leaf {
  readonly value: Content;
  /** The notation of numbers in the key, or undefined if it accepts no range. */
  readonly key: RangedKey | undefined;
}

/** Returns the values of a node by path, with the notation of those that can be ranges. Skips undefined values. */
function leavesOf(node: ContentMap): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const walk = (content: Content | undefined, path: string, keys: RangedKey | RangedKeys | undefined) => {
    const value = content instanceof Written ? content.value : content;
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null) {
      leaves.set(path, { value, key: keys && isRangedKey(keys) ? keys : undefined });
      return;
    }
    leaves.set(path, { value: Array.isArray(value) ? 'list' : 'map', key: undefined });
    for (const [key, item] of Object.entries(value)) {
      const below = keys && !isRangedKey(keys) ? keys : {};
      walk(item, `${path}\0${key}`, Object.hasOwn(below, key) ? below[key] : below['*']);
    }
  };
  walk(node, '', RANGED_KEYS);
  return leaves;
}

/** Returns the first node of a range, with ranges for the values that differ and the comments of the first node. */
function withRanges(
  content: Content | undefined,
  rangeAt: (path: string) => string | undefined,
  path: string,
): Content | undefined {
  if (content instanceof Written) {
    const { behind } = content.how;
    const how =
      behind === undefined || behind === '' ? content.how : { ...content.how, behind: `${behind} and more` };
    return new Written(withRanges(content.value, rangeAt, path) as Content, how);
  }
  if (typeof content !== 'object' || content === null) return rangeAt(path) ?? content;
  if (Array.isArray(content))
    return content.map((item, index) => withRanges(item, rangeAt, `${path}\0${index}`) as Content);
  return Object.fromEntries(
    Object.entries(content).map(([key, item]) => [key, withRanges(item, rangeAt, `${path}\0${key}`)]),
  );
}
