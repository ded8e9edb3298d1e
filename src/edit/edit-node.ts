import { isDeepStrictEqual } from 'node:util';
import { type Explained, select, valueText } from '../inspect/explain/explain-node.ts';
import { spelledPath } from '../inventory/canonical-config.ts';
import type { InventoryFile, InventoryFiles } from '../inventory/files.ts';
import { shown } from '../knowledge/hide.ts';
import { siteSchema } from '../knowledge/schemas.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { displayPath, formatLocation } from '../source/diagnostics/text.ts';
import { listed } from '../source/diagnostics/words.ts';
import { type Path, pathText, valueAlong } from '../source/leaf.ts';
import { isValueMap, type Value } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { findValue, withoutValue, withValue } from '../source/text-edit/edit-text.ts';
import { EditRefusal } from '../source/text-edit/yaml-text.ts';
import { groupedBy } from '../values/grouped.ts';
import { hasBrackets, namesOfRange } from '../values/hostlist.ts';
import { escapeControlChars } from '../values/text.ts';
import type { Texts } from './save.ts';

/** One of several edits. */
export interface Edited extends Edit {
  /** The path of the key in its file after all edits: removed list entries shift the entries after them. */
  readonly now: Path;
}

/**
 * Applies changes of a node, or without one of the site, to the texts of its files. No change may be within another. Indices refer to the
 * lists before all changes: sets values first in ascending order, then removes values in descending order. Takes the values of the node
 * or site before. Returns the edits in the order of the changes; none if no file contains the node. Throws EditRefusal.
 */
export function editAll(
  files: InventoryFiles,
  texts: Texts,
  node: string | undefined,
  changes: readonly Change[],
  leaves: readonly Explained[],
): Edited[] {
  const set = byIndex(changes.filter(({ value }) => value !== undefined));
  const removed = byIndex(changes.filter(({ value }) => value === undefined)).reverse();
  const done = new Map<Change, Edit>();
  for (const change of [...set, ...removed]) {
    const edit = editOne(files, texts, node, change, leaves);
    if (edit) done.set(change, edit);
  }
  const gone = [...done.values()].filter(({ value, isChange }) => value === undefined && isChange);
  return changes.flatMap((change) => {
    const edit = done.get(change);
    return edit ? [{ ...edit, now: moved(edit, gone) }] : [];
  });
}

/** Returns changes sorted by index within each list, otherwise in their given order. */
function byIndex(changes: readonly Change[], depth = 0): Change[] {
  return [...groupedBy(changes, ({ path }) => path[depth])]
    .sort(([a], [b]) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0))
    .flatMap(([step, group]) =>
      step === undefined || group.length === 1 ? group : byIndex(group, depth + 1),
    );
}

function moved({ whole, file }: Edit, gone: readonly Edit[]): Path {
  return whole.map((step, depth) => {
    if (typeof step !== 'number') return step;
    const isBefore = ({ file: other, whole: path }: Edit) =>
      other === file &&
      path.length === depth + 1 &&
      Number(path[depth]) < step &&
      isDeepStrictEqual(path.slice(0, depth), whole.slice(0, depth));
    return step - gone.filter(isBefore).length;
  });
}

/** A key of a node or site and its new value, or undefined to remove it. */
export interface Change {
  readonly path: Path;
  readonly value: Value | undefined;
  /** The spelling of a number if it matters: 0x81. */
  readonly written?: string;
}

/** The edit that applied a change. */
export interface Edit extends Change {
  /** The path of the file that the key belongs in. */
  readonly file: string;
  /** The path of the key in that file before. */
  readonly whole: Path;
  /** The file's own value before; undefined without one. */
  readonly old: { readonly value: Value; readonly at: SourceLocation } | undefined;
  /** Whether the text changed. */
  readonly isChange: boolean;
}

/**
 * Applies a change of a node or site to the text of the file that it belongs in. Takes the values of the node or site before.
 * Returns the edit; undefined if no file contains the node. Throws EditRefusal.
 */
function editOne(
  files: InventoryFiles,
  texts: Texts,
  node: string | undefined,
  { path, value, written }: Change,
  leaves: readonly Explained[],
): Edit | undefined {
  const file = node === undefined ? fileOfSite(files, path) : chooseFile(files, node, path);
  if (!file) return undefined;
  const whole = spelledPath(file.content, node === undefined ? path : ['nodes', node, ...path]);
  const source = texts.source(file.path);
  const at = findValue(texts.original(file.path), whole);
  if (value !== undefined) refuseHiddenList(file, whole, node, path, leaves);
  // Keeps a node without keys, unless another file contains it; and an empty map of the site, which may have a meaning.
  const keep = node === undefined ? path.length : isElsewhere(files, file, node) ? 0 : 2;
  const edited =
    value === undefined ? withoutValue(source, whole, keep) : withValue(source, whole, value, written);
  texts.put(file.path, edited);
  return {
    path,
    value,
    file: file.path,
    whole,
    old: at && { value: valueIn(file, whole) ?? null, at },
    isChange: edited !== source,
  };
}

