import { isDeepStrictEqual } from 'node:util';
import { type Explained, select, valueText } from '../inspect/explain/explain-node.ts';
import type { InventoryFile, InventoryFiles } from '../inventory/files.ts';
import { shown } from '../knowledge/hide.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { displayPath, formatPlace } from '../source/diagnostics/text.ts';
import { listed } from '../source/diagnostics/words.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { hasBrackets, namesOfRange } from '../values/hostlist.ts';
import { escapeControlChars } from '../values/text.ts';
import { findValue, withoutValue, withValue } from './edit-text.ts';
import type { Texts } from './save.ts';
import { EditRefusal } from './yaml-text.ts';

/** An edit among others. */
export interface Edited extends Edit {
  /** Where the key is in the whole of its file when all are made: removed entries of lists have moved those behind them. */
  readonly now: Path;
}

/**
 * Makes changes of a node in the texts of its files, none of which is within another. Indices are those of the lists as
 * they are before all of them: what is set goes first, the lower index before the higher; what is removed goes last, from
 * the last index down. Takes what holds for the node before. Gives what was done, in the order of the changes; nothing
 * where no file has the node. Throws EditRefusal.
 */
export function editAll(
  files: InventoryFiles,
  texts: Texts,
  node: string,
  changes: readonly Change[],
  leaves: readonly Explained[],
): Edited[] {
  const set = byIndex(changes.filter(({ value }) => value !== undefined));
  const removed = byIndex(changes.filter(({ value }) => value === undefined)).reverse();
  const done = new Map<Change, Edit>();
  for (const change of [...set, ...removed]) {
    const edit = editNode(files, texts, node, change, leaves);
    if (edit) done.set(change, edit);
  }
  const gone = [...done.values()].filter(({ value, isChange }) => value === undefined && isChange);
  return changes.flatMap((change) => {
    const edit = done.get(change);
    return edit ? [{ ...edit, now: moved(edit, gone) }] : [];
  });
}

/** Gives changes with those in one list by their indices, and else as they come. */
function byIndex(changes: readonly Change[], depth = 0): Change[] {
  const groups = new Map<string | number | undefined, Change[]>();
  for (const change of changes) {
    const step = change.path[depth];
    groups.set(step, [...(groups.get(step) ?? []), change]);
  }
  return [...groups]
    .sort(([a], [b]) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0))
    .flatMap(([step, group]) =>
      step === undefined || group.length === 1 ? group : byIndex(group, depth + 1),
    );
}

function moved({ whole, file }: Edit, gone: readonly Edit[]): Path {
  return whole.map((step, depth) => {
    if (typeof step !== 'number') return step;
    const list = whole.slice(0, depth);
    const before = gone.filter(({ file: other, whole: path }) => {
      const index = path[depth];
      return (
        other === file &&
        path.length === depth + 1 &&
        typeof index === 'number' &&
        index < step &&
        isDeepStrictEqual(path.slice(0, depth), list)
      );
    });
    return step - before.length;
  });
}

/** A key of a node, and what it shall be; undefined for one that shall be gone. */
export interface Change {
  readonly path: Path;
  readonly value: Value | undefined;
  /** How a number is to be written, where that matters: 0x81. */
  readonly written?: string;
}

/** What was done for a change. */
export interface Edit extends Change {
  /** The path of the file that the key belongs into. */
  readonly file: string;
  /** Where the key was in the whole of that file before. */
  readonly whole: Path;
  /** What the file said itself before; undefined where it said nothing. */
  readonly old: { readonly value: Value; readonly at: SourceLocation } | undefined;
  /** Whether the text is another one now. */
  readonly isChange: boolean;
}

/**
 * Makes a change of a node in the text of the file where it belongs. Takes what holds for the node before. Gives what
 * was done; undefined where no file has the node. Throws EditRefusal.
 */
function editNode(
  files: InventoryFiles,
  texts: Texts,
  node: string,
  { path, value, written }: Change,
  leaves: readonly Explained[],
): Edit | undefined {
  const file = chooseFile(files, node, path);
  if (!file) return undefined;
  const whole: Path = ['nodes', node, ...path];
  const source = texts.source(file.path);
  const at = findValue(texts.original(file.path), whole);
  if (value !== undefined) refuseHiddenList(file, node, path, leaves);
  // A node must not vanish with its last key, unless another file has it.
  const keep = isElsewhere(files, file, node) ? 0 : 2;
  const edited =
    value === undefined ? withoutValue(source, whole, keep) : withValue(source, whole, value, written);
  texts.put(file.path, edited);
  return {
    path,
    value,
    file: file.path,
    whole,
    old: at && { value: valueIn(file, node, path) ?? null, at },
    isChange: edited !== source,
  };
}

