import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  visit,
} from 'yaml';
import type { Fix, Related, Report } from '../source/diagnostics/report.ts';
import {
  inherit,
  isBroken,
  isValueMap,
  keyLocationOf,
  located,
  locationOf,
  markBroken,
  setLocation,
  setWritten,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import { quote, replaceText, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import { targetsIn } from '../source/text-edit/yaml-text.ts';
import { nearest } from '../values/text.ts';
import { oddBlanks } from './yaml-faults.ts';
import { documentsOf, reportConflict, reportError, reportFault } from './yaml-syntax.ts';

/** Maximum number of values from aliases: more are an attack or an accident. */
const MOST_ALIASED_VALUES = 1_000_000;

/**
 * Parses the YAML 1.2 text of one file, with merge keys (`<<`). Returns its single map, an empty map for an empty file, or
 * undefined after an error. Reports only the first syntax error, because it may cause the others. Also reports conflict markers,
 * several documents, a root that is not a map, tags, and keys that are not plain. Reports whole numbers that lose digits, unless
 * `keys` are given: example keys for the map of another system.
 */
export function parseYaml(source: Source, report: Report, keys?: string): ValueMap | undefined {
  const read = readDocument(source, report);
  if (!read) return undefined;
  const { contents } = read.document ?? {};
  if (!read.document || isNull(contents)) return located(Object.create(null), { source, start: 0, end: 0 });
  const converter = converterOf(source, report, read.document, keys === undefined);
  if (!isMap(contents)) {
    if (reportConflict(source, report)) return undefined;
    report.error({
      code: 'not-a-map',
      message: 'The file is not a map of keys and values: it sets nothing.',
      at: converter.locate(contents),
      help: `begin with keys such as ${keys ?? '`site:` and `nodes:`'}`,
    });
    return undefined;
  }
  const value = converter.convert(contents) as ValueMap;
  return converter.failed() ? undefined : value;
}

/**
 * Parses the YAML or JSON text of one file of another system, with any root; several documents become a list. Returns null for
 * an empty file, and undefined after an error, which it reports like `parseYaml`.
 */
export function parseYamlValue(source: Source, report: Report): Value | undefined {
  const documents = documentsOf(source, report);
  if (!documents) return undefined;
  const values = located<Value[]>([], { source, start: 0, end: source.text.length });
  for (const document of documents) {
    const { contents } = document;
    if (reportError(document, source, report)) return undefined;
    if (isNull(contents)) continue;
    const converter = converterOf(source, report, document, false);
    setLocation(values, values.length, converter.locate(contents));
    values.push(converter.convert(contents));
    if (converter.failed()) return undefined;
  }
  const [only = null, second] = values;
  return second === undefined ? only : values;
}

/**
 * Parses the YAML text of a file of Kubernetes objects: one in each document, or the items of a `List`. Returns none after an error,
 * which it reports like `parseYaml`.
 */
export function parseObjects(source: Source, report: Report): readonly ValueMap[] {
  const objects: ValueMap[] = [];
  for (const document of documentsOf(source, report) ?? []) {
    if (reportError(document, source, report)) return [];
    const { contents } = document;
    if (isNull(contents)) continue;
    const converter = converterOf(source, report, document, true);
    const value = converter.convert(contents);
    if (converter.failed()) return [];
    const items =
      isValueMap(value) && value.kind === 'List' && Array.isArray(value.items) ? value.items : [value];
    const odd = items.findIndex((item) => !isValueMap(item));
    if (odd >= 0) {
      report.error({
        code: 'not-a-map',
        message: 'This document is not a map of keys and values: it is not a Kubernetes object.',
        at: items[0] === value ? converter.locate(contents) : locationOf(items, odd),
        help: 'begin with `apiVersion:`, `kind:` and `metadata:`',
      });
      return [];
    }
    objects.push(...(items as ValueMap[]));
  }
  return objects;
}

function isNull(contents: Node | null | undefined): boolean {
  return !contents || (isScalar(contents) && contents.value === null);
}

function readDocument(
  source: Source,
  report: Report,
): { readonly document: Document.Parsed | undefined } | undefined {
  const documents = documentsOf(source, report);
  if (!documents) return undefined;
  const [document, second] = documents;
  if (document && reportError(document, source, report)) return undefined;
  if (document && second) {
    // A document begins with `---`, or after a `...` that ends the document before it.
    const begun = source.text.lastIndexOf('---', second.range[0]);
    const start = begun < document.range[0] ? second.range[0] : begun;
    report.error({
      code: 'several-documents',
      message: 'The file contains a second YAML document, but harvgen reads only one.',
      at: { source, start, end: Math.min(start + 3, source.text.length) },
      help: 'move it to its own file, or remove the line `---` or `...` between them',
    });
    return undefined;
  }
  return { document };
}

/** Converts the nodes of a document to plain values that record their source locations. */
interface Converter {
  locate(node: Node | null | undefined): SourceLocation;
  convert(node: Node | null | undefined): Value;
  failed(): boolean;
}

/** Returns a converter; `isExact` reports numbers that would lose digits. */
function converterOf(source: Source, report: Report, document: Document.Parsed, isExact: boolean): Converter {
  let targets: ReadonlyMap<Alias, Node | undefined> | undefined;
  /** The values of anchors, which their aliases share; undefined during their conversion. */
  const anchored = new Map<Node, { value: Value; size: number } | undefined>();
  let errors = 0;
  let size = 0;
  let aliased = 0;
  /** Whether aliases expand to more than the maximum: they are then null. */
  let isTooMuch = false;
  return { locate, convert, failed: () => errors > 0 };

  function locate(node: Node | null | undefined): SourceLocation {
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
    if (isMap(node)) return mapOf(node.items as Pair<Node, Node | null>[], locate(node));
    if (isSeq(node)) {
      const list: Value[] = located([], locate(node));
      for (const item of node.items as Node[]) {
        setLocation(list, list.length, locate(item));
        markWritten(list, list.length, item);
        list.push(convert(item));
      }
      return list;
    }
    if (!isScalar(node)) return null;
    const { value } = node;
    checkBlanks(node);
    if (typeof value === 'number') checkDigits(node.source ?? '', value, locate(node));
    return ['string', 'number', 'boolean'].includes(typeof value) ? (value as Value) : null;
  }

  /** Reports a whole number that would lose digits. Does not quote it, because it may be a secret. */
  function checkDigits(written: string, value: number, at: SourceLocation): void {
    if (!isExact || Number.isSafeInteger(value) || !/^[-+]?\d+$|^0[xo][\da-f]+$/i.test(written)) return;
    if (BigInt(written.replace(/^\+/, '')).toString() === String(value)) return;
    error(
      'yaml-number',
      'This number has too many digits: the last ones would change.',
      at,
      'write it in quotes',
      undefined,
      safeFix(quote(at)),
    );
  }

  /** Reports odd blanks in a key or text. */
  function checkBlanks(node: Scalar): void {
    const { start, end } = locate(node as Node);
    for (const fault of oddBlanks(node.type === 'PLAIN' ? source.text.slice(start, end) : '', start)) {
      errors += 1;
      reportFault(fault, source, report);
    }
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
      if (isScalar(key)) checkBlanks(key);
      if (name in map) {
        error(
          'duplicate-key',
          `The key ${name} is set twice in the same map: only one value can apply.`,
          locate(key),
          'remove or rename one of them',
          [{ message: 'the first one is at', at: keyLocationOf(map, name) }],
          isScalar(key) && isSame(value, locationOf(map, name)) ? removeLine(locate(key), value) : undefined,
        );
        continue;
      }
      // An empty value has no text: its location is that of its key.
      const isEmpty = !value?.range || value.range[1] === value.range[0];
      setLocation(map, name, locate(isEmpty ? key : value), locate(key));
      markWritten(map, name, value);
      map[name] = convert(value);
    }
    for (const node of merges) mergeInto(map, node);
    return map;
  }

  function markWritten(container: object, key: string | number, node: Node | null): void {
    if (!isAlias(node)) return;
    const target = targetOf(node);
    if (target) setWritten(container, key, locate(target));
    else markBroken(container, key);
  }

  function targetOf(node: Alias): Node | undefined {
    targets ??= targetsIn(document);
    return targets.get(node);
  }

  /** Returns a key as text, as written: `101:` and `on:` are the keys 101 and on. */
  function keyOf(key: Node | null): string | undefined {
    if (isScalar(key) && typeof key.value === 'string') return key.value;
    if (isScalar(key) && key.source) return key.source;
    error(
      'yaml-key',
      'This key is not one plain word: its value would be lost.',
      locate(key),
      'write `name: value`',
    );
    return undefined;
  }

  /** Merges by YAML merge keys: the map's own keys take precedence, then those of the earlier of several merged maps. */
  function mergeInto(map: ValueMap, node: Node): void {
    const before = errors;
    const merged = convert(node);
    if (errors > before) return;
    const sources = Array.isArray(merged) ? merged : [merged];
    for (const [index, source] of sources.entries()) {
      if (source === null || typeof source !== 'object' || Array.isArray(source)) {
        // A value that is missing because of another error is not an error of the merge.
        if (source === null && (isTooMuch || (Array.isArray(merged) && isBroken(merged, index)))) return;
        error(
          'yaml-merge',
          'The value of << is not a map: it cannot be merged.',
          locate(node),
          isAlias(node)
            ? `write the key of this value: \`key: *${node.source}\``
            : 'write `<<: *anchor_of_a_map`',
        );
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
        target ? 'This alias refers to a key, or to a value around it.' : 'No value above has this anchor.',
        locate(node),
        `define the anchor before the alias, in a value that ends before it${meant !== undefined ? `: did you mean ${meant}?` : target ? '' : '; or, for a text that begins with *, write it in quotes'}`,
        undefined,
        meant === undefined
          ? undefined
          : suggestedFix(
              replaceText(`change *${node.source} to *${meant}`, { at: locate(node), text: `*${meant}` }),
            ),
      );
      return null;
    }
    size += known.size;
    aliased += known.size;
    if (aliased > MOST_ALIASED_VALUES && !isTooMuch) {
      isTooMuch = true;
      error(
        'yaml-alias',
        `The aliases of this file expand to more than ${MOST_ALIASED_VALUES} values.`,
        locate(node),
        'move shared values to `defaults` or `profiles`',
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
    fix?: Fix,
  ): void {
    errors += 1;
    report.error({ code, message, at, help, ...(related && { related }), fix });
  }

  /** Whether a value is written like an earlier one, on one line. */
  function isSame(value: Node | null, earlier: SourceLocation): boolean {
    const { start, end } = locate(value);
    const text = source.text.slice(start, end);
    return !text.includes('\n') && text === source.text.slice(earlier.start, earlier.end);
  }

  /** Returns the fix that removes the line of a key; undefined if the line has other content. */
  function removeLine(key: SourceLocation, value: Node | null): Fix | undefined {
    const start = source.text.lastIndexOf('\n', key.start) + 1;
    const rest = /^[ \t]*\r?\n?/.exec(source.text.slice(locate(value).end))?.[0] ?? '';
    if (source.text.slice(start, key.start).trim() !== '' || !rest.endsWith('\n')) return undefined;
    const at = { source, start, end: locate(value).end + rest.length };
    return safeFix(replaceText('remove the second line, which is the same', { at, text: '' }));
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
