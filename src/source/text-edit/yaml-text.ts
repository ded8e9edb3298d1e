import { isDeepStrictEqual } from 'node:util';
import {
  type Alias,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { grouped } from '../../values/grouped.ts';
import type { Span } from '../../values/spans.ts';
import type { Path } from '../leaf.ts';
import type { Value } from '../origin.ts';
import type { Source, SourceLocation } from '../source.ts';

/** Thrown if an edit is refused, with the reason, its location and an alternative. Nothing has been changed. */
export class EditRefusal extends Error {
  override readonly name = 'EditRefusal';
  readonly at: SourceLocation;

  /** Takes the reason with the alternative, and the source location of the reason. */
  constructor(message: string, at: SourceLocation) {
    super(message);
    this.at = at;
  }
}

/** Valid YAML text with its tokens and the targets of its aliases. */
export interface YamlText {
  readonly source: Source;
  readonly document: Document;
  /** The root node; undefined for an empty text. */
  readonly root: Node | undefined;
  /** The target of each alias. */
  readonly targets: ReadonlyMap<Alias, Node | undefined>;
  /** The aliases that refer to a node with an anchor. */
  readonly aliases: ReadonlyMap<Node | undefined, readonly Alias[]>;
}

const known = new WeakMap<Source, YamlText>();

/**
 * Parses a text like an inventory, but keeps its tokens. Returns undefined if it is not a single YAML document or has an
 * alias without a target. Parses each text once: the next edit reuses the result of the previous one.
 */
export function readYamlText(source: Source): YamlText | undefined {
  const text = known.get(source) ?? parse(source);
  if (text) known.set(source, text);
  return text;
}

/** Returns the value of a node; for an alias, that of its target. */
export function plainOf({ targets, document }: YamlText, node: Node | null): unknown {
  const own = isAlias(node) ? targets.get(node) : node;
  return own?.toJS(document, { maxAliasCount: -1 }) ?? null;
}

/** Whether a node has a value, regardless of the order of keys in maps. */
export function hasValue(text: YamlText, node: Node | null, value: Value): boolean {
  return isDeepStrictEqual(plainOf(text, node), structuredClone(value));
}

function parse(source: Source): YamlText | undefined {
  const document = parseDocument(source.text, {
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
    keepSourceTokens: true,
  });
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  const { contents } = document;
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  const targets = targetsIn(document);
  const aliases = grouped(Array.from(targets, ([alias, target]) => [target, alias] as const));
  if (aliases.has(undefined)) return undefined;
  return { source, document, root: isEmpty ? undefined : contents, targets, aliases };
}

/** Returns the target of each alias of a document, the last anchor of its name before it; undefined for one without any. */
export function targetsIn(document: Document): Map<Alias, Node | undefined> {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  // One visit for all aliases: otherwise, each alias would visit the whole document.
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) targets.set(node, anchored.get(node.source));
      else if (node.anchor) anchored.set(node.anchor, node);
    },
  });
  return targets;
}

/** A parsed map or list with its tokens. */
export type Collection = YAMLMap<Node, Node | null> | YAMLSeq<Node>;

/** A pair of a map, or an entry of a list, with its position in the text. */
export interface Item {
  /** The key, or the index. Undefined for a merge key, or a key that is not a scalar. */
  readonly step: string | number | undefined;
  /** Whether the key is a merge key, `<<`. */
  readonly merges: boolean;
  readonly value: Node | null;
  /** The start of the item: its key or dash, or the `?` or the anchor of the key before these. */
  readonly start: number;
  /** The end of the part before the value: colon or dash, and the value's anchor and tag. */
  readonly lead: number;
  /** Whether the item is a key without a colon, as in `{a, b}`. */
  readonly bare: boolean;
  /** The end of the last character of the item that is neither a space nor a comment. */
  readonly end: number;
  /** In flow style: the positions of the commas before and after it. */
  readonly commaBefore: number | undefined;
  readonly commaAfter: number | undefined;
}

type Token = CST.CollectionItem;

const knownItems = new WeakMap<Collection, readonly Item[]>();

/** Returns the pairs or entries of a collection in order. Reads each collection once. */
export function itemsOf(collection: Collection): readonly Item[] {
  const items = knownItems.get(collection) ?? readItems(collection);
  knownItems.set(collection, items);
  return items;
}

function readItems(collection: Collection): Item[] {
  const { items: tokens } = collection.srcToken as CST.BlockMap | CST.BlockSequence | CST.FlowCollection;
  const after = new Map(
    tokens.map((token, index) => [token as Token, tokens[index + 1] as Token | undefined]),
  );
  if (isMap(collection)) {
    return (collection.items as Pair<Node, Node | null>[]).map(({ key, value, srcToken }) => {
      const merges = isMerge(key);
      return itemOf(srcToken as Token, value, merges ? undefined : keyText(key), merges, after);
    });
  }
  const entries = (tokens as Token[]).filter(isEntry);
  return (collection.items as Node[]).map((value, step) =>
    itemOf(entries[step] as Token, value, step, false, after),
  );
}

function isMerge(key: Node): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Returns a key as written: `101` and `on` are the keys 101 and on. Undefined for a key that is not a scalar. */
export function keyText(key: Node): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

/** Whether a collection is written in brackets. */
export function isFlow(collection: Collection): boolean {
  return collection.flow === true;
}

/** Whether a value has text: an empty value does not. */
export function hasText(value: Node | null): value is Node {
  return Boolean(value?.range && value.range[1] > value.range[0]);
}

