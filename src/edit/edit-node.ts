import { isDeepStrictEqual } from 'node:util';
import { type Explained, select } from '../inspect/explain/explain-node.ts';
import type { InventoryFile, InventoryFiles } from '../inventory/files.ts';
import { type Path, pathText } from '../source/leaf.ts';
import { isValueMap, type Value, type ValueMap } from '../source/origin.ts';
import type { Place } from '../source/source.ts';
import { hasBrackets, namesOfRange } from '../values/hostlist.ts';
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
  readonly old: { readonly value: Value; readonly at: Place } | undefined;
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
 * Sets a key of a site, which no layer lies over, in the text of the file where it belongs. Gives the path of that file.
 * Throws EditRefusal.
 */
export function editSite(files: InventoryFiles, texts: Texts, path: Path, value: Value): string {
  const file = chooseSiteFile(files, path);
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

/**
 * Gives the path of the file that a key of the site itself belongs into: of the site's own files the one that has the
 * longest beginning of its path, else the site's root, which lies over what is included.
 */
function chooseSiteFile({ own }: InventoryFiles, key: Path): string {
  const depths = own.map(({ content }) => depthOf(content, key));
  const best = depths.indexOf(Math.max(...depths));
  return own[best]?.path ?? '';
}

/** Gives the names of the nodes that any file of the site has, by themselves or in ranges. */
export function nodeNames({ own, included }: InventoryFiles): string[] {
  return [
    ...new Set(
      [...own, ...included].flatMap((file) =>
        keysOf(file).flatMap((key) => (hasBrackets(key) ? namesOfRange(key) : key)),
      ),
    ),
  ];
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
  let value: Value | undefined = node;
  const end = key.findIndex((step) => {
    value = inside(value, step);
    return value === undefined;
  });
  return end < 0 ? key.length : end;
}

/** What says which machine a node is. */
const KNOWN_BY = ['mac', 'nics', 'ip', 'uuid', 'serial'];

function definesMachine(node: Value): boolean {
  return isValueMap(node) && KNOWN_BY.some((key) => node[key] !== undefined);
}
