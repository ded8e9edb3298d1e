import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
} from 'yaml';
import type { Related, Report } from '../source/diagnostics/report.ts';
import {
  inherit,
  isBroken,
  keyLocationOf,
  located,
  markBroken,
  setLocation,
  setWritten,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import { nearest } from '../values/text.ts';
import { documentsOf, reportConflict, reportFault } from './yaml-syntax.ts';

/** More values than this by aliases alone is an attack or an accident, not a site. */
const MOST_ALIASED_VALUES = 1_000_000;

/**
 * Reads the YAML 1.2 text of one file, with merge keys (`<<`). Gives its one map, an empty map for a file with nothing
 * in it, or undefined where a fault was found, which is reported: bad syntax (only the first fault of a file, since
 * what follows it is noise), marks of a merge conflict, several documents, a root that is no map, tags, keys that are not plain,
 * whole numbers that cannot be kept. `keys` are such as the map of another system begins with, whose numbers are taken as
 * they are written.
 */
export function parseYaml(source: Source, report: Report, keys?: string): ValueMap | undefined {
  const read = readDocument(source, report);
  if (!read) return undefined;
  const { contents } = read.document ?? {};
  if (!read.document || saysNull(contents)) return located(Object.create(null), { source, start: 0, end: 0 });
  const converter = converterOf(source, report, read.document, keys === undefined);
  if (!isMap(contents)) {
    if (reportConflict(source, report)) return undefined;
    report.error({
      code: 'not-a-map',
      message: 'The file is not a map of keys and values.',
      at: converter.place(contents),
      help: `begin with keys such as ${keys ?? '`site:` and `nodes:`'}`,
    });
    return undefined;
  }
  const value = converter.convert(contents) as ValueMap;
  return converter.failed() ? undefined : value;
}

/**
 * Reads the YAML text, or JSON, of one file of another system, whatever its root is; several documents are a list of them.
 * Gives null for a file with nothing in it, and undefined where a fault was found, which is reported as `parseYaml` does.
 */
export function parseYamlValue(source: Source, report: Report): Value | undefined {
  const documents = documentsOf(source, report);
  if (!documents) return undefined;
  const values = located<Value[]>([], { source, start: 0, end: source.text.length });
  for (const document of documents) {
    const { contents } = document;
    if (reportFault(document, source, report)) return undefined;
    if (saysNull(contents)) continue;
    const converter = converterOf(source, report, document, false);
    setLocation(values, values.length, converter.place(contents));
    values.push(converter.convert(contents));
    if (converter.failed()) return undefined;
  }
  const [only = null, second] = values;
  return second === undefined ? only : values;
}

function saysNull(contents: Node | null | undefined): boolean {
  return !contents || (isScalar(contents) && contents.value === null);
}

function readDocument(
  source: Source,
  report: Report,
): { readonly document: Document.Parsed | undefined } | undefined {
  const documents = documentsOf(source, report);
  if (!documents) return undefined;
  const [document, second] = documents;
  if (document && reportFault(document, source, report)) return undefined;
  if (document && second) {
    // A document begins with `---`, or where one before it was ended with `...`.
    const begun = source.text.lastIndexOf('---', second.range[0]);
    const start = begun < document.range[0] ? second.range[0] : begun;
    report.error({
      code: 'several-documents',
      message: 'The file holds a second YAML document: only one is read.',
      at: { source, start, end: Math.min(start + 3, source.text.length) },
      help: 'put it into a file of its own, or remove the line `---` or `...` between them',
    });
    return undefined;
  }
  return { document };
}

/** What turns the nodes of a document into plain values that remember their places. */
interface Converter {
  place(node: Node | null | undefined): SourceLocation;
  convert(node: Node | null | undefined): Value;
  failed(): boolean;
}

/** `isExact` is whether a number that cannot be kept as it is written is a fault. */
function converterOf(source: Source, report: Report, document: Document.Parsed, isExact: boolean): Converter {
  let targets: ReadonlyMap<Alias, Node> | undefined;
  /** What anchors stand for, so that aliases share it; undefined while it is being converted. */
  const anchored = new Map<Node, { value: Value; size: number } | undefined>();
  let faults = 0;
  let size = 0;
  let aliased = 0;
  /** Whether aliases stand for more than is read: they stand for nothing then. */
  let isTooMuch = false;
  return { place, convert, failed: () => faults > 0 };

  function place(node: Node | null | undefined): SourceLocation {
    const [start = 0, end = start] = node?.range ?? [];
    return { source, start, end };
  }

  function convert(node: Node | null | undefined): Value {
    if (isAlias(node)) return aliasOf(node);
    const anchor = node && 'anchor' in node && node.anchor ? node : undefined;
    const before = size;
    if (anchor) anchored.set(anchor, undefined);
    const value = plainOf(node);
    if (anchor) anchored.set(anchor, { value, size: size - before });
    return value;
  }

  function plainOf(node: Node | null | undefined): Value {
    size += 1;
    if (isMap(node)) return mapOf(node.items as Pair<Node, Node | null>[], place(node));
    if (isSeq(node)) {
      const list: Value[] = located([], place(node));
      for (const item of node.items as Node[]) {
        setLocation(list, list.length, place(item));
        markWritten(list, list.length, item);
        list.push(convert(item));
      }
      return list;
    }
    if (!isScalar(node)) return null;
    const { value } = node;
    if (typeof value === 'number') checkDigits(node.source ?? '', value, place(node));
    return ['string', 'number', 'boolean'].includes(typeof value) ? (value as Value) : null;
  }

  /** Refuses a whole number that would come back with other digits. It is not quoted: it may be a secret. */
  function checkDigits(written: string, value: number, at: SourceLocation): void {
    if (!isExact || Number.isSafeInteger(value) || !/^[-+]?\d+$|^0[xo][\da-f]+$/i.test(written)) return;
    if (BigInt(written.replace(/^\+/, '')).toString() === String(value)) return;
    error(
      'yaml-number',
      'This number has too many digits to be kept: the last ones would be others.',
      at,
      'write it in quotes',
    );
  }

  function mapOf(pairs: Pair<Node, Node | null>[], self: SourceLocation): ValueMap {
    const map: ValueMap = located(Object.create(null), self);
    const merges: Node[] = [];
    for (const { key, value } of pairs) {
      if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
        if (value) merges.push(value);
        continue;
      }
      const name = keyOf(key);
      if (name === undefined) continue;
      if (name in map) {
        error(
          'duplicate-key',
          `The key ${name} stands twice in the same map: only one of the two could count.`,
          place(key),
          'remove one, or give it another name',
          [{ message: 'the first one is at', at: keyLocationOf(map, name) }],
        );
        continue;
      }
      // An empty value has no text of its own: its key is what can be pointed at.
      const isEmpty = !value?.range || value.range[1] === value.range[0];
      setLocation(map, name, place(isEmpty ? key : value), place(key));
      markWritten(map, name, value);
      map[name] = convert(value);
    }
    for (const node of merges) mergeInto(map, node);
    return map;
  }

  function markWritten(container: object, key: string | number, node: Node | null): void {
    if (!isAlias(node)) return;
    const target = targetOf(node);
    if (target) setWritten(container, key, place(target));
    else markBroken(container, key);
  }

  function targetOf(node: Alias): Node | undefined {
    targets ??= targetsIn(document);
    return targets.get(node);
  }

  /** Keys are text as it is written: `101:` and `on:` are the keys 101 and on. */
  function keyOf(key: Node | null): string | undefined {
    if (isScalar(key) && typeof key.value === 'string') return key.value;
    if (isScalar(key) && key.source) return key.source;
    error('yaml-key', 'A key must be one plain word.', place(key), 'write `name: value`');
    return undefined;
  }

  /** YAML merge keys: what the map says itself wins, then the earlier of several merged maps. */
  function mergeInto(map: ValueMap, node: Node): void {
    const before = faults;
    const merged = convert(node);
    if (faults > before) return;
    const sources = Array.isArray(merged) ? merged : [merged];
    for (const [index, source] of sources.entries()) {
      if (source === null || typeof source !== 'object' || Array.isArray(source)) {
        // What a fault took the value of is no fault of the merge.
        if (source === null && (isTooMuch || (Array.isArray(merged) && isBroken(merged, index)))) return;
        error('yaml-merge', 'The merge key << takes a map.', place(node), 'write `<<: *anchor_of_a_map`');
        return;
      }
      for (const key of Object.keys(source)) {
        if (key in map) continue;
        map[key] = source[key] as Value;
        inherit(map, key, source);
      }
    }
  }

  function aliasOf(node: Alias): Value {
    const target = targetOf(node);
    const known = target && anchored.get(target);
    if (!target || !known) {
      const meant = target ? undefined : nearest(node.source, anchorsBefore(node, document), 0.3);
      error(
        'yaml-alias',
        'This alias stands for something that contains it, or for nothing.',
        place(node),
        `define the anchor before the alias, and outside of it${meant === undefined ? '' : `: did you mean ${meant}?`}`,
      );
      return null;
    }
    size += known.size;
    aliased += known.size;
    if (aliased > MOST_ALIASED_VALUES && !isTooMuch) {
      isTooMuch = true;
      error(
        'yaml-alias',
        `The aliases of this file stand for more than ${MOST_ALIASED_VALUES} values.`,
        place(node),
        'state shared facts in `defaults` or `profiles`',
      );
    }
    return isTooMuch ? null : known.value;
  }

  function error(
    code: string,
    message: string,
    at: SourceLocation,
    help: string,
    related?: readonly Related[],
  ): void {
    faults += 1;
    report.error({ code, message, at, help, ...(related && { related }) });
  }
}

function anchorsBefore(alias: Alias, document: Document.Parsed): string[] {
  const names: string[] = [];
  visit(document, {
    Node: (_, node) => {
      if (node === alias) return visit.BREAK;
      if (!isAlias(node) && node.anchor) names.push(node.anchor);
      return undefined;
    },
  });
  return names;
}

function targetsIn(document: Document.Parsed): Map<Alias, Node> {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  // One walk for all aliases: each would else walk the whole document itself.
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = anchored.get(node.source);
        if (target) targets.set(node, target);
      } else if (node.anchor) anchored.set(node.anchor, node);
    },
  });
  return targets;
}
