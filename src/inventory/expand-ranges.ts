import type { Report } from '../source/diagnostics/report.ts';
import {
  independentCopy,
  inherit,
  isBroken,
  isValueMap,
  keyLocationOf,
  located,
  locationOf,
  markBroken,
  selfLocation,
  setLocation,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import { markRange, type SourceLocation } from '../source/source.ts';
import { hasBrackets, MOST_OF_RANGE, namesOfRange, parseHostlist } from '../values/hostlist.ts';
import { layer } from './layer.ts';
import { makerOf } from './ranged-value.ts';

/**
 * Replaces the ranges of nodes (`cg[01-06]`) in the content of files by their nodes. Each node gets its own value where the range has
 * brackets. An entry for a single node takes precedence over its range. All values have the source locations of the range. Reports
 * invalid and overlapping ranges, and values whose number differs from the nodes'. Returns content without ranges unchanged.
 */
export function expandRanges(content: ValueMap, report: Report): ValueMap {
  const { nodes } = content;
  if (!isValueMap(nodes) || !Object.keys(nodes).some(hasBrackets)) return content;
  const result = independentCopy(content);
  result.nodes = expanded(nodes, report);
  return result;
}

function expanded(nodes: ValueMap, report: Report): ValueMap {
  const result: ValueMap = located(Object.create(null), selfLocation(nodes));
  const ranged = Object.keys(nodes).filter(hasBrackets);
  const ranges = new Map(ranged.map((range) => [range, namesOf(range, nodes, report)] as const));
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
      help: likelyRange(range) ?? 'write a range of nodes as cg[01-06] or cg[01-06,08]',
    });
    return undefined;
  }
  if (list.size > MOST_OF_RANGE) {
    report.error({
      code: 'bad-range',
      message: `${range} expands to ${list.size} nodes, but a range may have at most ${MOST_OF_RANGE}.`,
      at,
      help: 'remove an extra digit, or split the range',
    });
    return undefined;
  }
  return namesOfRange(range);
}

/** Returns the help for numbers in the wrong order, or in the notation of another program: cg[6-1], cg[1..6], cg[1:6]. */
function likelyRange(range: string): string | undefined {
  const meant = range.replace(/\[[^\]]*\]/g, (numbers) =>
    numbers
      .replace(/\s/g, '')
      .replace(/(\d+)(?:-|\.\.+|:)(\d+)/g, (_, a, b) => (Number(a) > Number(b) ? `${b}-${a}` : `${a}-${b}`)),
  );
  return meant !== range && !('fault' in parseHostlist(meant)) ? `did you mean ${meant}?` : undefined;
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
          ? `${range} contains ${name} twice.`
          : `${range} and ${other} both contain ${name}: the choice of range is ambiguous.`,
        at: keyLocationOf(nodes, range),
        ...(isSame ? {} : { related: [{ message: 'the other is at', at: keyLocationOf(nodes, other) }] }),
        help: isSame
          ? 'remove one of the two'
          : `remove it from one range; or add an entry for what differs: ${name}: {…}`,
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
  const facts = nodes[range] as Value;
  const locations = [locationOf(nodes, range), keyLocationOf(nodes, range)] as const;
  markLocations(nodes, range, locations[1]);
  const maker = isValueMap(facts) ? makerOf(facts, { range, size: names.length, report }) : undefined;
  names.forEach((name, index) => {
    if (rangeOf.get(name) !== range) return;
    const own = nodes[name];
    // Each node has its own map, even if all are equal: an error of one node is not an error of all.
    const value = maker ? maker(index) : isValueMap(facts) ? independentCopy(facts) : facts;
    setLocation(result, name, ...locations);
    if (own === undefined) result[name] = value;
    else if (isValueMap(own) && isValueMap(value)) result[name] = layer(value, own);
    else {
      result[name] = own;
      inherit(result, name, nodes);
    }
    if (isBroken(nodes, range) || isBroken(nodes, name)) markBroken(result, name);
  });
}

/** Records the source locations of a range: its name, and each of its keys, which may be in several files; or its value. */
function markLocations(nodes: ValueMap, range: string, name: SourceLocation): void {
  markRange(name, range);
  const facts = nodes[range] as Value;
  if (!isValueMap(facts)) {
    markRange(locationOf(nodes, range), range);
    return;
  }
  for (const key of Object.keys(facts)) {
    const [{ source, start }, { end }] = [keyLocationOf(facts, key), locationOf(facts, key)];
    markRange({ source, start, end }, range);
  }
}