/** A list replaces the one of a layer below it, or that is derived: a piece of its own would take all others away. */
function refuseHiddenList(file: InventoryFile, node: string, path: Path, leaves: readonly Explained[]): void {
  for (const [index, step] of path.entries()) {
    const list = path.slice(0, index);
    if (typeof step !== 'number' || valueIn(file, node, list) !== undefined) continue;
    const key = pathText(list);
    const name = pathText(path);
    // What is derived for this very piece gives way to it.
    const isHidden = (leaf: Explained) => leaf.derived === undefined || !select([leaf], name).includes(leaf);
    const hidden = leaves.find(
      (leaf) => leaf.at && pathText(leaf.path).startsWith(`${key}[`) && isHidden(leaf),
    );
    if (!hidden?.at) continue;
    throw new EditRefusal(
      `the entries of ${key} come from here, and a list of ${node}'s own takes their place: set it whole, as ${key}=[…]`,
      hidden.at,
    );
  }
}

/**
 * Sets a key of a site, which no layer lies over, in the text of the file where it belongs: of the site's own files the one
 * that has the longest beginning of its path, else the site's root, which lies over what is included. Gives the path of that
 * file. Throws EditRefusal.
 */
export function editSite({ own }: InventoryFiles, texts: Texts, path: Path, value: Value): string {
  const depths = own.map(({ content }) => depthOf(content, path));
  const file = own[depths.indexOf(Math.max(...depths))]?.path ?? '';
  texts.put(file, withValue(texts.source(file), path, value));
  return file;
}

/**
 * Gives the file that a key of a node belongs into: of the site's own files the one that has it, else the one that has
 * the longest beginning of its path, else the one that says which machine the node is, else the one that has its range.
 * For a node that only an included file has it is the site's root: what stands there lies over it. Undefined where no
 * file has the node.
 */
export function chooseFile(
  { own, included }: InventoryFiles,
  node: string,
  key: Path,
): InventoryFile | undefined {
  const having = own.flatMap((file) => {
    const map = nodeIn(file, node);
    return map === undefined ? [] : [{ file, depth: depthOf(map, key) + (definesMachine(map) ? 0.5 : 0) }];
  });
  const most = Math.max(...having.map(({ depth }) => depth));
  return (
    having.find(({ depth }) => depth === most)?.file ??
    own.find((file) => hasInRange(file, node)) ??
    (included.some((file) => has(file, node)) ? own[0] : undefined)
  );
}

/** Gives the names of the nodes that any file of the site has, by themselves or in ranges. */
export function nodeNames({ own, included }: InventoryFiles): string[] {
  const keys = [...own, ...included].flatMap(keysOf);
  return [...new Set(keys.flatMap((key) => (hasBrackets(key) ? namesOfRange(key) : key)))];
}

/** Says whether another file than this one has a node, or a range has it, in whichever file. */
export function isElsewhere({ own, included }: InventoryFiles, file: InventoryFile, node: string): boolean {
  return [...own, ...included].some((other) => (other === file ? hasInRange(other, node) : has(other, node)));
}

/** Gives the value of a key of a node in one file, what comes by aliases and merge keys included. */
export function valueIn(file: InventoryFile, node: string, key: Path): Value | undefined {
  return key.reduce<Value | undefined>(inside, nodeIn(file, node));
}

function nodeIn({ content: { nodes } }: InventoryFile, node: string): Value | undefined {
  return isValueMap(nodes) ? nodes[node] : undefined;
}

function has(file: InventoryFile, node: string): boolean {
  return nodeIn(file, node) !== undefined || hasInRange(file, node);
}

/** Says whether a file has a node in a range, which an edit of one node leaves alone. */
function hasInRange(file: InventoryFile, node: string): boolean {
  return keysOf(file).some((key) => hasBrackets(key) && namesOfRange(key).includes(node));
}

function keysOf({ content: { nodes } }: InventoryFile): string[] {
  return isValueMap(nodes) ? Object.keys(nodes) : [];
}

function inside(value: Value | undefined, step: string | number): Value | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isValueMap(value) ? (value as ValueMap)[step] : undefined;
}

function depthOf(node: Value, key: Path): number {
  const end = key.findIndex((_, index) => key.slice(0, index + 1).reduce(inside, node) === undefined);
  return end < 0 ? key.length : end;
}

const KNOWN_BY = ['mac', 'nics', 'ip', 'uuid', 'serial'];

function definesMachine(node: Value): boolean {
  return isValueMap(node) && KNOWN_BY.some((key) => node[key] !== undefined);
}

/** What an edit is described by, beside itself: the texts after all edits, and what holds for the node before and after. */
interface Circumstances {
  readonly node: string;
  readonly texts: Texts;
  readonly before: readonly Explained[];
  readonly after: readonly Explained[];
  /** The folder that paths are shown relative to. */
  readonly folder: string;
}

const LONGEST = 80;

