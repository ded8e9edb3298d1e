import { isDeepStrictEqual } from 'node:util';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { type Path, pathText } from '../leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../origin.ts';
import { Source, type SourceLocation } from '../source.ts';
import {
  beginsLine,
  columnOf,
  commentsAfter,
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
  locationIn,
  mergedPair,
  rangeOf,
  readYamlText,
  type Step,
  type Trail,
  valueStart,
  type YamlText,
} from './yaml-text.ts';

/**
 * Returns a text with a new value at a path and no other change; the same text if it already has the value. Equal parts of a
 * map or list in block style keep their lines. `written` is the spelling of a number. Throws EditRefusal.
 */
export function withValue(source: Source, path: Path, value: Value, written?: string): Source {
  const text = read(source);
  const trail = locate(text, path);
  if (trail.rest.length === 0 && hasValue(text, trail.value, value)) return source;
  refuseShared(text, path, trail);
  const fits = fitting(withPlain(contentOf(text), path, value));
  const result =
    changed(text, setValue(text, path, trail, value, true), fits) ??
    // Rewrites lines that cannot stay, for example an alias of a removed line.
    changed(text, setValue(text, path, trail, value, false), fits) ??
    refuse(text, trail);
  return written === undefined || written === String(value) ? result : asWritten(result, path, written, fits);
}

/** Returns a text with another spelling of the value at a path; unchanged if that would change the value. */
function asWritten(source: Source, path: Path, written: string, fits: (result: YamlText) => boolean): Source {
  const at = findValue(source, path);
  const splices = at ? [{ start: at.start, end: at.end, text: written }] : [];
  return changed(read(source), splices, fits) ?? source;
}

/**
 * Returns a text without the value at a path, and without the maps and lists that become empty, except the `keep` outermost.
 * Returns the same text if the path has no value of its own. Throws EditRefusal.
 */
export function withoutValue(source: Source, path: Path, keep = 0): Source {
  const text = read(source);
  const trail = locate(text, path);
  if (trail.rest.length > 0) return source;
  refuseShared(text, path, trail);
  const { depth, splices } = removeValue(text, trail, keep);
  const fits = fitting(withoutPlain(contentOf(text), path.slice(0, depth)));
  return changed(text, splices, fits) ?? refuse(text, trail);
}

/** Returns the location of the value at a path, or of its key if it is empty; undefined without a value of its own. */
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

/** Applies an edit and reads the result back; returns undefined if the result is not as expected. */
function changed(
  { source }: YamlText,
  splices: readonly Splice[],
  fits: (result: YamlText) => boolean,
): Source | undefined {
  const result = new Source(source.file, spliced(source.text, splices));
  const text = readYamlText(result);
  return text && fits(text) ? result : undefined;
}

function refuse({ source }: YamlText, { steps }: Trail): never {
  const { start, end } = steps.at(-1)?.item ?? { start: 0, end: 0 };
  throw new EditRefusal('it cannot be edited in place: edit this line manually', { source, start, end });
}

/** Returns a function that returns whether a text has a value, with those of its aliases. */
function fitting(expected: unknown): (result: YamlText) => boolean {
  const plain = structuredClone(expected);
  return (result) => isDeepStrictEqual(contentOf(result), plain);
}

/** Returns the plain value of a text, with the keys as written; an empty map for an empty text. */
function contentOf({ root, targets }: YamlText): unknown {
  /** The values of aliases; null for one within its own value. */
  const known = new Map<Node | undefined, unknown>();
  return root ? content(root) : {};

  function content(node: Node | null): unknown {
    if (isSeq(node)) return (node.items as Node[]).map(content);
    if (isMap(node)) {
      const pairs = node.items as { key: Node; value: Node | null }[];
      return Object.fromEntries(pairs.map(({ key, value }) => [keyText(key) ?? '', content(value)]));
    }
    if (!isAlias(node)) return isScalar(node) ? node.value : null;
    const target = targets.get(node);
    if (target && !known.has(target)) known.set(target, null).set(target, content(target));
    return known.get(target) ?? null;
  }
}

/** Returns a plain value with another one at a path; a new key or entry is last. */
function withPlain(whole: unknown, [step, ...rest]: Path, value: Value): unknown {
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(whole) ? [...whole] : [];
    list[step] = withPlain(list[step], rest, value);
    return list;
  }
  const map = isValueMap(whole) ? whole : {};
  return Object.fromEntries([...Object.entries(map), [step, withPlain(map[step], rest, value)]]);
}

/** Returns a plain value without the key or entry at an existing path. */
function withoutPlain(whole: unknown, [step, ...rest]: Path): unknown {
  const without = (inner: unknown) => (rest.length > 0 ? [withoutPlain(inner, rest)] : []);
  if (Array.isArray(whole)) return whole.flatMap((item, index) => (index === step ? without(item) : [item]));
  return Object.fromEntries(
    Object.entries(whole as ValueMap).flatMap(([key, item]) =>
      key === step ? without(item).map((inner) => [key, inner]) : [[key, item]],
    ),
  );
}

