import { isMap, isScalar, isSeq, type Node, Scalar } from 'yaml';
import { type Path, pathText } from '../leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../origin.ts';
import { asYaml, blockLines, keyAsYaml, nested, type Style } from './as-yaml.ts';
import {
  addLines,
  beginsLine,
  columnOf,
  endWithComments,
  lineBreak,
  lineEnd,
  lineStart,
  removeLines,
  type Splice,
  spliced,
  startWithComments,
  withoutBreaks,
} from './lines.ts';
import {
  type Collection,
  EditRefusal,
  hasText,
  hasValue,
  type Item,
  isBlock,
  isCollection,
  isFlow,
  itemsOf,
  locationIn,
  plainOf,
  rangeOf,
  type Trail,
  valueStart,
  type YamlText,
} from './yaml-text.ts';

/**
 * Returns the splices that set a value: they replace the old value, or add a new key or entry with its missing parents.
 * Takes the trail of the path, and whether common parts of the old and the new value keep their lines. Throws EditRefusal
 * if the text cannot contain the value.
 */
export function setValue(text: YamlText, path: Path, trail: Trail, value: Value, keeps: boolean): Splice[] {
  const { steps, value: old, rest } = trail;
  const step = steps.at(-1);
  if (rest.length === 0 && step) return replaceValue(text, step.item, value, styleOf(text, trail), keeps);
  if (isCollection(old)) return [addItem(text, path, trail, old, value)];
  if (step && isEmpty(old)) return fillEmpty(text, trail, step.item, value);
  const key = pathText(path.slice(0, steps.length)) || 'the file';
  throw new EditRefusal(`${key} is not a map: set it whole to add ${pathText(rest)}`, locationIn(text, old));
}

function replaceValue(yaml: YamlText, item: Item, value: Value, style: Style, keeps = false): Splice[] {
  const { text } = yaml.source;
  const { value: old, lead, end } = item;
  const merged = keeps ? mergeValue(yaml, old, value, style) : undefined;
  if (merged) return [merged];
  if (!hasText(old))
    return [{ start: lead, end: lead, text: `${item.bare ? ':' : ''} ${asYaml(value, style)}` }];
  const start = valueStart(old);
  if (isBlock(old) && /\n/.test(text.slice(lead, start))) {
    // On the line of the key, before its comment.
    const from = startWithComments(text, start, lead);
    return [{ start: lead, end: lead, text: ` ${asYaml(value, style)}` }, removeLines(text, from, end)];
  }
  if (isScalar(old) && (old.type === Scalar.BLOCK_LITERAL || old.type === Scalar.BLOCK_FOLDED))
    return [replaceBlockScalar(text, item, old, value, style)];
  const isText = typeof value === 'string' && isScalar(old);
  const quotes =
    isText && (old.type === 'QUOTE_DOUBLE' || old.type === 'QUOTE_SINGLE') ? old.type : undefined;
  return [{ start, end, text: asYaml(value, { ...style, quotes }) }];
}

/** A multi-line text keeps its style and indentation; other values are written on the line of the key. */
function replaceBlockScalar(text: string, { end }: Item, old: Node, value: Value, style: Style): Splice {
  const [start] = rangeOf(old);
  const header = /^[|>][-+\d]*/.exec(text.slice(start, end))?.[0] ?? '';
  const comment = text.slice(start + header.length, lineEnd(text, start));
  const hasBreak = text[end - 1] === '\n';
  const eol = lineBreak(text, start);
  const lines = blockScalar(value, text.slice(lineEnd(text, start), end));
  const body = lines
    ? `|${lines.chomp}${comment}${lines.body.map((line) => eol + line).join('')}`
    : `${asYaml(value, style)}${comment}`;
  return { start, end, text: hasBreak ? body + eol : body };
}

function blockScalar(value: Value, old: string): { chomp: string; body: string[] } | undefined {
  const indent = /^ +(?=[^ \r\n])/m.exec(old)?.[0];
  const isFit =
    typeof value === 'string' &&
    /^[^\s].*\n/.test(value) &&
    !/[^\P{Cc}\n\t]|\n\n$|[\u2028\u2029\ufeff]/u.test(value);
  if (!isFit || indent === undefined) return undefined;
  const body = value.replace(/\n$/, '').split('\n');
  return {
    chomp: value.endsWith('\n') ? '' : '-',
    body: body.map((line) => (line === '' ? '' : indent + line)),
  };
}

function fillEmpty(text: YamlText, trail: Trail, item: Item, value: Value): Splice[] {
  const { container } = trail.steps.at(-1) ?? {};
  const isLine = container && isMap(container) && isBlock(container) && !hasText(item.value) && !item.bare;
  if (!isLine) return replaceValue(text, item, nested(trail.rest, value), styleOf(text, trail));
  const step = indentStep(text);
  const indent = indentOf(text, container) + step;
  return [addLines(text.source.text, item.lead, blockLines(trail.rest, value, indent, step))];
}

