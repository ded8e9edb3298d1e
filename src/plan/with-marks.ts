import { filledFiles } from '../output/filled.ts';
import { readJournal } from '../output/journal.ts';
import { digest } from '../output/manifest.ts';
import type { File, FilledSecret, Tree } from '../output/tree.ts';
import { marksIn } from '../secrets/marks.ts';
import { foundSecrets, unfill } from '../secrets/unfill.ts';
import { isConfigPath } from '../targets/paths.ts';

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
  /** The names of secrets that have another value than before, sorted; of two filled trees alone. */
  readonly otherValues: readonly string[];
}

/**
 * Puts marks back in place of the values of secrets: in a tree by what it says itself, in the files of a folder by what
 * its manifest says. Of a file that was edited since nobody knows what in it is secret: it counts as what a build would
 * make of it. Takes what `filesBefore` gives of the folder.
 */
export function withMarks(folder: string, before: Tree, after: Tree): MarkedTrees {
  const known = filledFiles(folder);
  const isCutShort = readJournal(folder).size > 0;
  const [old, now] = [new Values(), new Values()];
  const markedAfter = mapTree(after, (file) => marked(file, file.secrets, now) ?? file);
  let isFilledBefore = false;
  const markedBefore = mapTree(before, (file, path) => {
    const places = placesIn(file, path);
    if (!places) return file;
    isFilledBefore = true;
    return marked(file, places === 'unknown' ? undefined : places, old) ?? markedAfter.get(path) ?? NOTHING;
  });
  const isFilledAfter = [...after.values()].some(({ secrets }) => secrets);
  const filling = fillingOf(before.size === 0 ? isFilledAfter : isFilledBefore, isFilledAfter);
  return { before: markedBefore, after: markedAfter, filling, otherValues: old.namesOfOthers(now) };

  /** Where secrets stand in a file of the folder; undefined where there are none. */
  function placesIn(file: File, path: string): readonly FilledSecret[] | 'unknown' | undefined {
    if (file.secrets) return file.secrets; // one that stays as it is
    const filled = known.get(path);
    if (filled) return filled.digest === digest(file.content) ? filled.secrets : 'unknown';
    // A build that was cut short has told no manifest what it filled in.
    return isCutShort && file.confidential && isConfigPath(path) ? 'unknown' : undefined;
  }
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
function marked(file: File, places: readonly FilledSecret[] | undefined, values: Values): File | undefined {
  if (!places) return undefined;
  const bytes = Buffer.from(file.content);
  const content = unfill(bytes, places);
  if (!content) return undefined;
  for (const { mark, bytes: value } of foundSecrets(bytes, places)) values.note(mark, value);
  const { secrets: _, ...rest } = file;
  return { ...rest, content };
}

/** What stands for each mark in a tree. */
class Values {
  readonly #byMark = new Map<string, Buffer>();

  note(mark: string, value: Buffer): void {
    if (!this.#byMark.has(mark)) this.#byMark.set(mark, value);
  }

  /** Names the secrets that have another value in another tree. */
  namesOfOthers(others: Values): string[] {
    const names = [...this.#byMark].flatMap(([mark, value]) => {
      const other = others.#byMark.get(mark);
      return other && !other.equals(value) ? marksIn(mark).map(({ name }) => name) : [];
    });
    return [...new Set(names)].sort();
  }
}
