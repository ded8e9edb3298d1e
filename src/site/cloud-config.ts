import {
  type Alias,
  type Document,
  type DocumentOptions,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
  type Tags,
  visit,
} from 'yaml';
import { tooDeepAt } from '../source/nesting.ts';
import {
  inherit,
  inheritErrors,
  isValueMap,
  located,
  locatedList,
  locationOf,
  selfLocation,
  setLocation,
} from '../source/origin.ts';
import type { Source, SourceLocation } from '../source/source.ts';

/** The beginning of a text that cloud-init reads as cloud-config, not as an archive of several or as JSON patches. */
const CLOUD_CONFIG = /^\s*#cloud-config(?!-)/i;

const AS_CLOUD_INIT = { version: '1.1', logLevel: 'silent', prettyErrors: false } as const;

/** As go-yaml does: of 1.1 and 1.2, without dates where a text is possible. An error for several documents, of which it reads one. */
const AS_GO = {
  ...AS_CLOUD_INIT,
  logLevel: 'error',
  customTags: (tags: Tags): Tags => [
    ...tags.filter((tag) => typeof tag !== 'object' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
    {
      tag: 'tag:yaml.org,2002:int',
      default: true,
      test: /^0o[0-7]+$/,
      resolve: (text: string) => Number(text),
    },
  ],
} as const;

/** Whether a text is cloud-config, by its beginning. */
export function isCloudConfig(text: string): boolean {
  return CLOUD_CONFIG.test(text);
}

/**
 * Reads the text of a cloud-config as cloud-init does, by YAML 1.1: a map, or only comments. All values have the source
 * location of the text. Returns undefined for other texts, and for values that inventory maps cannot contain: dates, bytes.
 */
export function readCloudConfig(
  text: string,
  at: SourceLocation,
): Readonly<Record<string, unknown>> | undefined {
  const { map } = read(text);
  return map && (placed(map, at) as Readonly<Record<string, unknown>> | undefined);
}

/** Reads a map as go-yaml does, with the source location of each key and value; those of an alias have its location. */
export function readYamlMap(source: Source): Readonly<Record<string, unknown>> | undefined {
  const { map, contents } = read(source.text, AS_GO);
  const whole = { source, start: 0, end: source.text.length };
  return map && (placed(map, whole, contents) as Readonly<Record<string, unknown>> | undefined);
}

/** Returns why the text of a cloud-config is invalid, as a clause; undefined if it is valid or another kind of text. */
export function cloudConfigError(text: string): string | undefined {
  return isCloudConfig(text) ? read(text).error : undefined;
}

function read(
  text: string,
  options: ParseOptions & DocumentOptions & SchemaOptions = AS_CLOUD_INIT,
): {
  readonly map?: object;
  readonly contents?: unknown;
  readonly error?: string;
} {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return { error: `is nested too deeply (line ${lineAt(text, deep)})` };
  const document = parseDocument(text, options);
  const [error] = document.errors;
  if (error) return { error: `is not valid YAML (line ${lineAt(text, error.pos[0])})` };
  const loop = aliasWithinItself(document);
  if (loop)
    return { error: `contains an alias of its own value (line ${lineAt(text, loop.range?.[0] ?? 0)})` };
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return { map: {} };
  if (!isMap(contents)) return { error: 'is not a map' };
  try {
    return { map: document.toJS() as object, contents };
  } catch (error) {
    // The yaml package throws for aliases without an anchor, and for an excessive number of them.
    if (!(error instanceof ReferenceError)) throw error;
    return { error: 'has aliases without an anchor, or too many' };
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Finds an alias within the node that it refers to, which would be an infinite value. */
function aliasWithinItself(document: Document.Parsed): Alias | undefined {
  let found: Alias | undefined;
  visit(document, {
    Alias(_, alias, path) {
      const target = alias.resolve(document);
      if (!target || !path.includes(target)) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

/**
 * Returns a value with a source location for all its parts, or undefined if it is not plain data. The parts have the locations of
 * their YAML nodes, if those are known.
 */
function placed(value: unknown, at: SourceLocation, node?: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? undefined : value;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const result: Record<string, unknown> | unknown[] = located(
    Array.isArray(value) ? [] : Object.create(null),
    at,
  );
  const nodeOf = nodesIn(node);
  const rangeOf = (node: unknown) =>
    isNode(node) && node.range ? { source: at.source, start: node.range[0], end: node.range[1] } : undefined;
  for (const [key, item] of Object.entries(value)) {
    const own = nodeOf.get(key);
    const keyAt = rangeOf(own?.key) ?? at;
    const valueAt = rangeOf(own?.value) ?? keyAt;
    const inner = placed(item, valueAt, own?.value);
    if (inner === undefined) return undefined;
    setLocation(result, key, valueAt, keyAt);
    (result as Record<string, unknown>)[key] = inner;
  }
  return result;
}

/** Returns the YAML nodes of each key of a map, and of each entry of a list. */
function nodesIn(node: unknown): ReadonlyMap<string, { readonly key?: unknown; readonly value: unknown }> {
  if (isSeq(node)) return new Map(node.items.map((value, index) => [String(index), { value }]));
  if (!isMap(node)) return new Map();
  return new Map(node.items.map((pair) => [String(isScalar(pair.key) ? pair.key.value : pair.key), pair]));
}

type Tree = Readonly<Record<string, unknown>>;

/** Keys that set how cloud-init merges: with them, the parts cannot be listed as one. */
const INSTRUCTIONS = ['merge_how', 'merge_type'];

/**
 * Merges one map of cloud-config over another: maps merge by key, lists are concatenated, and anything else is replaced.
 * Changes neither map, and each value keeps its source location.
 */
export function mergeCloudConfig(lower: Tree, upper: Tree): Tree {
  const result: Record<string, unknown> = located(Object.create(null), selfLocation(upper));
  for (const map of [lower, upper]) {
    for (const key of Object.keys(map)) {
      const [below, above] = [result[key], map[key]];
      inherit(result, key, map);
      result[key] = INSTRUCTIONS.includes(key) ? above : merged(below, above);
    }
    inheritErrors(result, map);
  }
  return result;
}

function merged(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) {
    const placed = [below, above].flatMap((list) =>
      list.map((value, index) => ({ value, at: locationOf(list, index) })),
    );
    return locatedList(selfLocation(below), placed);
  }
  return isValueMap(below) && isValueMap(above) ? mergeCloudConfig(below, above) : above;
}
