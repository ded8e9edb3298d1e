import type { Report } from '../source/diagnostics/report.ts';
import {
  inherit,
  isBroken,
  isValueMap,
  keyLocationOf,
  located,
  locationOf,
  markBroken,
  selfLocation,
  setLocation,
  twin,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import { markRange, type SourceLocation } from '../source/source.ts';
import { hasBrackets, MOST_OF_RANGE, namesOfRange, parseHostlist } from '../values/hostlist.ts';
import { layer } from './layer.ts';
import { makerOf } from './ranged-value.ts';

/**
 * Gives the content of a file, or of several, with its ranges of nodes (`cg[01-06]`) as the nodes that they stand for,
 * each with its value of what has brackets, too. What a node is said to be beside its range lies over it. Everything
 * remembers the place of the range. Reports ranges that cannot be read, that meet, and whose values are not as many as
 * their nodes. Gives the same content where it has no range.
 */
export function expandRanges(content: ValueMap, report: Report): ValueMap {
  const { nodes } = content;
  if (!isValueMap(nodes) || !Object.keys(nodes).some(hasBrackets)) return content;
  const result = twin(content);
  result.nodes = expanded(nodes, report);
  return result;
}

function expanded(nodes: ValueMap, report: Report): ValueMap {
  const result: ValueMap = located(Object.create(null), selfLocation(nodes));
  const ranges = new Map(
    Object.keys(nodes)
      .filter(hasBrackets)
      .map((range) => [range, namesOf(range, nodes, report)] as const),
  );
  const rangeOf = distinct(ranges, nodes, report);
  for (const key of Object.keys(nodes)) {
    const names = ranges.get(key);
    if (names) addRange(result, nodes, { range: key, names, rangeOf }, report);
    else if (ranges.has(key)) markBroken(result, key);
    else if (!rangeOf.has(key)) {
      result[key] = nodes[key] as Value;
      inherit(result, key, nodes);
    }
  }
  return result;
}

function namesOf(range: string, nodes: ValueMap, report: Report): string[] | undefined {
  const at = keyLocationOf(nodes, range);
  const list = parseHostlist(range);
  if ('fault' in list) {
    report.error({
      code: 'bad-range',
      message: `The name ${range} ${list.fault}.`,
      at,
      help: 'write a range of nodes as cg[01-06] or cg[01-06,08]',
    });
    return undefined;
  }
  if (list.size > MOST_OF_RANGE) {
    report.error({
      code: 'bad-range',
      message: `${range} stands for ${list.size} nodes, and a range has at most ${MOST_OF_RANGE}.`,
      at,
      help: 'look for a digit too many, or divide it',
    });
    return undefined;
  }
  return namesOfRange(range);
}

function distinct(
  ranges: ReadonlyMap<string, string[] | undefined>,
  nodes: ValueMap,
  report: Report,
): Map<string, string> {
  const rangeOf = new Map<string, string>();
  for (const [range, names] of ranges) {
    const met = new Set<string>();
    for (const name of names ?? []) {
      const other = rangeOf.get(name);
      if (other === undefined) rangeOf.set(name, range);
      if (other === undefined || met.has(other)) continue;
      met.add(other);
      const isSame = other === range;
      report.error({
        code: 'range-twice',
        message: isSame
          ? `${range} has ${name} twice.`
          : `${range} has ${name}, and so has ${other}: which of the two should count cannot be told.`,
        at: keyLocationOf(nodes, range),
        ...(isSame ? {} : { related: [{ message: 'the other is at', at: keyLocationOf(nodes, other) }] }),
        help: isSame
          ? 'leave one of the two out'
          : `leave it out of one, or say what is different of ${name} by itself: ${name}: {…}`,
      });
    }
  }
  return rangeOf;
}

interface Expansion {
  readonly range: string;
  readonly names: readonly string[];
  readonly rangeOf: ReadonlyMap<string, string>;
}

function addRange(
  result: ValueMap,
  nodes: ValueMap,
  { range, names, rangeOf }: Expansion,
  report: Report,
): void {
  const said = nodes[range] as Value;
  const places = [locationOf(nodes, range), keyLocationOf(nodes, range)] as const;
  markPlaces(nodes, range, places[1]);
  const maker = isValueMap(said) ? makerOf(said, { range, size: names.length, report }) : undefined;
  names.forEach((name, index) => {
    if (rangeOf.get(name) !== range) return;
    const own = nodes[name];
    // Each has a map of its own, even where all is the same: a fault of one is not one of all.
    const value = maker ? maker(index) : isValueMap(said) ? twin(said) : said;
    setLocation(result, name, ...places);
    if (own === undefined) result[name] = value;
    else if (isValueMap(own) && isValueMap(value)) result[name] = layer(value, own);
    else {
      result[name] = own;
      inherit(result, name, nodes);
    }
    if (isBroken(nodes, range) || isBroken(nodes, name)) markBroken(result, name);
  });
}

/** Remembers what is said of the range: its name, and each of its keys, which several files may have; or what is no map of keys. */
function markPlaces(nodes: ValueMap, range: string, name: SourceLocation): void {
  markRange(name, range);
  const said = nodes[range] as Value;
  if (!isValueMap(said)) {
    markRange(locationOf(nodes, range), range);
    return;
  }
  for (const key of Object.keys(said)) {
    const [{ source, start }, { end }] = [keyLocationOf(said, key), locationOf(said, key)];
    markRange({ source, start, end }, range);
  }
}