/** A list replaces that of a lower layer or a derived one: a single entry of its own would remove all others. */
function refuseHiddenList(
  file: InventoryFile,
  whole: Path,
  node: string | undefined,
  path: Path,
  leaves: readonly Explained[],
): void {
  const above = whole.length - path.length;
  for (const [index, step] of path.entries()) {
    const list = path.slice(0, index);
    if (typeof step !== 'number' || valueIn(file, whole.slice(0, above + index)) !== undefined) continue;
    const key = pathText(list);
    const name = pathText(path);
    // A derived value of the entry itself may be replaced.
    const isHidden = (leaf: Explained) => leaf.derived === undefined || !select([leaf], name).includes(leaf);
    const hidden = leaves.find(
      (leaf) => leaf.at && pathText(leaf.path).startsWith(`${key}[`) && isHidden(leaf),
    );
    if (!hidden?.at) continue;
    throw new EditRefusal(
      `the entries of ${key} come from here, and ${node === undefined ? "the site's" : `${node}'s`} own list would replace them: set the whole list, as ${key}=[…]`,
      hidden.at,
    );
  }
}

/** Sets a key of a site in the text of the file that it belongs in. Returns the path of the file. Throws EditRefusal. */
export function editSite(files: InventoryFiles, texts: Texts, path: Path, value: Value): string {
  return editOne(files, texts, undefined, { path, value }, [])?.file ?? '';
}

/** Returns the site's own file with the longest part of a path, or else its root, which overrides included files. */
function fileOfSite({ own }: InventoryFiles, path: Path): InventoryFile | undefined {
  const depths = own.map((file) => depthOf(file, path));
  return own[depths.indexOf(Math.max(...depths))];
}

/**
 * Returns the file that a key of a node belongs in. Of the site's own files this is the one with the key, or the longest part
 * of its path, or the node's identifiers, or its range. For a node that only an included file contains, it is the site's
 * root, which overrides that file. Undefined if no file contains the node.
 */
export function chooseFile(
  { own, included }: InventoryFiles,
  node: string,
  key: Path,
): InventoryFile | undefined {
  const having = own.flatMap((file) => {
    const map = valueIn(file, ['nodes', node]);
    if (map === undefined) return [];
    const depth = depthOf(file, ['nodes', node, ...key]);
    return [{ file, depth: depth + (definesMachine(map) ? 0.5 : 0) }];
  });
  const most = Math.max(...having.map(({ depth }) => depth));
  return (
    having.find(({ depth }) => depth === most)?.file ??
    own.find((file) => hasInRange(file, node)) ??
    (included.some((file) => has(file, node)) ? own[0] : undefined)
  );
}

/** Returns the names of all nodes in the files of a site, alone or in ranges. */
export function nodeNames({ own, included }: InventoryFiles): string[] {
  const keys = [...own, ...included].flatMap(keysOf);
  return [...new Set(keys.flatMap((key) => (hasBrackets(key) ? namesOfRange(key) : key)))];
}

/** Whether another file contains a node, or a range in any file does. */
export function isElsewhere({ own, included }: InventoryFiles, file: InventoryFile, node: string): boolean {
  return [...own, ...included].some((other) => (other === file ? hasInRange(other, node) : has(other, node)));
}

/** Returns the value of a key in one file, including values from aliases and merge keys. */
export function valueIn({ content }: InventoryFile, whole: Path): Value | undefined {
  return valueAlong(content, whole) as Value | undefined;
}

function has(file: InventoryFile, node: string): boolean {
  return valueIn(file, ['nodes', node]) !== undefined || hasInRange(file, node);
}

/** Whether a file contains a node in a range, which an edit of one node does not change. */
function hasInRange(file: InventoryFile, node: string): boolean {
  return keysOf(file).some((key) => hasBrackets(key) && namesOfRange(key).includes(node));
}

function keysOf({ content: { nodes } }: InventoryFile): string[] {
  return isValueMap(nodes) ? Object.keys(nodes) : [];
}

function depthOf(file: InventoryFile, path: Path): number {
  const steps = spelledPath(file.content, path);
  const end = steps.findIndex((_, index) => valueIn(file, steps.slice(0, index + 1)) === undefined);
  return end < 0 ? steps.length : end;
}

const IDENTIFIERS = ['mac', 'nics', 'ip', 'uuid', 'serial'];

function definesMachine(node: Value): boolean {
  return isValueMap(node) && IDENTIFIERS.some((key) => node[key] !== undefined);
}

