import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marksIn } from '../secrets/marks.ts';
import { isConfigPath } from '../targets/paths.ts';
import { type FilledFile, filledIn, MANIFEST, parseManifests } from './manifest.ts';
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

/** Says whether a build of a tree would put marks in a folder in place of secrets that are filled in there. */
export function isUnfilling(folder: string, tree: Tree): boolean {
  return !isFilled(tree) && filledFiles(folder).size > 0 && isMarked(tree);
}

function isMarked(tree: Tree): boolean {
  for (const [path, file] of tree) {
    if (isConfigPath(path) && marksIn(textOf(file)).length > 0) return true;
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
