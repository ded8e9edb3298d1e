import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marksIn } from '../source/marks.ts';
import { readJournal } from './journal.ts';
import { digest, type FilledFile, filledIn, isSaidFilled, MANIFEST, parseManifests } from './manifest.ts';
import { isFilledPath } from './paths.ts';
import { type Tree, textOf } from './tree.ts';

/**
 * Gives the files of an output folder that an earlier build filled secrets into, by path, as the folder's manifest knows
 * them. Empty where there are none, or no manifest that can be read: `compareTree` says what is wrong with one.
 */
export function filledFiles(folder: string): Map<string, FilledFile> {
  const text = manifestText(folder);
  // Most manifests know of no secret: these are not read twice.
  if (!text.includes('"secrets":')) return new Map();
  return new Map(parseManifests(text).flatMap((manifest) => (manifest ? [...filledIn(manifest)] : [])));
}

/**
 * Gives what builds wrote into an output folder without a secret's value in it, as SHA-256 by path: by what the folder's
 * manifest says, and the journal of builds that were cut short.
 */
export function unfilledFiles(folder: string): Map<string, ReadonlySet<string>> {
  const unfilled = new Map<string, Set<string>>();
  const add = (path: string, digest: string) =>
    unfilled.set(path, (unfilled.get(path) ?? new Set()).add(digest));
  for (const manifest of parseManifests(manifestText(folder))) {
    for (const [path, digest] of Object.entries(manifest?.files ?? {}))
      if (manifest && !isSaidFilled(manifest, path)) add(path, digest);
  }
  for (const [path, placed] of readJournal(folder)) {
    for (const one of placed) if (typeof one === 'string') add(path, one);
  }
  return unfilled;
}

/**
 * Says whether a build of a tree would put marks in a folder in place of secrets that are filled in there: by builds that
 * the manifest knows, or by one that was cut short.
 */
export function isUnfilling(folder: string, tree: Tree): boolean {
  if (isFilled(tree)) return false;
  // The folder first: to look for marks, each file has to be made.
  return (filledFiles(folder).size > 0 || isHalfFilled(folder)) && isMarked(tree);
}

/** Says whether a build that was cut short has filled secrets into a file of a folder, which is still there. */
function isHalfFilled(folder: string): boolean {
  for (const [path, placed] of readJournal(folder)) {
    if (!placed.some((one) => typeof one !== 'string')) continue;
    const there = digestAt(join(folder, path));
    if (placed.some((one) => typeof one !== 'string' && one.filled === there)) return true;
  }
  return false;
}

function digestAt(path: string): string | undefined {
  try {
    return lstatSync(path).isFile() ? digest(readFileSync(path)) : undefined;
  } catch {
    return undefined;
  }
}

function isMarked(tree: Tree): boolean {
  for (const [path, file] of tree) {
    if (isFilledPath(path) && marksIn(textOf(file)).length > 0) return true;
  }
  return false;
}

/** Says whether the values of secrets stand in a tree, in place of their marks. */
export function isFilled(tree: Tree): boolean {
  return tree.get(MANIFEST)?.confidential ?? false;
}

function manifestText(folder: string): string {
  try {
    const path = join(folder, MANIFEST);
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : '';
  } catch {
    return '';
  }
}