/** The context of an edit: the texts after all edits, and the values of the node or site before and after. */
interface Context {
  /** The name of the node; undefined for edits of the site. */
  readonly node: string | undefined;
  readonly texts: Texts;
  readonly before: readonly Explained[];
  readonly after: readonly Explained[];
  /** The directory that shown paths are relative to. */
  readonly folder: string;
}

const LONGEST = 80;

/** Describes an edit of a key in one line: its location, the new value and the old value. */
export function describeEdit(edit: Edited, context: Context): string {
  return escapeControlChars(described(edit, context));
}

function described(edit: Edited, { node, texts, before, after, folder }: Context): string {
  const { path, value, file, now: whole, old, isChange } = edit;
  const key = node === undefined ? pathText(path) : `${node} ${pathText(path)}`;
  const name = displayPath(file, folder);
  const was = old && short(text(old.value, path, node));
  if (value !== undefined) {
    const at = findValue(texts.source(file), whole);
    const location = at ? formatLocation(at, folder) : name;
    const now = text(value, path, node);
    if (!isChange) return `${location} ${key} is already ${now}`;
    return `${location} ${key}: ${now} (was ${was ?? effective(before, edit, node, folder)})`;
  }
  if (!isChange || !old)
    return `${name} ${key}: nothing to remove, it is ${effective(before, edit, node, folder)}${setAt(before, path, folder)}`;
  const removed = `${formatLocation(old.at, folder)} ${key}: removed (was ${was})`;
  // In a list that still exists, the later entries have moved up.
  if (typeof path.at(-1) === 'number' && findValue(texts.source(file), whole.slice(0, -1))) return removed;
  return `${removed}, now ${effective(after, edit, node, folder)}${setAt(after, path, folder)}`;
}

/** Describes the effective value of a key that the file does not set itself, and its source. */
function effective(
  leaves: readonly Explained[],
  { path, file }: Edited,
  node: string | undefined,
  folder: string,
): string {
  const found = select(leaves, pathText(path));
  if (found.length === 0) return 'not set';
  // The origin of derived parts explains nothing beside that of the others.
  const own = found.filter(({ derived }) => derived === undefined);
  const origins = (own.length > 0 ? own : found).map((leaf) => originOf(leaf, file, folder));
  const origin = listed([...new Set(origins)]);
  return [short(text(assembled(found, path), path, node)), origin].filter(Boolean).join(', ');
}

function originOf({ at, layer, derived }: Explained, file: string, folder: string): string {
  if (derived !== undefined) return derived;
  if (layer !== undefined && layer !== 'node') return `from ${layer}`;
  if (at && at.source.file !== file) return `from ${displayPath(at.source.file, folder)}`;
  return 'by an alias or a merge key';
}

function setAt(leaves: readonly Explained[], path: Path, folder: string): string {
  const at = select(leaves, pathText(path)).find((leaf) => leaf.at)?.at;
  return at ? ` at ${formatLocation(at, folder)}` : '';
}

/** Assembles a value from its leaves. */
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

/** Truncates old and unedited values: a whole configuration would fill the screen. */
function short(value: string): string {
  const characters = [...value];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : value;
}

function text(value: unknown, path: Path, node: string | undefined): string {
  return valueText(shown(value, path, node === undefined ? siteSchema() : undefined), path);
}

/**
 * Returns diagnostics after edits of a node or site, attributed to the edits that caused them. If two values conflict, a rule reports
 * the later one in the inventory, which may be unchanged.
 */
export function attributeToEdits(
  found: readonly Diagnostic[],
  node: string | undefined,
  edits: readonly Edited[],
  texts: Texts,
): Diagnostic[] {
  const made = edits.flatMap(({ path, now, file, value, isChange }) => {
    const at = value !== undefined && isChange ? findValue(texts.source(file), now) : undefined;
    return at ? [{ key: pathText(path), at }] : [];
  });
  const editAt = ({ source, start, end }: SourceLocation) =>
    made.find(({ at }) => at.source.file === source.file && at.start < end && start < at.end);
  return found.map((diagnostic) => {
    if (editAt(diagnostic.at)) return diagnostic;
    const edit = diagnostic.related?.map(({ at }) => editAt(at)).find((edit) => edit !== undefined);
    if (!edit) return diagnostic;
    const related = diagnostic.related?.map((other) =>
      editAt(other.at)
        ? { ...other, message: other.message.replace(/(?: at)?$/, ' by this edit, at') }
        : other,
    );
    const help = `set another ${edit.key}${node === undefined ? '' : ` of ${node}`}${diagnostic.help === undefined ? '' : `, or first ${diagnostic.help}`}`;
    return { ...diagnostic, help, ...(related && { related }) };
  });
}
