import { isDeepStrictEqual } from 'node:util';
import { isAlias, type Node } from 'yaml';
import type { Path } from '../explain/leaf.ts';
import type { Value } from '../inventory/parse.ts';
import { type Place, Source } from '../origin.ts';
import { hasText, valueStart } from './items.ts';
import { type Splice, spliced } from './lines.ts';
import { isCollection, locate, mergedPair, resolved, type Trail } from './locate.ts';
import { type Outline, outlineOf, outlineWith, outlineWithout } from './outline.ts';
import { EditRefusal } from './refusal.ts';
import { removeValue } from './remove-value.ts';
import { setValue } from './set-value.ts';
import { refuseShared } from './shared.ts';
import { readYamlText, type YamlText } from './yaml-text.ts';

/**
 * Gives a text in which a path has a value, and nothing else is changed; the same text where it has it already.
 * Throws EditRefusal.
 */
export function withValue(source: Source, path: Path, value: Value): Source {
  const text = read(source);
  const trail = locate(text, path);
  if (trail.rest.length === 0 && isSame(text, trail.value, value)) return source;
  refuseShared(text, path, trail);
  const expected = outlineWith(outlineOfText(text), path, value);
  return changed(text, setValue(text, path, trail, value), expected, trail);
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
  return changed(text, splices, outlineWithout(outlineOfText(text), path.slice(0, depth)), trail);
}

/** Gives where a text has the value of a path, or, of an empty one, its key; undefined where it has none of its own. */
export function findValue(source: Source, path: Path): Place | undefined {
  const { steps, rest } = locate(read(source), path);
  const item = steps.at(-1)?.item;
  if (!item || rest.length > 0) return undefined;
  const { value, start, lead, end } = item;
  return hasText(value) ? { source, start: valueStart(value), end } : { source, start, end: lead };
}

/** Gives where the value of a path stands that comes to its map by a merge key; undefined where none does. */
export function findMerged(source: Source, path: Path): Place | undefined {
  const text = read(source);
  const { value, rest } = locate(text, path);
  const [key] = rest;
  const map = resolved(text, value);
  const pair = key !== undefined && isCollection(map) ? mergedPair(text, map, key) : undefined;
  return pair && { source, start: pair.start, end: pair.end };
}

function read(source: Source): YamlText {
  const text = readYamlText(source);
  if (!text) throw new EditRefusal('this is not YAML that can be edited', { source, start: 0, end: 0 });
  return text;
}

function isSame(text: YamlText, node: Node | null, value: Value): boolean {
  const own = isAlias(node) ? resolved(text, node) : node;
  return isDeepStrictEqual(own?.toJS(text.document, { maxAliasCount: -1 }) ?? null, plain(value));
}

function plain(value: Value): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Makes an edit, and reads the result back: it must say what it shall, and else what it said before. */
function changed(
  { source }: YamlText,
  splices: readonly Splice[],
  expected: Outline,
  { steps }: Trail,
): Source {
  const result = new Source(source.file, spliced(source.text, splices));
  const text = readYamlText(result);
  if (text && isDeepStrictEqual(outlineOfText(text), expected)) return result;
  const item = steps.at(-1)?.item;
  const { start, end } = item ?? { start: 0, end: 0 };
  throw new EditRefusal('it cannot be edited in place: edit this line by hand', { source, start, end });
}

/** What a text says; one with nothing in it says an empty map. */
function outlineOfText({ root }: YamlText): Outline {
  return root ? outlineOf(root) : { map: [] };
}
