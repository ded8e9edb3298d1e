import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Difference } from './compare.ts';
import { isBesideInWww } from './paths.ts';
import type { Tree } from './tree.ts';
import { isInWorkFolder } from './work-folder.ts';

/**
 * Gives the files in an output folder that are nobody's: no tree has them, and no build made them. Takes what
 * `compareTree` has found. They stay where they are, and are deployed with the tree. Sorted by path. What a web server without
 * aliases has to have in the document root is none: releases, and iPXE's programs.
 */
export function foreignFiles(folder: string, tree: Tree, { removed }: Difference): string[] {
  const ours = new Set([...tree.keys(), ...removed]);
  return entriesBelow(folder)
    .filter((path) => !ours.has(path) && !isInWorkFolder(path) && !isBesideInWww(path))
    .sort();
}

function entriesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  } catch {
    return []; // it is not there: compareTree has said what else is wrong
  }
}
