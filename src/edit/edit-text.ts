import { isDeepStrictEqual } from 'node:util';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { type Path, pathText } from '../source/leaf.ts';
import type { Value } from '../source/origin.ts';
import { Source, type SourceLocation } from '../source/source.ts';
import {
  beginsLine,
  columnOf,
  commentsBehind,
  endWithComments,
  lineEnd,
  removeLines,
  type Splice,
  spliced,
  startWithComments,
} from './lines.ts';
import { setValue } from './set-value.ts';
import {
  EditRefusal,
  hasText,
  hasValue,
  type Item,
  isCollection,
  isFlow,
  keyText,
  locate,
  mergedPair,
  placeIn,
  rangeOf,
  readYamlText,
  type Step,
  type Trail,
  valueStart,
  type YamlText,
} from './yaml-text.ts';

/** What stands for the value that is set, where what a text says else is compared. */
const SET = '';

/**
 * Gives a text in which a path has a value, and nothing else is changed; the same text where it has it already. Of a map
 * or list in block style, what is the same in the new one keeps its lines. A number may be given as it is to be written,
 * too. Throws EditRefusal.
 */
export function withValue(source: Source, path: Path, value: Value, written?: string): Source {
  const text = read(source);
  const trail = locate(text, path);
  if (trail.rest.length === 0 && hasValue(text, trail.value, value)) return source;
  refuseShared(text, path, trail);
  const expected = outlineWith(outlineOfText(text), path);
  const says = (result: YamlText) =>
    hasValue(result, locate(result, path).value, value) &&
    isDeepStrictEqual(outlineWith(outlineOfText(result), path), expected);
  const result =
    changed(text, setValue(text, path, trail, value, true), says) ??
    // Lines that cannot stay, as those that refer to one that goes, are written anew.
    changed(text, setValue(text, path, trail, value, false), says) ??
    refuse(text, trail);
  return written === undefined || written === String(value) ? result : asWritten(result, path, written, says);
}

/** Gives a text with the value of a path written in another way, or as it is where that would say something else. */
function asWritten(source: Source, path: Path, written: string, says: (result: YamlText) => boolean): Source {
  const at = findValue(source, path);
  const splices = at ? [{ start: at.start, end: at.end, text: written }] : [];
  return changed(read(source), splices, says) ?? source;
}

/**
 * Gives a text in which a path has no value of its own, nor the maps and lists that this leaves empty, but for the
 * outermost ones, as many as `keep` says; the same text where it has none anyhow. Throws EditRefusal.
 */
export function withoutValue(source: Source, path: Path, keep = 0): Source {
  const text = read(source);
  const trail = locate(text, path);
  if (trail.rest.length > 0) return source;
  refuseShared(text, path, trail);
  const { depth, splices } = removeValue(text, trail, keep);
  const expected = outlineWithout(outlineOfText(text), path.slice(0, depth));
  const says = (result: YamlText) => isDeepStrictEqual(outlineOfText(result), expected);
  return changed(text, splices, says) ?? refuse(text, trail);
}

/** Gives where a text has the value of a path, or, of an empty one, its key; undefined where it has none of its own. */
export function findValue(source: Source, path: Path): SourceLocation | undefined {
  const { steps, rest } = locate(read(source), path);
  const item = steps.at(-1)?.item;
  if (!item || rest.length > 0) return undefined;
  const { value, start, lead, end } = item;
  return hasText(value) ? { source, start: valueStart(value), end } : { source, start, end: lead };
}

function read(source: Source): YamlText {
  const text = readYamlText(source);
  if (!text) throw new EditRefusal('this is not YAML that can be edited', { source, start: 0, end: 0 });
  return text;
}

/** Makes an edit, and reads the result back; gives undefined where it does not say what it shall, and else what it said. */
function changed(
  { source }: YamlText,
  splices: readonly Splice[],
  says: (result: YamlText) => boolean,
): Source | undefined {
  const result = new Source(source.file, spliced(source.text, splices));
  const text = readYamlText(result);
  return text && says(text) ? result : undefined;
}

function refuse({ source }: YamlText, { steps }: Trail): never {
  const { start, end } = steps.at(-1)?.item ?? { start: 0, end: 0 };
  throw new EditRefusal('it cannot be edited in place: edit this line by hand', { source, start, end });
}

function outlineOfText({ root }: YamlText): Outline {
  return root ? outlineOf(root) : { map: [], anchor: undefined };
}

/**
 * Refuses an edit that would change what others have by anchors and aliases, or hide what the map has by a merge key.
 * Takes the trail of the path. Throws EditRefusal.
 */
function refuseShared(text: YamlText, path: Path, trail: Trail): void {
  const { steps, value, rest } = trail;
  for (const [index, { container }] of steps.entries()) refuseAnchor(text, container, path.slice(0, index));
  if (rest.length === 0) {
    if (value) refuseAnchorsWithin(text, value, path);
    return;
  }
  const there = path.slice(0, steps.length);
  if (value) refuseAnchor(text, value, there);
  if (isAlias(value)) {
    throw new EditRefusal(
      `${pathText(there)} is *${value.source}, which is not its own: write out in its place what shall hold here`,
      placeIn(text, value),
    );
  }
  const [key] = rest;
  const merged = rest.length > 1 && key !== undefined && isCollection(value) && mergedPair(text, value, key);
  if (merged) {
    throw new EditRefusal(
      `${pathText([...there, key])} comes by the merge key <<, which takes a map whole or not at all: beside a ` +
        `${key} of its own, ${pathText(there)} would have nothing of what stands here. Write it out there by hand`,
      { source: text.source, start: merged.start, end: merged.end },
    );
  }
}

