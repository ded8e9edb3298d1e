import { foundSecrets, unfill } from '../../secrets/fill.ts';
import { markOf, marksIn, withoutMarks } from '../../source/marks.ts';
import { filledFiles, readJournal, unfilledFiles } from '../../tree/earlier-builds.ts';
import { digest, type FilledFile } from '../../tree/manifest.ts';
import { isFilledPath } from '../../tree/paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from '../../tree/tree.ts';
import { missing } from './values.ts';

/**
 * How a tree has its secrets, where their values stand in it: before and after; only after, where there were marks; only
 * before.
 */
export type Filling = 'filled' | 'to-fill' | 'to-mark';

/** Two trees as they may be compared and shown: without the value of any secret. */
export interface MarkedTrees {
  readonly before: Tree;
  readonly after: Tree;
  /** Undefined where secrets are filled into neither of the two. */
  readonly filling: Filling | undefined;
  /** The paths of files in which values may stand, and nobody knows where: nothing of what they held is in `before`. */
  readonly unknown: ReadonlySet<string>;
  /** The names of secrets that have another value than before, sorted; of two filled trees alone. */
  readonly otherValues: readonly string[];
}

/**
 * Puts marks back in place of the values of secrets: in a tree by what it says itself, in the files of a folder by what
 * its manifest says. Of a configuration that no build wrote as it is, nobody knows what in it is secret: it counts as what
 * a build would make of it, unless its marks stand in it. Takes what `filesBefore` gives of the folder.
 */
export function withMarks(folder: string, before: Tree, after: Tree): MarkedTrees {
  const filled = filledFiles(folder);
  const placesIn = placesBy(folder, filled);
  const [old, now] = [new Map<string, Buffer>(), new Map<string, Buffer>()];
  const markedAfter = mapTree(after, (file) => marked(file, file.secrets, now) ?? file);
  const unknown = new Set<string>();
  // A manifest that knows of values is not to be shown, since its digests are of what holds them.
  let isFilledBefore = filled.size > 0;
  const markedBefore = mapTree(before, (file, path) => {
    const places = file.secrets ?? placesIn(path, file, markedAfter.get(path)); // one that stays has its own
    if (places === 'none') return file;
    if (places === 'unknown') unknown.add(path);
    else isFilledBefore = true;
    const shown = typeof places === 'string' ? undefined : marked(file, places, old);
    return shown ?? markedAfter.get(path) ?? NOTHING;
  });
  const isFilledAfter = [...after.values()].some(({ secrets }) => secrets);
  const filling = fillingOf(before.size === 0 ? isFilledAfter : isFilledBefore, isFilledAfter);
  const others = [...old].filter(([mark, value]) => now.get(mark)?.equals(value) === false);
  const names = others.flatMap(([mark]) => marksIn(mark).map(({ name }) => name));
  const otherValues = [...new Set(names)].sort();
  return { before: markedBefore, after: markedAfter, filling, unknown, otherValues };
}

/**
 * Where secrets stand in a file; that none do; that some do, at places that were not told; or that nobody knows. What
 * counts is what the file holds: its mode, and a manifest of another moment, say nothing of it.
 */
type Places = readonly FilledSecret[] | 'none' | 'untold' | 'unknown';

/** Returns what tells where secrets stand in a file of a folder, by its manifest and its journal. */
function placesBy(folder: string, filledBy: ReadonlyMap<string, FilledFile>) {
  const unfilledBy = unfilledFiles(folder);
  const journal = readJournal(folder);
  /** Takes a file of the folder, and what a build without values makes of it. */
  return (path: string, file: File, unfilled: File | undefined): Places => {
    if (!isFilledPath(path)) return 'none';
    const there = digest(file.content);
    const filled = filledBy.get(path);
    if (filled?.digest === there) return filled.secrets;
    if (journal.get(path)?.some((one) => typeof one !== 'string' && one.filled === there)) return 'untold';
    if (unfilledBy.get(path)?.has(there)) return 'none';
    return unfilled && hasItsMarks(textOf(file), textOf(unfilled)) ? 'none' : 'unknown';
  };
}

/** Says whether a text has marks where another one has them: those that stand in it, or all else is the same. */
function hasItsMarks(text: string, unfilled: string): boolean {
  if (withoutMarks(text) === withoutMarks(unfilled)) return true;
  const wanted = marksIn(unfilled).map(markOf);
  return wanted.length > 0 && missing(wanted, marksIn(text).map(markOf)).length === 0;
}

const NOTHING: File = { content: '' };

function fillingOf(before: boolean, after: boolean): Filling | undefined {
  if (before) return after ? 'filled' : 'to-mark';
  return after ? 'to-fill' : undefined;
}

function mapTree(tree: Tree, give: (file: File, path: string) => File): Tree {
  return new Map([...tree].map(([path, file]) => [path, give(file, path)]));
}

/** A file with marks at some places, whose values are noted; undefined where there are no places, or none of this file. */
function marked(
  file: File,
  places: readonly FilledSecret[] | undefined,
  values: Map<string, Buffer>,
): File | undefined {
  if (!places) return undefined;
  const bytes = Buffer.from(file.content);
  const content = unfill(bytes, places);
  if (!content) return undefined;
  for (const { mark, bytes: value } of foundSecrets(bytes, places))
    if (!values.has(mark)) values.set(mark, value);
  const { secrets: _, ...rest } = file;
  return { ...rest, content };
}
