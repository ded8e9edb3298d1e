import { join } from 'node:path';
import { compareTree, type Difference } from '../../src/tree/compare.ts';
import { lockFolder } from '../../src/tree/lock.ts';
import { MANIFEST, renderManifest } from '../../src/tree/manifest.ts';
import { OutputError } from '../../src/tree/output-folder.ts';
import type { File, Tree } from '../../src/tree/tree.ts';
import { writeTrees } from '../../src/tree/write.ts';
import { scratchFolder } from './scratch.ts';

/** Makes a directory contain a tree, as a build does. Returns the changes. */
export async function writeTree(folder: string, tree: Tree): Promise<Difference> {
  const lock = await lockFolder(folder, () => {});
  try {
    const difference = compareTree(folder, tree);
    writeTrees([{ folder, tree, difference }]);
    return difference;
  } finally {
    lock.release();
  }
}

/** Makes a tree of files, with its manifest; a text is short for a file with that content. */
export function treeOf(files: Readonly<Record<string, string | Uint8Array | File>>): Tree {
  const tree = new Map(
    Object.entries(files).map(([path, file]) => [
      path,
      typeof file === 'string' || file instanceof Uint8Array ? { content: file } : file,
    ]),
  );
  const content = renderManifest(tree, 'plant', 'harvgen 0.0.0');
  const confidential = [...tree.values()].some((file) => file.confidential);
  return tree.set(MANIFEST, confidential ? { content, confidential } : { content });
}

/** Returns the path of a directory that contains a tree; the directory is removed when the process ends. */
export async function folderOf(tree: Tree): Promise<string> {
  const folder = join(scratchFolder(), 'plant');
  await writeTree(folder, tree);
  return folder;
}

/** Returns the message of the OutputError that an operation throws, or rejects with. Throws if it succeeds. */
export async function outputError(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof OutputError) return error.message;
    throw error;
  }
  throw new Error('there was no OutputError');
}
