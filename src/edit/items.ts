import { type CST, isMap, isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** A map or a list as it was read, every token of it at hand. */
export type Collection = YAMLMap<Node, Node | null> | YAMLSeq<Node>;

/** A pair of a map, or an entry of a list, as it stands in the text. */
export interface Item {
  /** The key, or the index. Undefined for what has no name: a merge key, or a key that is no plain word. */
  readonly step: string | number | undefined;
  /** Whether it is a merge key, `<<`. */
  readonly merges: boolean;
  readonly value: Node | null;
  /** Where it begins: with its key or dash, or with what stands before those (`?`, an anchor of the key). */
  readonly start: number;
  /** Behind what comes before the value: colon or dash, and the value's anchor and tag. */
  readonly lead: number;
  /** Whether it is a key without a colon, as in `{a, b}`. */
  readonly bare: boolean;
  /** Behind its last sign that is neither blank nor comment. */
  readonly end: number;
  /** In flow style: where the commas before and after it are. */
  readonly commaBefore: number | undefined;
  readonly commaAfter: number | undefined;
}

type Token = CST.CollectionItem;

/** Gives the pairs or entries of a collection, in their order. */
export function itemsOf(collection: Collection): Item[] {
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

/** Says whether a key is a merge key. */
function isMerge(key: Node): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Gives a key as it is written: `101` and `on` are the keys 101 and on. Undefined for one that is no plain word. */
export function keyText(key: Node): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

/** Says whether a collection is written between brackets. */
export function isFlow(collection: Collection): boolean {
  return collection.flow === true;
}

/** Says whether a value has a text of its own: an empty one has none. */
export function hasText(value: Node | null): value is Node {
  return Boolean(value?.range && value.range[1] > value.range[0]);
}

/** Gives where a value's own text begins, behind its anchor and tag. */
export function valueStart(value: Node): number {
  if (isBlock(value)) return itemsOf(value)[0]?.start ?? rangeOf(value)[0];
  return rangeOf(value)[0];
}

/** Says whether a value is a map or list in block style. */
export function isBlock(value: Node | null): value is Collection & Node {
  return value !== null && 'items' in value && !isFlow(value as Collection);
}

/** Gives where a node that was read begins and ends. */
export function rangeOf({ range }: Node): readonly [start: number, end: number] {
  return [range?.[0] ?? 0, range?.[1] ?? 0];
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
    // Asked for when it is needed: it looks into the last item of the value, and so on.
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

/** What follows the last entry, comments or a comma, is a token of the list, too. */
function isEntry({ start, key, sep, value }: Token): boolean {
  return Boolean(value || key || sep || start?.some(({ type }) => type === 'seq-item-ind'));
}
