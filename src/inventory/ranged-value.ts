import type { Report } from '../source/diagnostics/report.ts';
import {
  independentCopy,
  isValueMap,
  locationOf,
  takeOut,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import { referenceIn } from '../source/placeholders.ts';
import { hasBrackets, parseHostlist } from '../values/hostlist.ts';

interface Ranged {
  readonly range: string;
  readonly size: number;
  readonly report: Report;
}

/** Returns the value of one node of the range, counted from 0; undefined if it is invalid. */
type Maker<T extends Value | undefined = Value> = (index: number) => T;

/**
 * Returns a function that makes a range's value for each of its nodes; undefined if it is the same for all. Nodes share values
 * without brackets. Reports invalid brackets, and lists whose length differs from the number of nodes.
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
    const copy = independentCopy(value) as ValueMap;
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
  type: RangedKey,
  ranged: Ranged,
): Maker<Value | undefined> | undefined {
  const value = holder[key] as Value;
  const text = textOf(value, type);
  if (text === undefined || !hasBrackets(text)) {
    // References to secrets are reported elsewhere: none of these keys allows one.
    const isReference = text !== undefined && referenceIn(text) !== undefined;
    const isShared = type.isOwn && ranged.size > 1 && value !== null && !isValueMap(value) && !isReference;
    if (isShared) reportShared(holder, key, type, ranged);
    return isShared ? () => undefined : undefined;
  }
  const list = parseHostlist(text, type.radix);
  if ('fault' in list) {
    ranged.report.error({
      code: 'bad-range',
      message: `\`${text}\` ${list.fault}.`,
      at: locationOf(holder, key),
      help: `write the numbers of the nodes of ${ranged.range} as [1-6] or [1-6,8]${type.radix === 16 ? ', in hexadecimal' : ''}`,
    });
    return () => undefined;
  }
  if (list.size !== ranged.size) {
    reportSize(text, list.size, locationOf(holder, key), type, ranged);
    return () => undefined;
  }
  const { isNumber } = type;
  return (index) => {
    const made = list.at(index);
    return isNumber && /^[0-9]+$/.test(made) ? Number(made) : made;
  };
}

/** Returns the text of a ranged value. `nid: [1-6]` without quotes is a list in YAML, and unambiguous. */
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
    help: 'write one number for each node in brackets, such as [1-6]',
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
    message: `\`${text}\` expands to ${count(size, one, many)}, but ${range} to ${count(nodes, 'node', 'nodes')}.`,
    at,
    help: meant?.hasGaps
      ? `omit the numbers that the name omits: ${meant.text}`
      : `write one for each node${meant ? `: ${meant.text}` : ''}${meant && radix === 16 ? ' (MAC addresses are hexadecimal)' : ''}`,
  });
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The base of the numbers in a key's brackets, and the type of its value. */
export interface RangedKey {
  readonly radix: 10 | 16;
  readonly noun: readonly [one: string, many: string];
  /** Whether the value must be unique to a machine. */
  readonly isOwn?: true;
  readonly isNumber?: true;
}

/** The keys of a node that allow numbers in brackets; `*` is any key, or entry of a list. */
export interface RangedKeys {
  readonly [key: string]: RangedKey | RangedKeys;
}

/** The numbers of MAC addresses are hexadecimal. */
const MAC = { radix: 16, noun: ['MAC address', 'MAC addresses'] } as const;
const IP = { radix: 10, noun: ['IP address', 'IP addresses'] } as const;
const TEXT = { radix: 10, noun: ['value', 'values'] } as const;

/**
 * The keys for which a range of nodes may have one value per node. Not in `config`, `cloud_init` and `boot`, whose texts contain
 * other brackets: `${node:nid}` and similar references represent the differences there.
 */
export const RANGED_KEYS: RangedKeys = {
  mac: { ...MAC, isOwn: true },
  ip: { ...IP, isOwn: true },
  uuid: { radix: 10, noun: ['UUID', 'UUIDs'], isOwn: true },
  serial: { radix: 10, noun: ['serial number', 'serial numbers'], isOwn: true },
  xname: { radix: 10, noun: ['xname', 'xnames'], isOwn: true },
  nid: { radix: 10, noun: ['NID', 'NIDs'], isOwn: true, isNumber: true },
  rack: TEXT,
  position: { radix: 10, noun: ['position', 'positions'], isNumber: true },
  nics: { '*': { name: TEXT, mac: { ...MAC, isOwn: true }, ip: { ...IP, isOwn: true } } },
  bmc: { address: { radix: 10, noun: ['address', 'addresses'], isOwn: true }, mac: { ...MAC, isOwn: true } },
  labels: { '*': TEXT },
};

/** Whether this is a key with a value, and not one with other keys below it. */
export function isRangedKey(keys: RangedKey | RangedKeys): keys is RangedKey {
  return 'radix' in keys;
}

type Run = readonly [first: number, last: number];

/** The text before the only bracket of a text, its runs of numbers, its first number as written, and the text after it. */
interface Bracket {
  readonly before: string;
  readonly runs: readonly Run[];
  readonly first: string;
  readonly after: string;
}

/** The probable intention of a text in brackets, and whether the range's name omits numbers. */
export interface Fitting {
  readonly text: string;
  readonly hasGaps: boolean;
}

/**
 * Returns a value in brackets with as many numbers as the name of its range, where the intention is clear. The value has the
 * numbers of the whole range, but the name omits some. Or the value is decimal instead of hexadecimal. Or it begins with the
 * same number as the name, and only ends elsewhere. Returns undefined otherwise: with any other list, nodes would silently get
 * the values of their neighbors.
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
  // Two digits of a MAC address must not become three.
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

/** Returns the offset of each number of a name from its first, or of each node for several brackets; undefined if ambiguous. */
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

/** Returns the count of numbers from the first to the last; 0 if they do not ascend. */
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
