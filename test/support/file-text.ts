import { type Tree, textOf } from '../../src/tree/tree.ts';

/** Returns the text of a file of a tree, or undefined if there is no such file. */
export function fileText(tree: Tree | undefined, path: string): string | undefined {
  const file = tree?.get(path);
  return file && textOf(file);
}
