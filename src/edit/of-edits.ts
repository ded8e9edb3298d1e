import type { Diagnostic } from '../source/diagnostics/diagnostic.ts';
import { pathText } from '../source/leaf.ts';
import type { Place } from '../source/origin.ts';
import type { Edited } from './edit-all.ts';
import { findValue } from './edit-text.ts';
import type { Texts } from './texts.ts';

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
