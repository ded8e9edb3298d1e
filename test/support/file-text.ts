import { type Tree, textOf } from '../../src/tree/tree.ts';

/** Gives the text of a file of a tree; undefined where there is no such file. */
export function fileText(tree: Tree | undefined, path: string): string | undefined {
  const file = tree?.get(path);
  return file && textOf(file);
}
