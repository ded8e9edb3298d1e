import { parseHostlist } from '../values/hostlist.ts';

/** From one number to another, both included. */
type Run = readonly [first: number, last: number];

/** What stands before the one bracket of a text, its numbers, how wide the first is written, and what stands behind. */
interface Bracket {
  readonly before: string;
  readonly runs: readonly Run[];
  readonly first: string;
  readonly after: string;
}

/** A text in brackets as it was most probably meant, and whether that is what the range's name leaves out. */
export interface Fitting {
  readonly text: string;
  readonly hasGaps: boolean;
}

/**
 * Gives a value in brackets with as many numbers as the name of its range, where the value itself says which: it has
 * those of the whole range, whose name leaves some out; it was counted in tens where it counts in hexadecimal; or it
 * begins with the same number as the name, and only ends elsewhere. Undefined where it cannot be told: with any other
 * list, nodes would silently get the values of those beside them.
 */
export function fittingList(text: string, range: string, radix: 10 | 16): Fitting | undefined {
  const value = bracketOf(text, radix);
  const name = bracketOf(range, 10);
  if (!value) return undefined;
  const offsets = name ? offsetsOf(name.runs) : rowOf(range);
  if (!offsets) return undefined;
  const start = value.runs[0]?.[0] ?? 0;
  const extent = (offsets.at(-1) ?? 0) + 1;
  const hasGaps = extent > offsets.length;
  const numbers = offsets.map((offset) => start + offset);
  const isWhole =
    extentOf(value.runs) === extent &&
    numbers.every((number) => value.runs.some(([first, last]) => first <= number && number <= last));
  const isInTens = radix === 16 && extentOf(bracketOf(text, 10)?.runs ?? []) === extent;
  const onlyEnds = !hasGaps && value.runs.length === 1 && Number(value.first) === name?.runs[0]?.[0];
  if (!isWhole && !isInTens && !onlyEnds) return undefined;
  const inner = written(numbers, value.first.length, radix);
  // Two digits of a MAC address do not become three.
  if (radix === 16 && (numbers.at(-1) ?? 0) >= 16 ** value.first.length) return undefined;
  const isUpper = radix === 16 && text !== text.toLowerCase();
  return { text: `${value.before}[${isUpper ? inner.toUpperCase() : inner}]${value.after}`, hasGaps };
}

function bracketOf(text: string, radix: 10 | 16): Bracket | undefined {
  const [, before = '', inner, after = ''] = /^([^[\]]*)\[([^[\]]*)\]([^[\]]*)$/.exec(text) ?? [];
  if (inner === undefined || 'fault' in parseHostlist(`[${inner}]`, radix)) return undefined;
  const runs = inner.split(',').map((part): Run => {
    const [first = '', last = first] = part.split('-');
    return [Number.parseInt(first, radix), Number.parseInt(last, radix)];
  });
  return { before, runs, first: /^[^,-]*/.exec(inner)?.[0] ?? '', after };
}

/** How far each number is behind the first; undefined where they do not rise. */
function offsetsOf(runs: readonly Run[]): number[] | undefined {
  const rises = runs.every(([first], index) => first > (runs[index - 1]?.[1] ?? -1));
  if (!rises) return undefined;
  const start = runs[0]?.[0] ?? 0;
  return runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first - start + index),
  );
}

/** The places of the nodes of a name with several brackets; undefined where one of these leaves numbers out. */
function rowOf(range: string): number[] | undefined {
  const list = parseHostlist(range);
  if ('fault' in list || range.includes(',')) return undefined;
  return Array.from({ length: list.size }, (_, index) => index);
}

/** How many numbers there are from the first to the last; 0 where they do not rise. */
function extentOf(runs: readonly Run[]): number {
  const [first, last] = [runs[0]?.[0] ?? 0, runs.at(-1)?.[1] ?? -1];
  return runs.every(([from], index) => from > (runs[index - 1]?.[1] ?? -1)) ? last - first + 1 : 0;
}

function written(numbers: readonly number[], width: number, radix: 10 | 16): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run[1] + 1) run[1] = number;
    else runs.push([number, number]);
  }
  const digits = (number: number) => number.toString(radix).padStart(width, '0');
  return runs
    .map(([first, last]) => (first === last ? digits(first) : `${digits(first)}-${digits(last)}`))
    .join(',');
}