/** Returns the start of a value's text, after its anchor and tag. */
export function valueStart(value: Node): number {
  if (isBlock(value)) return itemsOf(value)[0]?.start ?? rangeOf(value)[0];
  return rangeOf(value)[0];
}

/** Whether a value is a map or list in block style. */
export function isBlock(value: Node | null): value is Collection & Node {
  return value !== null && 'items' in value && !isFlow(value as Collection);
}

/** Returns the start and end of a parsed node. */
export function rangeOf({ range }: Node): readonly [start: number, end: number] {
  return [range?.[0] ?? 0, range?.[1] ?? 0];
}

/** Returns the source location of a parsed node; without a node, the start of the text. */
export function locationIn({ source }: YamlText, node: Node | null): SourceLocation {
  const [start, end] = node ? rangeOf(node) : [0, 0];
  return { source, start, end };
}

function itemOf(
  token: Token,
  value: Node | null,
  step: Item['step'],
  merges: boolean,
  after: ReadonlyMap<Token, Token | undefined>,
): Item {
  const { start: before, key, sep } = token;
  const signs = [...(before ?? []), ...(key ? [key] : []), ...(sep ?? [])].filter(isSign);
  const start = signs[0]?.offset ?? (value ? rangeOf(value)[0] : 0);
  const last = signs.at(-1);
  const lead = last ? endOf(last) : start;
  return {
    step,
    merges,
    value,
    start,
    lead,
    bare: Boolean(key) && !sep?.some(({ type }) => type === 'map-value-ind'),
    // Computed on demand, because it descends into the last item of each value.
    get end() {
      return hasText(value) ? valueEnd(value) : lead;
    },
    commaBefore: commaOf(token),
    commaAfter: commaOf(after.get(token)),
  };
}

function valueEnd(value: Node): number {
  return isBlock(value) ? (itemsOf(value).at(-1)?.end ?? rangeOf(value)[1]) : rangeOf(value)[1];
}

function isSign({ type }: CST.Token): boolean {
  return !['space', 'newline', 'comment', 'comma'].includes(type);
}

function endOf(token: CST.Token): number {
  return token.offset + ('source' in token ? token.source.length : 0);
}

function commaOf(token: Token | undefined): number | undefined {
  return token?.start?.find(({ type }) => type === 'comma')?.offset;
}

/** Comments or a comma after the last entry are also tokens of the list. */
function isEntry({ start, key, sep, value }: Token): boolean {
  return Boolean(value || key || sep || start?.some(({ type }) => type === 'seq-item-ind'));
}

/** A pair or entry on the path to a value, with its container. */
export interface Step {
  readonly container: Collection & Node;
  readonly items: readonly Item[];
  readonly item: Item;
}

/** The part of a path that a text itself contains, without aliases and merge keys. */
export interface Trail {
  /** The steps, outermost first. */
  readonly steps: readonly Step[];
  /** The value at the last step; the root without steps. Null if empty. */
  readonly value: Node | null;
  /** The missing part of the path. */
  readonly rest: Path;
}

/** Follows a path through a text as far as it exists. */
export function locate({ root }: YamlText, path: Path): Trail {
  const steps: Step[] = [];
  let value: Node | null = root ?? null;
  for (const [index, step] of path.entries()) {
    const next: Step | undefined = stepInto(value, step);
    if (!next) return { steps, value, rest: path.slice(index) };
    steps.push(next);
    value = next.item.value;
  }
  return { steps, value, rest: [] };
}

/**
 * Returns the path of the key, value or entry at a span of a text. Returns undefined for a merge key, and where the span is
 * between values.
 */
export function pathAt({ root }: YamlText, { start, end }: Span): Path | undefined {
  const path: (string | number)[] = [];
  let node: Node | null = root ?? null;
  while (isCollection(node)) {
    const [from, to] = rangeOf(node);
    if (start <= from && end >= to) return path;
    const item: Item | undefined = itemsOf(node).find(
      (piece) => piece.start <= start && start < Math.max(piece.end, piece.lead),
    );
    if (item?.step === undefined) return undefined;
    path.push(item.step);
    if (end <= item.lead) return path;
    node = item.value;
  }
  return path;
}

function stepInto(value: Node | null, step: string | number): Step | undefined {
  if (!isCollection(value)) return undefined;
  const items = itemsOf(value);
  const item = items.find((item) => item.step === step);
  return item && { container: value, items, item };
}

/** Whether a node is a map or a list. */
export function isCollection(node: Node | null | undefined): node is Collection & Node {
  return isMap(node) || isSeq(node);
}

/** Returns the pair of a key that a map gets from merge keys; undefined without one. */
export function mergedPair(text: YamlText, map: Collection, key: string | number): Item | undefined {
  for (const { merges, value } of itemsOf(map)) {
    if (!merges) continue;
    const merged = resolved(text, value);
    const sources = isSeq(merged) ? (merged.items as Node[]).map((item) => resolved(text, item)) : [merged];
    for (const source of sources) {
      if (!isMap(source)) continue;
      const found =
        itemsOf(source as Collection).find(({ step }) => step === key) ??
        mergedPair(text, source as Collection, key);
      if (found) return found;
    }
  }
  return undefined;
}

/** Returns the target of an alias, or any other node itself. */
export function resolved({ targets }: YamlText, node: Node | null): Node | null {
  return isAlias(node) ? (targets.get(node) ?? null) : node;
}
