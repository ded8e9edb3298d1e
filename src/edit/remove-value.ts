import { isMap } from 'yaml';
import {
  beginsLine,
  columnOf,
  commentsBehind,
  endWithComments,
  lineEnd,
  removeLines,
  type Splice,
  startWithComments,
} from './lines.ts';
import { type Item, isFlow, rangeOf, type Step, type Trail, type YamlText } from './yaml-text.ts';

/** What goes: the pair or entry at the end of a path of this many steps. */
interface Removal {
  readonly depth: number;
  readonly splices: readonly Splice[];
}

/**
 * Gives what removes the value at the end of a trail, with its key and its comments, and with the maps and lists that it
 * leaves empty: but for those with another comment in them, and the outermost ones, as many as `keep` says.
 *
 * Of the comments, those are an item's own that stand on its lines; directly above it, in its column, with no blank line
 * between, even where another item is directly above them; and below it, indented further than it is. So a comment that
 * shall outlive the item below it stands apart from it by a blank line. What a file begins with is about the file.
 */
export function removeValue(text: YamlText, { steps }: Trail, keep: number): Removal {
  let depth = steps.length;
  while (depth > keep + 1 && leavesNothing(text, steps, depth)) depth -= 1;
  const step = steps[depth - 1] as Step;
  const empties = step.items.length === 1 && depth > 1;
  const owner = steps[depth - 2]?.item;
  const splices =
    empties && owner && !isFlow(step.container)
      ? emptyBlock(text.source.text, step, owner)
      : [
          isFlow(step.container)
            ? removeFromFlow(text.source.text, step)
            : removeFromBlock(text.source.text, step),
        ];
  return { depth, splices };
}

/** Says whether the container of a step would be empty without it, and has no reason to stay. */
function leavesNothing({ source: { text } }: YamlText, steps: readonly Step[], depth: number): boolean {
  const step = steps[depth - 1] as Step;
  const owner = steps[depth - 2];
  if (!owner || step.items.length > 1) return false;
  // An entry of a list that would go altogether would shift those behind it.
  if (!isMap(owner.container) && owner.items.length > 1) return false;
  return !hasComment(text, step, owner.item);
}

/** Says whether a comment stands in a collection of one item, other than that one's own. */
function hasComment(text: string, { container, item }: Step, owner: Item): boolean {
  if (isFlow(container)) {
    const [start, end] = rangeOf(container);
    const behind = text.slice(item.end, end);
    const own = lineEnd(text, item.end) < end ? behind.slice(behind.indexOf('\n')) : '';
    return text.slice(start, startOf(text, item, start)).includes('#') || own.includes('#');
  }
  const before = text.slice(owner.lead, startOf(text, item, owner.lead));
  const isBelow = before.includes('\n');
  if (isBelow && before.slice(before.indexOf('\n')).includes('#')) return true;
  const column = columnOf(text, item.start);
  return commentsBehind(text, endWithComments(text, item.end, column)).some((one) => one.column >= column);
}

/** Empties a block collection that stays: what holds it says `{}` or `[]`. */
function emptyBlock(text: string, { container, item }: Step, owner: Item): Splice[] {
  const empty = isMap(container) ? '{}' : '[]';
  if (!text.slice(owner.lead, item.start).includes('\n'))
    return [{ start: item.start, end: item.end, text: empty }];
  return [{ start: owner.lead, end: owner.lead, text: ` ${empty}` }, removeItem(text, item, owner.lead)];
}

/** Removes the lines of an item in block style, with its comments. */
function removeItem(text: string, item: Item, floor: number): Splice {
  const end = endWithComments(text, item.end, columnOf(text, item.start));
  return removeLines(text, startOf(text, item, floor), end);
}

/** Where an item begins, or the comments above it that are its own. */
function startOf(text: string, { start }: Item, floor: number): number {
  return beginsLine(text, start) ? startWithComments(text, start, floor) : start;
}

/** Where the item before one ends; where there is none, the beginning of what holds it. */
function endBefore({ container, items, item }: Step): number {
  return items[items.indexOf(item) - 1]?.end ?? (isFlow(container) ? rangeOf(container)[0] : 0);
}

function removeFromBlock(text: string, step: Step): Splice {
  const { items, item } = step;
  if (beginsLine(text, item.start)) return removeItem(text, item, endBefore(step));
  // The first key of an entry of a list stands behind its dash: the next one takes its place.
  const next = items[items.indexOf(item) + 1];
  if (!next) return { start: item.start, end: item.end, text: '' };
  const hasComment = text.slice(lineEnd(text, item.end - 1), next.start).includes('#');
  if (!hasComment) return { start: item.start, end: next.start, text: '' };
  const dash = text.slice(0, item.start).trimEnd().length;
  return { start: dash, end: lineEnd(text, item.end - 1), text: '' };
}

function removeFromFlow(text: string, step: Step): Splice {
  const { container, items, item } = step;
  const { start, end, commaBefore, commaAfter } = item;
  const next = items[items.indexOf(item) + 1];
  const behind = commaAfter === undefined ? end : commaAfter + 1;
  const line = text.slice(behind, lineEnd(text, behind));
  if (beginsLine(text, start) && /^\s*(#.*)?$/.test(line) && text.includes('\n', behind))
    return removeLines(text, startOf(text, item, endBefore(step)), behind);
  if (next) return removeBefore(text, item, behind, next);
  // The last one takes the comma before it with it, unless a comment stands between the two.
  if (commaBefore !== undefined && !text.slice(commaBefore, start).includes('#'))
    return { start: commaBefore, end, text: '' };
  const [open, close] = rangeOf(container);
  const others = text.slice(open + 1, start) + text.slice(behind, close - 1);
  if (items.length === 1 && !others.includes('#')) return { start: open + 1, end: close - 1, text: '' };
  return { start, end: behind + blanks(line), text: '' };
}

/** Removes an item with its comma, so that the next one takes its place where that is on the same line. */
function removeBefore(text: string, { start }: Item, behind: number, next: Item): Splice {
  const gap = text.slice(behind, next.start);
  if (blanks(gap) === gap.length) return { start, end: next.start, text: '' };
  // What stands at the end of a line takes the blanks before it, and not those before a comment.
  const endsLine = /^[ \t]*(#|\r?\n)/.test(gap);
  const from = endsLine ? text.slice(0, start).replace(/[ \t]+$/, '').length : start;
  return { start: from, end: behind, text: '' };
}

/** How many blanks a text begins with. */
function blanks(text: string): number {
  return /^[ \t]*/.exec(text)?.[0].length ?? 0;
}