/**
 * Refuses an edit that would change other values through anchors and aliases, or hide values from a merge key. Takes the
 * trail of the path. Throws EditRefusal.
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
      `${pathText(there)} is the alias *${value.source}: replace it with the value to edit here`,
      locationIn(text, value),
    );
  }
  const [key] = rest;
  const merged = rest.length > 1 && key !== undefined && isCollection(value) && mergedPair(text, value, key);
  if (merged) {
    throw new EditRefusal(
      `${pathText([...there, key])} comes from the merge key <<, which merges only whole maps: with its own ${key}, ` +
        `${pathText(there)} would lose the values here. Copy them there manually`,
      { source: text.source, start: merged.start, end: merged.end },
    );
  }
}

function refuseAnchor(text: YamlText, node: Node, path: Path): void {
  const [alias] = text.aliases.get(node) ?? [];
  if (alias) refuseAlias(text, alias, path);
}

/** Refuses the edit if an alias outside of a node refers to the node or to a part of it. */
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
    `the value of ${pathText(path)} is also used here as *${alias.source}: an edit would change both. ` +
      'Write the value out here, or edit both manually',
    locationIn(text, alias),
  );
}

/**
 * Returns the splices that remove the value at the end of a trail, with its key and its comments. Also removes the maps and
 * lists that become empty, except those with other comments and the `keep` outermost ones. `depth` is the length of the
 * removed path.
 *
 * These comments belong to an item: on its lines; directly above it in its column, without a blank line; and below it with
 * deeper indentation. To keep a comment when the item below it is removed, separate the two by a blank line. The first
 * comment of a file belongs to the file.
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

/** Whether the container of a step would be empty without it and can be removed. */
function leavesNothing({ source: { text } }: YamlText, steps: readonly Step[], depth: number): boolean {
  const step = steps[depth - 1] as Step;
  const owner = steps[depth - 2];
  if (!owner || step.items.length > 1) return false;
  // Removing an entry of a list would shift the entries after it.
  if (!isMap(owner.container) && owner.items.length > 1) return false;
  return !hasComment(text, step, owner.item);
}

/** Whether a collection with one item contains comments that do not belong to the item. */
function hasComment(text: string, { container, item }: Step, owner: Item): boolean {
  if (isFlow(container)) {
    const [start, end] = rangeOf(container);
    const after = text.slice(item.end, end);
    const own = lineEnd(text, item.end) < end ? after.slice(after.indexOf('\n')) : '';
    return text.slice(start, startOf(text, item, start)).includes('#') || own.includes('#');
  }
  const before = text.slice(owner.lead, startOf(text, item, owner.lead));
  const isBelow = before.includes('\n');
  if (isBelow && before.slice(before.indexOf('\n')).includes('#')) return true;
  const column = columnOf(text, item.start);
  return commentsAfter(text, endWithComments(text, item.end, column)).some(
    (comment) => comment.column >= column,
  );
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

/** Returns the start of an item, including the comments above that belong to it. */
function startOf(text: string, { start }: Item, floor: number): number {
  return beginsLine(text, start) ? startWithComments(text, start, floor) : start;
}

/** Returns the end of the previous item, or the start of the container for the first item. */
function endBefore({ container, items, item }: Step): number {
  return items[items.indexOf(item) - 1]?.end ?? (isFlow(container) ? rangeOf(container)[0] : 0);
}

function removeFromBlock(text: string, step: Step): Splice {
  const { items, item } = step;
  if (beginsLine(text, item.start)) return removeItem(text, item, endBefore(step));
  // The first key of a list entry is on the line of the dash: the next key replaces it.
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
  const after = commaAfter === undefined ? end : commaAfter + 1;
  const line = text.slice(after, lineEnd(text, after));
  if (beginsLine(text, start) && /^\s*(#.*)?$/.test(line) && text.includes('\n', after))
    return removeLines(text, startOf(text, item, endBefore(step)), after);
  if (next) return removeBefore(text, item, after, next);
  // The last item is removed with the comma before it, unless a comment is between them.
  if (commaBefore !== undefined && !text.slice(commaBefore, start).includes('#'))
    return { start: commaBefore, end, text: '' };
  const [open, close] = rangeOf(container);
  const others = text.slice(open + 1, start) + text.slice(after, close - 1);
  if (items.length === 1 && !others.includes('#')) return { start: open + 1, end: close - 1, text: '' };
  return { start, end: after + blanks(line), text: '' };
}

/** Removes an item with its comma; an item after it on the same line moves up. */
function removeBefore(text: string, { start }: Item, after: number, next: Item): Splice {
  const gap = text.slice(after, next.start);
  if (blanks(gap) === gap.length) return { start, end: next.start, text: '' };
  // At the end of a line, the spaces before the item are removed, not those before a comment.
  const endsLine = /^[ \t]*(#|\r?\n)/.test(gap);
  const from = endsLine ? text.slice(0, start).replace(/(?<![ \t])[ \t]+$/, '').length : start;
  return { start: from, end: after, text: '' };
}

function blanks(text: string): number {
  return /^[ \t]*/.exec(text)?.[0].length ?? 0;
}
