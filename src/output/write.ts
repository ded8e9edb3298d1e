import { mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareTree, type Difference } from './compare.ts';
import { MANIFEST } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { File, Tree } from './tree.ts';

/**
 * Makes a folder hold a tree: writes what is new or other, removes what an earlier build made and this one does not,
 * leaves everything else as it is. Each file is written beside its place and renamed into it, so that nobody reads
 * half of one; the manifest comes last, so that a build that was cut short is finished by the next.
 * Takes what `compareTree` has just found, where that is known. Gives what was done. Throws OutputError where the folder is not harvgen's to write, or cannot be written.
 */
export function writeTree(folder: string, tree: Tree, difference = compareTree(folder, tree)): Difference {
  try {
    const toWrite = [...difference.added, ...difference.changed].filter((path) => path !== MANIFEST);
    for (const path of toWrite) writeFile(folder, path, tree.get(path) as File);
    for (const path of difference.removed) removeFile(folder, path);
    if (!difference.unchanged.includes(MANIFEST)) writeFile(folder, MANIFEST, tree.get(MANIFEST) as File);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new OutputError(`${path ?? folder} cannot be written: ${code}`);
  }
  return difference;
}

function writeFile(folder: string, path: string, file: File): void {
  const target = join(folder, path);
  const beside = `${target}.harvgen-new`;
  mkdirSync(dirname(target), { recursive: true });
  // What a build that was cut short has left, or somebody has put there: neither its mode counts nor where it leads.
  rmSync(beside, { force: true });
  writeFileSync(beside, file.content, { flag: 'wx', mode: file.executable ? 0o755 : 0o644 });
  renameSync(beside, target);
}

/** Removes a file, and the folders above it that it leaves empty. */
function removeFile(folder: string, path: string): void {
  rmSync(join(folder, path));
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    try {
      rmdirSync(join(folder, parent));
    } catch {
      return; // not empty: something else lives there
    }
  }
}
