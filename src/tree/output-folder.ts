import { isAbsolute, join, relative, sep } from 'node:path';

/**
 * The folder within the output in which a build works: its lock, what it is about to put in place, what it replaces.
 * Within the output, so that it is on the same filesystem; gone when the build is done.
 */
export const WORK_FOLDER = '.harvgen';

/** Says whether a path of a tree, with forward slashes, would lie in the folder that a build works in. */
export function isInWorkFolder(path: string): boolean {
  return path === WORK_FOLDER || path.startsWith(`${WORK_FOLDER}/`);
}

/** Says whether a path is a folder's own, or lies below it. Takes both absolute. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

/** Gives the path of something that a build works with, in the work folder of an output folder. */
export function workPath(folder: string, ...names: readonly string[]): string {
  return join(folder, WORK_FOLDER, ...names);
}

/** Thrown where the output cannot be written as it should. The message says to the user what is wrong and what to do. */
export class OutputError extends Error {
  override readonly name: string = 'OutputError';
}

/** Gives what to throw where reading something in an output folder has thrown. */
export function unreadable(path: string, error: unknown): OutputError {
  const { code } = error as NodeJS.ErrnoException;
  return new OutputError(`${path} cannot be read: ${code}. Check its permissions.`);
}

/** What the codes of the operating system mean to somebody who wants a tree written. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'it is not yours to write',
  EDQUOT: 'the quota of the disk is used up',
  EEXIST: 'there is something else',
  EISDIR: 'there is a folder',
  ELOOP: 'there is a link that leads to itself',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long for the disk',
  ENFILE: 'too many files are open',
  ENOENT: 'it is not there any more, or the folder that it belongs into is not, or that is a link to nothing',
  ENOSPC: 'there is no space left on the disk',
  ENOTDIR: 'there is a file where a folder should be',
  ENOTEMPTY: 'there is something else in it',
  EPERM: 'it is not yours to write, or it is protected',
  EROFS: 'the disk is read-only',
  EXDEV: 'it is on another disk than the rest of the output',
};

/**
 * Makes an OutputError of what a function of `node:fs` threw while something was written in a folder. It names the file
 * of the output that this was about, where there is one. Gives anything else as it is: that is a fault of harvgen.
 */
export function outputError(error: unknown, folder: string): unknown {
  const { code, dest, path } = error as NodeJS.ErrnoException & { readonly dest?: string };
  if (!code || error instanceof OutputError) return error;
  const isOutput = (name?: string) => name !== undefined && !name.startsWith(workPath(folder));
  const what = [dest, path].find(isOutput) ?? path ?? folder;
  return new OutputError(`${what} cannot be written: ${meaningOf(code)}.`);
}

/** Gives what a code of the operating system means, with the code. */
export function meaningOf(code: string): string {
  const meaning = MEANINGS[code];
  return meaning ? `${meaning} (${code})` : code;
}
