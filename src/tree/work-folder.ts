import { join } from 'node:path';

/**
 * The folder within the output in which a build works: its lock, what it is about to put in place, what it replaces.
 * Within the output, so that it is on the same filesystem; gone when the build is done.
 */
export const WORK_FOLDER = '.harvgen';

/** Says whether a path of a tree, with forward slashes, would lie in the folder that a build works in. */
export function isInWorkFolder(path: string): boolean {
  return path === WORK_FOLDER || path.startsWith(`${WORK_FOLDER}/`);
}

/** Gives the path of something that a build works with, in the work folder of an output folder. */
export function workPath(folder: string, ...names: readonly string[]): string {
  return join(folder, WORK_FOLDER, ...names);
}
