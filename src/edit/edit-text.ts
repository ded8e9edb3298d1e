import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../source/leaf.ts';
import { type Place, Source } from '../source/origin.ts';
import type { Value } from '../source/value.ts';
import { hasText, valueStart } from './items.ts';
import { type Splice, spliced } from './lines.ts';
import { locate, type Trail } from './locate.ts';
import { type Outline, outlineOf, outlineWith, outlineWithout } from './outline.ts';
import { EditRefusal } from './refusal.ts';
import { removeValue } from './remove-value.ts';
import { setValue } from './set-value.ts';
import { refuseShared } from './shared.ts';
import { hasValue, readYamlText, type YamlText } from './yaml-text.ts';

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
  const expected = outlineWith(outlineOfText(text), path, SET);
  const says = (result: YamlText) =>
    hasValue(result, locate(result, path).value, value) &&
    isDeepStrictEqual(outlineWith(outlineOfText(result), path, SET), expected);
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
export function findValue(source: Source, path: Path): Place | undefined {
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

/** What a text says; one with nothing in it says an empty map. */
function outlineOfText({ root }: YamlText): Outline {
  return root ? outlineOf(root) : { map: [] };
}