function addItem(
  text: YamlText,
  path: Path,
  trail: Trail,
  collection: Collection & Node,
  value: Value,
): Splice {
  const { rest } = trail;
  const items = itemsOf(collection);
  const [first] = rest;
  if (isMap(collection) ? typeof first === 'number' : first !== items.length) {
    const parent = pathText(path.slice(0, trail.steps.length));
    const reason = isMap(collection)
      ? 'is a map, not a list'
      : typeof first === 'number'
        ? `has ${items.length} entries: the next one is ${parent}[${items.length}]`
        : 'is a list, not a map: set it whole';
    throw new EditRefusal(`${parent} ${reason}`, locationIn(text, collection));
  }
  if (isFlow(collection)) return addToFlow(text, trail, collection, items, value);
  const indent = indentOf(text, collection);
  const lines = blockLines(rest, value, indent, indentStep(text));
  const end = items.at(-1)?.end ?? 0;
  return addLines(text.source.text, endWithComments(text.source.text, end, indent.length), lines);
}

function addToFlow(
  text: YamlText,
  trail: Trail,
  collection: Collection & Node,
  items: readonly Item[],
  value: Value,
): Splice {
  const all = text.source.text;
  const style: Style = { ...styleOf(text, trail), flow: true };
  const [first, ...rest] = trail.rest;
  const inner = asYaml(nested(rest, value), style);
  const entry = typeof first === 'string' ? `${keyAsYaml(first)}: ${inner}` : inner;
  const last = items.at(-1);
  if (!last) return fillBrackets(all, collection, entry);
  const { start, end, commaAfter } = last;
  const at = commaAfter === undefined ? end : commaAfter + 1;
  const closing = rangeOf(collection)[1] - 1;
  if (!beginsLine(all, start)) {
    const added = commaAfter === undefined ? `, ${entry}` : ` ${entry},`;
    return { start: at, end: at, text: added };
  }
  // On its own line like the last entry, after the comment of that entry.
  const line = `${lineBreak(all, at)}${' '.repeat(columnOf(all, start))}${entry}`;
  const isClosedBelow = lineStart(all, closing) > at;
  const stop = isClosedBelow ? lineEnd(all, at) : at;
  const [before, after] = commaAfter === undefined ? [',', ''] : ['', ','];
  return { start: at, end: stop, text: before + all.slice(at, stop) + line + after };
}

/** Adds the first entry between brackets, which may be on different lines with comments between them. */
function fillBrackets(all: string, collection: Node, entry: string): Splice {
  const [start, end] = rangeOf(collection);
  const inner = all.slice(start + 1, end - 1);
  if (!inner.includes('\n')) return { start: start + 1, end: end - 1, text: inner ? ` ${entry} ` : entry };
  const line = lineStart(all, end - 1);
  const indent = ' '.repeat(columnOf(all, end - 1) + 2);
  return { start: line, end: line, text: `${indent}${entry}${lineBreak(all, start)}` };
}

/** Returns the style for values at the end of a trail: that of the innermost map in braces, including the old value. */
function styleOf({ source: { text } }: YamlText, { steps, value }: Trail): Style {
  const around = steps.map(({ container }) => container);
  const flows = [...around, ...(isCollection(value) ? [value] : [])].filter(isFlow);
  const map = flows.filter((flow) => isMap(flow) && flow.items.length > 0).at(-1);
  return { flow: around.some(isFlow), padded: map ? /\s/.test(text[rangeOf(map)[0] + 1] ?? '') : true };
}

function isEmpty(value: Node | null): boolean {
  return value === null || (isScalar(value) && value.value === null);
}

function indentOf({ source: { text } }: YamlText, collection: Collection): string {
  return ' '.repeat(columnOf(text, itemsOf(collection)[0]?.start ?? 0));
}

/** Returns the indentation step of the text, taken from its first nested map. The text may be an indented part of a file. */
function indentStep(text: YamlText): string {
  const { root } = text;
  if (!isMap(root)) return '  ';
  const inner = itemsOf(root as Collection).find(({ value }) => isMap(value) && isBlock(value))?.value;
  if (!inner) return '  ';
  return indentOf(text, inner as Collection).slice(indentOf(text, root as Collection).length) || '  ';
}

/** The lines of an item with the comments that belong to it. */
type Piece = Pick<Splice, 'start' | 'end'>;

/** A map or list in block style with its text, which ends with a line break, if necessary with a temporary one. */
interface Block {
  readonly all: string;
  readonly items: readonly Item[];
  readonly pieces: readonly Piece[];
  readonly indent: string;
  readonly step: string;
}

/**
 * Returns the splice that changes a map or list in block style into another that is not empty. Equal parts keep their lines
 * and comments; entries of a list may move, keys of a map keep their position. Removes other parts with their comments, and
 * adds new parts in block style. Returns undefined if the two values cannot be merged.
 */
