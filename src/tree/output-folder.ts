import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '../values/user-error.ts';

/**
 * The work directory of a build in the output tree: its lock, its staged files, the files that it replaces.
 * In the output tree, so that it is on the same file system; removed when the build ends.
 */
export const WORK_FOLDER = '.harvgen';

/** Whether a path of a tree, with forward slashes, is in the work directory of builds. */
export function isInWorkFolder(path: string): boolean {
  return path === WORK_FOLDER || path.startsWith(`${WORK_FOLDER}/`);
}

/** Whether a path is a directory itself or is below it. Takes both as absolute paths. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

/** Returns the path of a work file of a build, in the work directory of an output directory. */
export function workPath(folder: string, ...names: readonly string[]): string {
  return join(folder, WORK_FOLDER, ...names);
}

/** The largest record of builds: a larger file is not one of harvgen, and would use up the memory. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Returns the content of a regular file of an output directory; undefined for anything else. Others may have written the directory: a
 * link may lead to a device without end, and reading a pipe would block. Throws the errors of `node:fs`.
 */
export function readRegular(path: string): Buffer | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= MOST_BYTES ? readFileSync(file) : undefined;
  } finally {
    closeSync(file);
  }
}

/** Returns what there is at the path of a file, in words, if it is not a regular file. */
export function kindOf(stats: Stats): string {
  return stats.isDirectory() ? 'a directory' : stats.isSymbolicLink() ? 'a link' : 'a special file';
}

/** Thrown when the output tree cannot be written correctly. The message reports the cause and the remedy. */
export class OutputError extends UserError {
  override readonly name: string = 'OutputError';
}

/** Returns the error to throw after a failure to read something in an output directory. */
export function unreadable(path: string, error: unknown): OutputError {
  const { code } = error as NodeJS.ErrnoException;
  return new OutputError(`${path} cannot be read: ${code}. Check its permissions.`);
}

/** The meaning of operating system error codes to a user who writes a tree. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'you have no permission to write it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'another file has that name',
  EFBIG: 'the file would be larger than the system allows',
  EISDIR: 'it is a directory',
  ELOOP: 'a link leads to itself',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long for the disk',
  ENFILE: 'too many files are open',
  ENOENT: 'it was removed, its directory does not exist, or it is a link to a missing file',
  ENOSPC: 'there is no space left on the disk',
  ENOTDIR: 'a file is at the path of a directory',
  ENOTEMPTY: 'the directory is not empty',
  EPERM: 'you have no permission to write it, or it is protected',
  EROFS: 'the disk is read-only',
  EXDEV: 'it is on a different disk from the rest of the output tree',
};

/**
 * Returns an OutputError for an error of a `node:fs` function that was thrown while a directory was written. The message names
 * the affected file of the output tree, if any. Returns any other error unchanged: that is a bug in harvgen.
 */
export function outputError(error: unknown, folder: string): unknown {
  const { code, dest, path } = error as NodeJS.ErrnoException & { readonly dest?: string };
  if (!code || error instanceof OutputError) return error;
  const isOutput = (name?: string) => name !== undefined && !name.startsWith(workPath(folder));
  const what = [dest, path].find(isOutput) ?? path ?? folder;
  return new OutputError(`${what} cannot be written: ${meaningOf(code)}.`);
}

/** Returns the meaning of an operating system error code, with the code. */
export function meaningOf(code: string): string {
  const meaning = MEANINGS[code];
  return meaning ? `${meaning} (${code})` : code;
}
