import { isRangedKey, RANGED_KEYS, type RangedKey, type RangedKeys } from '../../inventory/ranged-value.ts';
import { MOST_OF_RANGE } from '../../values/hostlist.ts';
import { type Content, type ContentMap, Written } from '../write-site.ts';

/** Texts of which each differs from the one before by one number alone, which is one more. */
export interface Run {
  /** Says whether a text is the one at an index, counted from 0. */
  isAt(text: string, index: number): boolean;
  /** Gives the texts as one, with their numbers in brackets. */
  bracketed(count: number): string;
}

const NUMBERS = { 10: /\d+/g, 16: /[0-9a-f]+/gi };

/** More digits than these are not counted exactly. */
const MOST_DIGITS = 12;

/** Gives the run that two texts begin, whose numbers are decimal or hexadecimal; undefined where they begin none. */
export function numbersOf(first: string, second: string, radix: 10 | 16): Run | undefined {
  for (const { 0: digits, index } of first.matchAll(NUMBERS[radix])) {
    if (digits.length > MOST_DIGITS) continue;
    const start = Number.parseInt(digits, radix);
    const before = first.slice(0, index);
    const after = first.slice(index + digits.length);
    const numberAt = (count: number) => (start + count).toString(radix).padStart(digits.length, '0');
    const textAt = (count: number) => before + numberAt(count) + after;
    // What has brackets of its own is no text that could stand in a range; capitals are lower case in one.
    if (/[[\]]/.test(first) || textAt(0) !== first || textAt(1) !== second) continue;
    return {
      isAt: (text, count) => text === textAt(count),
      bracketed: (count) => `${before}[${digits}-${numberAt(count - 1)}]${after}`,
    };
  }
  return undefined;
}

/** Fewer nodes are easier to look through one by one, each with the lines that it came from. */
const LONG_RUN = 8;

type Entry = readonly [name: string, node: ContentMap];

/**
 * Gives nodes, of which long runs that differ by number alone are written as one range: `cg[01-40]`. They must be alike in
 * all else, and the numbers of their names, addresses and MAC addresses go up by one from each to the next.
 */
export function inRanges(nodes: readonly Entry[]): Entry[] {
  const made: Entry[] = [];
  for (let start = 0; start < nodes.length; ) {
    const [first, second] = nodes.slice(start, start + 2);
    const runs = first && second && runsFrom(first, second);
    let end = start + 1;
    while (runs && end < nodes.length && end - start < MOST_OF_RANGE && runs.goOn(nodes[end] as Entry))
      end += 1;
    if (first && runs && end - start >= LONG_RUN) {
      made.push(runs.range(first));
      start = end;
    } else {
      // What does not begin a run of those behind it may be the last of one that was too short.
      made.push(...nodes.slice(start, Math.max(end - 1, start + 1)));
      start = Math.max(end - 1, start + 1);
    }
  }
  return made;
}

/** Gives the runs that two nodes begin; undefined where they differ by more than numbers. */
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
    /** Says whether the next node goes on with all runs; it counts as the last one then. */
    goOn: ([next, node]: Entry): boolean => {
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
  /** How the key takes numbers; undefined where it takes none. */
  readonly key: RangedKey | undefined;
}

/** The values of a node by their paths, with what of them may be ranges. What is nothing is not there. */
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

/** The first node of a range, with ranges in the places of what differs; comments are those of the first. */
function withRanges(
  content: Content | undefined,
  rangeAt: (path: string) => string | undefined,
  path: string,
): Content | undefined {
  if (content instanceof Written) {
    const { behind } = content.how;
    const how =
      behind === undefined || behind === '' ? content.how : { ...content.how, behind: `${behind} and on` };
    return new Written(withRanges(content.value, rangeAt, path) as Content, how);
  }
  if (typeof content !== 'object' || content === null) return rangeAt(path) ?? content;
  if (Array.isArray(content))
    return content.map((item, index) => withRanges(item, rangeAt, `${path}\0${index}`) as Content);
  return Object.fromEntries(
    Object.entries(content).map(([key, item]) => [key, withRanges(item, rangeAt, `${path}\0${key}`)]),
  );
}