function mergeValue(text: YamlText, old: Node | null, value: Value, style: Style): Splice | undefined {
  if (!isBlock(old) || typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return undefined;
  const block = blockOf(text.source.text, old, indentStep(text));
  const isSplit = beginsLine(block.all, block.pieces[0]?.start ?? 0);
  if (isSeq(old) && Array.isArray(value) && isSplit) return whole(text, block, mergeList(text, block, value));
  if (!isMap(old) || !isValueMap(value)) return undefined;
  // The first key of a list entry is on the line of the dash: it cannot be removed alone.
  const isFirstKept = isSplit || Object.hasOwn(value, String(block.items[0]?.step));
  return isFirstKept ? whole(text, block, mergeMap(text, block, value, style)) : undefined;
}

function mergeList(text: YamlText, { all, items, pieces, indent, step }: Block, wanted: Value[]): Splice[] {
  const present = items.map((item) => plainOf(text, item.value));
  const { matches, stay } = matchLists(present, wanted);
  const splices = pieces.flatMap((piece, index) => (stay.has(index) ? [] : [{ ...piece, text: '' }]));
  let at = pieces[0]?.start ?? 0;
  const added = new Map<number, string>();
  for (const [index, value] of wanted.entries()) {
    const match = matches[index];
    const piece = match === undefined ? undefined : pieces[match];
    if (piece && match !== undefined && stay.has(match)) {
      at = piece.end;
      continue;
    }
    const lines = piece
      ? all.slice(piece.start, piece.end)
      : withBreaks(all, at, blockLines([0], value, indent, step));
    added.set(at, (added.get(at) ?? '') + lines);
  }
  return [...splices, ...[...added].map(([start, lines]) => ({ start, end: start, text: lines }))];
}

function mergeMap(
  text: YamlText,
  { all, items, pieces, indent, step }: Block,
  wanted: ValueMap,
  style: Style,
): Splice[] {
  const known = new Set(items.map((item) => item.step));
  const splices = items.flatMap((item, index): readonly Splice[] => {
    const { step } = item;
    const value = typeof step === 'string' && Object.hasOwn(wanted, step) ? wanted[step] : undefined;
    if (value === undefined) return [{ ...(pieces[index] as Piece), text: '' }];
    return hasValue(text, item.value, value) ? [] : replaceValue(text, item, value, style, true);
  });
  const at = pieces.at(-1)?.end ?? 0;
  const lines = Object.entries(wanted)
    .filter(([key]) => !known.has(key))
    .flatMap(([key, value]) => blockLines([key], value, indent, step));
  return [...splices, { start: at, end: at, text: withBreaks(all, at, lines) }];
}

function blockOf(text: string, collection: Collection, step: string): Block {
  const all = text.endsWith('\n') ? text : text + lineBreak(text, text.length);
  const items = itemsOf(collection);
  const column = columnOf(all, items[0]?.start ?? 0);
  const pieces = items.map(({ start, end }, index): Piece => {
    const last = endWithComments(all, end, column);
    return {
      start: beginsLine(all, start) ? startWithComments(all, start, items[index - 1]?.end) : start,
      // A block scalar ends with its line break: the next line follows directly.
      end: all[last - 1] === '\n' ? last : all.indexOf('\n', last) + 1,
    };
  });
  return { all, items, pieces, indent: ' '.repeat(column), step };
}

/** Combines the splices of a block into one, and removes the temporary line break. */
function whole({ source: { text } }: YamlText, { all, pieces }: Block, splices: readonly Splice[]): Splice {
  const start = pieces[0]?.start ?? 0;
  const end = pieces.at(-1)?.end ?? start;
  const inner = splices.map((splice) => ({
    ...splice,
    start: splice.start - start,
    end: splice.end - start,
  }));
  const lines = spliced(all.slice(start, end), inner);
  const temporary = end > text.length ? all.length - text.length : 0;
  return { start, end: end - temporary, text: temporary > 0 ? withoutBreaks(lines) : lines };
}

function withBreaks(text: string, offset: number, lines: readonly string[]): string {
  const eol = lineBreak(text, Math.max(0, offset - 1));
  return lines.map((line) => line + eol).join('');
}

/**
 * Finds equal entries of two lists, each at most once, regardless of the order of keys in maps. The result `matches` contains
 * the old index for each new entry, or undefined. The result `stay` contains the old entries that can stay in place: the most
 * that have the same order in both lists.
 */
export function matchLists(old: readonly unknown[], wanted: readonly unknown[]) {
  const indices = new Map<string, number[]>();
  for (const [index, value] of [...old.entries()].reverse())
    indices.set(keyOf(value), [...(indices.get(keyOf(value)) ?? []), index]);
  const matches = wanted.map((value) => indices.get(keyOf(value))?.pop());
  return { matches, stay: new Set(longestIncrease(matches.filter((index) => index !== undefined))) };
}

/** Returns the longest increasing subsequence of a series of distinct numbers. */
function longestIncrease(series: readonly number[]): number[] {
  /** The positions of the smallest numbers that can end a subsequence of each length. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [position, number] of series.entries()) {
    const greater = ends.findIndex((end) => (series[end] as number) > number);
    const length = greater < 0 ? ends.length : greater;
    before[position] = ends[length - 1];
    ends[length] = position;
  }
  const rise: number[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before[at]) rise.push(series[at] as number);
  return rise.reverse();
}

function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