/** Says in one line what was done for a key of a node: where, what holds now, and what held before. */
export function describeEdit(edit: Edited, circumstances: Circumstances): string {
  return escapeControlChars(
    edit.value === undefined ? removed(edit, circumstances) : isSet(edit, circumstances),
  );
}

function isSet(
  { path, value, file, now: whole, old, isChange }: Edited,
  { node, texts, before, folder }: Circumstances,
): string {
  const at = findValue(texts.source(file), whole);
  const place = at ? formatPlace(at, folder) : displayPath(file, folder);
  const now = text(value, path);
  if (!isChange) return `${place} ${node} ${pathText(path)} is ${now} already`;
  const was = old ? short(text(old.value, path)) : holding(before, path, file, folder);
  return `${place} ${node} ${pathText(path)}: ${now} (was ${was})`;
}

function removed(
  { path, file, now: whole, old, isChange }: Edited,
  { node, texts, before, after, folder }: Circumstances,
): string {
  const key = pathText(path);
  const name = displayPath(file, folder);
  if (!isChange || !old) {
    const still = holding(before, path, file, folder);
    return `${name} ${node} ${key}: nothing to remove, it is ${still}${stillAt(before, path, folder)}`;
  }
  const was = `${formatPlace(old.at, folder)} ${node} ${key}: removed (was ${short(text(old.value, path))})`;
  // Of a list that is still there, the entries behind it have moved up.
  if (typeof path.at(-1) === 'number' && findValue(texts.source(file), whole.slice(0, -1))) return was;
  return `${was}, now ${holding(after, path, file, folder)}${stillAt(after, path, folder)}`;
}

/** What holds for a key that the file does not say itself, and what says so. */
function holding(leaves: readonly Explained[], path: Path, file: string, folder: string): string {
  const found = select(leaves, pathText(path));
  if (found.length === 0) return 'not set';
  const origins = found.map((leaf) => originOf(leaf, file, folder));
  const origin = listed([...new Set(origins)]);
  return [short(text(assembled(found, path), path)), origin].filter(Boolean).join(', ');
}

function originOf({ at, layer, derived }: Explained, file: string, folder: string): string {
  if (derived !== undefined) return derived;
  if (layer !== undefined && layer !== 'node') return `from ${layer}`;
  if (at && at.source.file !== file) return `from ${displayPath(at.source.file, folder)}`;
  return 'by an alias or a merge key';
}

function stillAt(leaves: readonly Explained[], path: Path, folder: string): string {
  const at = select(leaves, pathText(path)).find((leaf) => leaf.at)?.at;
  return at ? ` at ${formatPlace(at, folder)}` : '';
}

/** Puts leaves together to the value that they are the leaves of. */
function assembled(leaves: readonly Explained[], path: Path): unknown {
  const holder: { value?: unknown } = {};
  for (const leaf of leaves) {
    const steps = ['value', ...leaf.path.slice(path.length)];
    let at = holder as Record<string | number, unknown>;
    steps.forEach((step, index) => {
      const next = steps[index + 1];
      at[step] = next === undefined ? leaf.value : (at[step] ?? (typeof next === 'number' ? [] : {}));
      at = at[step] as Record<string | number, unknown>;
    });
  }
  return holder.value;
}

/** Cuts what was and what is not edited: a whole configuration would fill the screen. */
function short(value: string): string {
  const characters = [...value];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : value;
}

function text(value: unknown, path: Path): string {
  return valueText(shown(value, path), path);
}

/**
 * Gives what is found after edits of a node so that what an edit brought is its fault: of two values that do not go
 * together, a rule blames the one that comes last in the inventory, which may be one that nobody has touched.
 */
export function attributeToEdits(
  found: readonly Diagnostic[],
  node: string,
  edits: readonly Edited[],
  texts: Texts,
): Diagnostic[] {
  const made = edits.flatMap(({ path, now, file, value, isChange }) => {
    const at = value !== undefined && isChange ? findValue(texts.source(file), now) : undefined;
    return at ? [{ key: pathText(path), at }] : [];
  });
  const editAt = (place: SourceLocation) => made.find(({ at }) => meets(at, place));
  return found.map((one) => {
    if (editAt(one.at)) return one;
    const edit = one.related?.map(({ at }) => editAt(at)).find((edit) => edit !== undefined);
    if (!edit) return one;
    const related = one.related?.map((other) =>
      editAt(other.at)
        ? { ...other, message: other.message.replace(/(?: at)?$/, ' by this edit, at') }
        : other,
    );
    const help = `set another ${edit.key} of ${node}${one.help === undefined ? '' : `, or first ${one.help}`}`;
    return { ...one, help, ...(related && { related }) };
  });
}

function meets(a: SourceLocation, b: SourceLocation): boolean {
  return a.source.file === b.source.file && a.start < b.end && b.start < a.end;
}
