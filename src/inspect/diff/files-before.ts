import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference } from '../../tree/compare.ts';
import { OutputError } from '../../tree/output-error.ts';
import type { File, Tree } from '../../tree/tree.ts';

/**
 * Gives the files in a folder that a build of a tree would find there: those that it would leave, write over or remove.
 * Takes what `compareTree` says of the two. What is not harvgen's is none of them. Throws OutputError where one cannot be
 * read.
 */
export function filesBefore(
  folder: string,
  tree: Tree,
  { changed, removed, unchanged }: Pick<Difference, 'changed' | 'removed' | 'unchanged'>,
): Tree {
  const files = new Map<string, File>();
  for (const path of unchanged) files.set(path, tree.get(path) as File);
  for (const path of [...changed, ...removed]) files.set(path, readFile(join(folder, path)));
  return files;
}

function readFile(path: string): File {
  try {
    const { mode } = statSync(path);
    return {
      content: readFileSync(path),
      executable: Boolean(mode & 0o100),
      confidential: (mode & 0o007) === 0,
    };
  } catch (error) {
    throw new OutputError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
