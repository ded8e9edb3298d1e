import { isMap, isSeq, type Node } from 'yaml';
import { isValueMap, type Value, type ValueMap } from '../source/value.ts';
import { blockLines } from './as-yaml.ts';
import { type Collection, type Item, isBlock, itemsOf } from './items.ts';
import {
  beginsLine,
  columnOf,
  endWithComments,
  lineBreak,
  type Splice,
  spliced,
  startWithComments,
  withoutBreaks,
} from './lines.ts';
import { matchLists } from './match-lists.ts';
import { hasValue, plainOf, type YamlText } from './yaml-text.ts';

/** Puts a value into the place of an item's. */
type Replace = (item: Item, value: Value) => readonly Splice[];

/** The lines of an item, with the comments that are its own. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A map or list in block style, and what its text is: one that ends with a line break, if need be with one that is lent. */
interface Block {
  readonly all: string;
  readonly items: readonly Item[];
  readonly pieces: readonly Piece[];
  readonly indent: string;
  readonly step: string;
}

/**
 * Gives the splice that makes a map or list in block style another one that is not empty. What is the same keeps its
 * lines and comments: an entry of a list also where it moves to, and a key of a map its place. What is gone goes with its
 * comments, and what is new is added in block style. Gives undefined where the two have no such thing in common.
 */
export function mergeValue(
  text: YamlText,
  old: Node | null,
  value: Value,
  step: string,
  replace: Replace,
): Splice | undefined {
  if (!isBlock(old) || typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return undefined;
  const block = blockOf(text.source.text, old, step);
  const isSplit = beginsLine(block.all, block.pieces[0]?.start ?? 0);
  if (isSeq(old) && Array.isArray(value) && isSplit) return whole(text, block, mergeList(text, block, value));
  if (!isMap(old) || !isValueMap(value)) return undefined;
  // The first key of an entry of a list stands behind its dash: it cannot go by itself.
  const isFirstKept = isSplit || Object.hasOwn(value, String(block.items[0]?.step));
  return isFirstKept ? whole(text, block, mergeMap(text, block, value, replace)) : undefined;
}

function mergeList(text: YamlText, { all, items, pieces, indent, step }: Block, wanted: Value[]): Splice[] {
  const { matches, stay } = matchLists(
    items.map((item) => plainOf(text, item.value)),
    wanted,
  );
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
  replace: Replace,
): Splice[] {
  const known = new Set(items.map((item) => item.step));
  const splices = items.flatMap((item, index): readonly Splice[] => {
    const value = typeof item.step === 'string' ? ownValue(wanted, item.step) : undefined;
    if (value === undefined) return [{ ...(pieces[index] as Piece), text: '' }];
    return hasValue(text, item.value, value) ? [] : replace(item, value);
  });
  const at = pieces.at(-1)?.end ?? 0;
  const lines = Object.entries(wanted)
    .filter(([key]) => !known.has(key))
    .flatMap(([key, value]) => blockLines([key], value, indent, step));
  return [...splices, { start: at, end: at, text: withBreaks(all, at, lines) }];
}

function ownValue(map: ValueMap, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function blockOf(text: string, collection: Collection, step: string): Block {
  const all = text.endsWith('\n') ? text : text + lineBreak(text, text.length);
  const items = itemsOf(collection);
  const column = columnOf(all, items[0]?.start ?? 0);
  const pieces = items.map(({ start, end }, index): Piece => {
    const last = endWithComments(all, end, column);
    return {
      start: beginsLine(all, start) ? startWithComments(all, start, items[index - 1]?.end) : start,
      // What ends with its line break, as block scalars do, is followed by the next line.
      end: all[last - 1] === '\n' ? last : all.indexOf('\n', last) + 1,
    };
  });
  return { all, items, pieces, indent: ' '.repeat(column), step };
}

/** Makes one splice of those in a block, and takes the line break back that was lent. */
function whole({ source: { text } }: YamlText, { all, pieces }: Block, splices: readonly Splice[]): Splice {
  const start = pieces[0]?.start ?? 0;
  const end = pieces.at(-1)?.end ?? start;
  const inner = splices.map((one) => ({ ...one, start: one.start - start, end: one.end - start }));
  const lines = spliced(all.slice(start, end), inner);
  const lent = end > text.length ? all.length - text.length : 0;
  return { start, end: end - lent, text: lent > 0 ? withoutBreaks(lines) : lines };
}

function withBreaks(text: string, offset: number, lines: readonly string[]): string {
  const eol = lineBreak(text, Math.max(0, offset - 1));
  return lines.map((line) => line + eol).join('');
}
