import { type Explained, select, valueText } from '../inspect/explain/explain-node.ts';
import { shown } from '../knowledge/hide.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { displayPath, formatPlace } from '../source/diagnostics/text.ts';
import { listed } from '../source/diagnostics/words.ts';
import { type Path, pathText } from '../source/leaf.ts';
import type { Place } from '../source/source.ts';
import { visible } from '../values/text.ts';
import type { Edited } from './edit-node.ts';
import { findValue } from './edit-text.ts';
import type { Texts } from './save.ts';

/** What an edit is described by, beside itself: the texts after all edits, and what holds for the node before and after. */
interface Circumstances {
  readonly node: string;
  readonly texts: Texts;
  readonly before: readonly Explained[];
  readonly after: readonly Explained[];
  /** The folder that paths are shown relative to. */
  readonly folder: string;
}

/** How many characters of an old value are shown. */
const LONGEST = 80;

/** Says in one line what was done for a key of a node: where, what holds now, and what held before. */
export function describeEdit(edit: Edited, circumstances: Circumstances): string {
  return visible(edit.value === undefined ? removed(edit, circumstances) : isSet(edit, circumstances));
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

/** Where the first of what holds for a key stands. */
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
export function ofEdits(
  found: readonly Diagnostic[],
  node: string,
  edits: readonly Edited[],
  texts: Texts,
): Diagnostic[] {
  const made = edits.flatMap(({ path, now, file, value, isChange }) => {
    const at = value !== undefined && isChange ? findValue(texts.source(file), now) : undefined;
    return at ? [{ key: pathText(path), at }] : [];
  });
  const editAt = (place: Place) => made.find(({ at }) => meets(at, place));
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

function meets(a: Place, b: Place): boolean {
  return a.source.file === b.source.file && a.start < b.end && b.start < a.end;
}
