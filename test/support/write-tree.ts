import { compareTree, type Difference } from '../../src/output/compare.ts';
import { lockFolder } from '../../src/output/lock.ts';
import type { Tree } from '../../src/output/tree.ts';
import { writeTrees } from '../../src/output/write.ts';

/** Makes a folder hold a tree, as a build does; gives what that changed. */
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
