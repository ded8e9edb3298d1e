import { compareTree, type Difference } from './compare.ts';
import type { Tree } from './tree.ts';
import { stampOf } from './write.ts';

/** As often it is looked again; somebody who builds without a pause is not waited for. */
const TRIES = 5;

/**
 * Compares a folder with a tree for those who only look, and do not lock: once more where another build has written the
 * folder meanwhile, since what was seen is then half of the one and half of the other. Throws what `compareTree` throws.
 */
export function compareStill(folder: string, tree: Tree): Difference {
  for (let tries = 1; ; tries += 1) {
    const before = stampOf(folder);
    const difference = compareTree(folder, tree);
    if (stampOf(folder) === before || tries === TRIES) return difference;
  }
}