function refuseAnchor(text: YamlText, node: Node, path: Path): void {
  const [alias] = text.aliases.get(node) ?? [];
  if (alias) refuseAlias(text, alias, path);
}

/** Refuses where others, outside of a node, refer to it or to something in it. */
function refuseAnchorsWithin(text: YamlText, node: Node, path: Path): void {
  const [start, end] = rangeOf(node);
  const isOutside = (alias: Alias) => rangeOf(alias)[0] < start || rangeOf(alias)[0] >= end;
  visit(node, {
    Node: (_, inner) => {
      const alias = text.aliases.get(inner)?.find(isOutside);
      if (alias) refuseAlias(text, alias, path);
    },
  });
}

function refuseAlias(text: YamlText, alias: Alias, path: Path): never {
  throw new EditRefusal(
    `what ${pathText(path)} has is used here, too, as *${alias.source}: an edit of it would reach further than it says. ` +
      'Write it out here, or edit both by hand',
    placeIn(text, alias),
  );
}

/** What a text says, without how: its values in their order, anchors and aliases included, comments and quotes not. */
interface Outline {
  readonly anchor?: string | undefined;
  readonly alias?: string;
  readonly scalar?: unknown;
  readonly map?: Entries;
  readonly list?: Entries;
}

type Entries = readonly (readonly [step: string | number, value: Outline])[];

function outlineOf(node: Node | null | undefined): Outline {
  if (isAlias(node)) return { alias: (node as Alias).source };
  const anchor = node && 'anchor' in node && node.anchor ? node.anchor : undefined;
  if (isMap(node)) {
    const pairs = node.items as { key: Node; value: Node | null }[];
    return { map: pairs.map(({ key, value }) => [keyText(key) ?? '', outlineOf(value)] as const), anchor };
  }
  if (isSeq(node))
    return { list: (node.items as Node[]).map((item, index) => [index, outlineOf(item)]), anchor };
  return { scalar: isScalar(node) ? node.value : null, anchor };
}

/** An outline in which a path is set: a new key or entry comes last, and an anchor there stays. */
function outlineWith(outline: Outline | undefined, [step, ...rest]: Path): Outline {
  const anchor = outline?.anchor;
  if (step === undefined) return { scalar: SET, anchor };
  const kind = typeof step === 'number' ? 'list' : 'map';
  const entries = [...(outline?.[kind] ?? [])];
  const at = entries.findIndex(([key]) => key === step);
  entries.splice(at < 0 ? entries.length : at, 1, [step, outlineWith(entries[at]?.[1], rest)]);
  return { [kind]: entries, anchor };
}

/** An outline without the key or entry at a path that is there. */
function outlineWithout({ map, list, ...others }: Outline, [step, ...rest]: Path): Outline {
  const without = (entries: Entries): Entries =>
    entries.flatMap(([key, value]): Entries => {
      if (key !== step) return [[key, value]];
      return rest.length > 0 ? [[key, outlineWithout(value, rest)]] : [];
    });
  if (list) return { ...others, list: without(list).map(([, value], index) => [index, value]) };
  return map ? { ...others, map: without(map) } : others;
}

/**
 * Gives what removes the value at the end of a trail, with its key and its comments, and with the maps and lists that it
 * leaves empty: but for those with another comment in them, and the outermost ones, as many as `keep` says. `depth` is of
 * how many steps the path is of what goes.
 *
 * Of the comments, those are an item's own that stand on its lines; directly above it, in its column, with no blank line
 * between, even where another item is directly above them; and below it, indented further than it is. So a comment that
 * shall outlive the item below it stands apart from it by a blank line. What a file begins with is about the file.
 */
function removeValue(text: YamlText, { steps }: Trail, keep: number) {
  let depth = steps.length;
  while (depth > keep + 1 && leavesNothing(text, steps, depth)) depth -= 1;
  const step = steps[depth - 1] as Step;
  const empties = step.items.length === 1 && depth > 1;
  const owner = steps[depth - 2]?.item;
  const all = text.source.text;
  if (isFlow(step.container)) return { depth, splices: [removeFromFlow(all, step)] };
  return { depth, splices: empties && owner ? emptyBlock(all, step, owner) : [removeFromBlock(all, step)] };
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

function emptyBlock(text: string, { container, item }: Step, owner: Item): Splice[] {
  const empty = isMap(container) ? '{}' : '[]';
  if (!text.slice(owner.lead, item.start).includes('\n'))
    return [{ start: item.start, end: item.end, text: empty }];
  return [{ start: owner.lead, end: owner.lead, text: ` ${empty}` }, removeItem(text, item, owner.lead)];
}

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

function blanks(text: string): number {
  return /^[ \t]*/.exec(text)?.[0].length ?? 0;
}
