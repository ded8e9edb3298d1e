import type { Report } from '../source/diagnostics/report.ts';
import { referenceIn } from '../source/marks.ts';
import { isValueMap, locationOf, takeOut, twin, type Value, type ValueMap } from '../source/origin.ts';
import { hasBrackets, parseHostlist } from '../values/hostlist.ts';

interface Ranged {
  readonly range: string;
  readonly size: number;
  readonly report: Report;
}

/** Gives the value for one of the nodes, counted from 0; undefined for one at fault. */
type Maker<T extends Value | undefined = Value> = (index: number) => T;

/**
 * Gives what makes a range's value for each of its nodes; undefined where it is the same for all. What no node has
 * brackets in is shared by all. Reports brackets that cannot be read, or that give not as many values as there are nodes.
 */
export function makerOf(value: Value, ranged: Ranged, keys: RangedKeys = RANGED_KEYS): Maker | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const makers = Object.keys(value).flatMap((key): [string, Maker<Value | undefined>][] => {
    const below = Object.hasOwn(keys, key) ? keys[key] : keys['*'];
    const item = (value as ValueMap)[key] as Value;
    if (!below) return [];
    const maker = isRangedKey(below)
      ? leafMaker(value as ValueMap, key, below, ranged)
      : makerOf(item, ranged, below);
    return maker ? [[key, maker]] : [];
  });
  if (makers.length === 0) return undefined;
  return (index) => {
    const copy = twin(value) as ValueMap;
    for (const [key, make] of makers) {
      const made = make(index);
      if (made === undefined) takeOut(copy, key);
      else copy[key] = made;
    }
    return copy;
  };
}

function leafMaker(
  holder: ValueMap,
  key: string,
  kind: RangedKey,
  ranged: Ranged,
): Maker<Value | undefined> | undefined {
  const value = holder[key] as Value;
  const text = textOf(value, kind);
  if (text === undefined || !hasBrackets(text)) {
    // A reference to a secret is said of by itself: in none of these keys would it be filled in.
    const isReference = text !== undefined && referenceIn(text) !== undefined;
    const isShared = kind.isOwn && ranged.size > 1 && value !== null && !isValueMap(value) && !isReference;
    if (isShared) reportShared(holder, key, kind, ranged);
    return isShared ? () => undefined : undefined;
  }
  const list = parseHostlist(text, kind.radix);
  if ('fault' in list) {
    ranged.report.error({
      code: 'bad-range',
      message: `\`${text}\` ${list.fault}.`,
      at: locationOf(holder, key),
      help: `write the numbers of the nodes of ${ranged.range} as [1-6] or [1-6,8]${kind.radix === 16 ? ', in hexadecimal' : ''}`,
    });
    return () => undefined;
  }
  if (list.size !== ranged.size) {
    reportSize(text, list.size, locationOf(holder, key), kind, ranged);
    return () => undefined;
  }
  const { isNumber } = kind;
  return (index) => {
    const made = list.at(index);
    return isNumber && /^[0-9]+$/.test(made) ? Number(made) : made;
  };
}

/** `nid: [1-6]` without quotes is a list to YAML, and can mean nothing else than the numbers. */
function textOf(value: Value, { isNumber }: RangedKey): string | undefined {
  if (typeof value === 'string') return value;
  const isNumbers =
    isNumber &&
    Array.isArray(value) &&
    value.every((item) => typeof item === 'number' || (typeof item === 'string' && /^[\d-]+$/.test(item)));
  return isNumbers ? `[${value.join(',')}]` : undefined;
}

function reportShared(holder: ValueMap, key: string, { noun: [one] }: RangedKey, ranged: Ranged): void {
  ranged.report.error({
    code: 'range-same',
    message: `All ${ranged.size} nodes of ${ranged.range} would have the same ${one}.`,
    at: locationOf(holder, key),
    help: 'write what differs in brackets, such as [1-6], as many as the name has',
  });
}

function reportSize(
  text: string,
  size: number,
  at: ReturnType<typeof locationOf>,
  { noun: [one, many], radix }: RangedKey,
  { range, size: nodes, report }: Ranged,
): void {
  const meant = fittingList(text, range, radix);
  report.error({
    code: 'range-size',
    message: `\`${text}\` is ${count(size, one, many)}, and ${range} ${count(nodes, 'node', 'nodes')}.`,
    at,
    help: meant?.hasGaps
      ? `leave out what the name leaves out: ${meant.text}`
      : `write as many as the name has${meant ? `: ${meant.text}` : ''}${meant && radix === 16 ? ', since MAC addresses count in hexadecimal' : ''}`,
  });
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** How the numbers in the brackets of a key's value count, and what becomes of the value. */
export interface RangedKey {
  readonly radix: 10 | 16;
  readonly noun: readonly [one: string, many: string];
  /** Whether no two machines can have the same. */
  readonly isOwn?: true;
  readonly isNumber?: true;
}

/** The keys of a node that take numbers in brackets; `*` is any key, or entry of a list. */
export interface RangedKeys {
  readonly [key: string]: RangedKey | RangedKeys;
}

/** MAC addresses count as they are written. */
const MAC = { radix: 16, noun: ['MAC address', 'MAC addresses'] } as const;
const ADDRESS = { radix: 10, noun: ['address', 'addresses'] } as const;
const TEXT = { radix: 10, noun: ['value', 'values'] } as const;

/**
 * Where a range of nodes may have a value for each of them. Not in `config`, `cloud_init` and `boot`, whose texts have
 * brackets of their own: `${node:nid}` and its like stand there for what differs.
 */
export const RANGED_KEYS: RangedKeys = {
  mac: { ...MAC, isOwn: true },
  ip: { ...ADDRESS, isOwn: true },
  uuid: { radix: 10, noun: ['UUID', 'UUIDs'], isOwn: true },
  serial: { radix: 10, noun: ['serial number', 'serial numbers'], isOwn: true },
  xname: { radix: 10, noun: ['xname', 'xnames'], isOwn: true },
  nid: { radix: 10, noun: ['NID', 'NIDs'], isOwn: true, isNumber: true },
  nics: { '*': { name: TEXT, mac: { ...MAC, isOwn: true }, ip: { ...ADDRESS, isOwn: true } } },
  bmc: { address: { ...ADDRESS, isOwn: true }, mac: { ...MAC, isOwn: true } },
  labels: { '*': TEXT },
};

/** Says whether this is a key that takes values, and not one that has others below it. */
export function isRangedKey(keys: RangedKey | RangedKeys): keys is RangedKey {
  return 'radix' in keys;
}

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
  const offsets = offsetsOf(range);
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

/** How far each number of a name is behind its first, or each node of one with several brackets; undefined where that cannot be told. */
function offsetsOf(range: string): number[] | undefined {
  const runs = bracketOf(range, 10)?.runs;
  const list = parseHostlist(range);
  if (!runs)
    return 'fault' in list || range.includes(',')
      ? undefined
      : Array.from({ length: list.size }, (_, index) => index);
  const start = runs[0]?.[0] ?? 0;
  if (extentOf(runs) === 0) return undefined;
  return runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first - start + index),
  );
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
