import type { Report } from '../source/diagnostics/report.ts';
import { referenceIn } from '../source/marks.ts';
import { markBroken, placeOf, twin } from '../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../source/value.ts';
import { hasBrackets, parseHostlist } from '../values/hostlist.ts';
import { fittingList } from './fitting-list.ts';
import { isRangedKey, RANGED_KEYS, type RangedKey, type RangedKeys } from './ranged-keys.ts';

/** A range of nodes whose values are made. */
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
      if (made !== undefined) {
        copy[key] = made;
        continue;
      }
      // A list keeps its places: what follows must not move up.
      if (Array.isArray(copy)) (copy as unknown[])[Number(key)] = undefined;
      else delete copy[key];
      markBroken(copy, key);
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
      at: placeOf(holder, key),
      help: `write the numbers of the nodes of ${ranged.range} as [1-6] or [1-6,8]${kind.radix === 16 ? ', in hexadecimal' : ''}`,
    });
    return () => undefined;
  }
  if (list.size !== ranged.size) {
    reportSize(text, list.size, placeOf(holder, key), kind, ranged);
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
    at: placeOf(holder, key),
    help: 'write what differs in brackets, such as [1-6], as many as the name has',
  });
}

function reportSize(
  text: string,
  size: number,
  at: ReturnType<typeof placeOf>,
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
