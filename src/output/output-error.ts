/** Thrown where the output cannot be written as it should. The message is for the user. */
export class OutputError extends Error {
  /** Takes what is wrong and what to do about it. */
  constructor(message: string) {
    super(message);
    this.name = 'OutputError';
  }
}

/** What the codes of the operating system mean to somebody who wants a tree written. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'it is not yours to write',
  EDQUOT: 'the quota of the disk is used up',
  EISDIR: 'there is a folder',
  ELOOP: 'there is a link that leads to itself',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long for the disk',
  ENFILE: 'too many files are open',
  ENOSPC: 'there is no space left on the disk',
  ENOTDIR: 'there is a file where a folder should be',
  EPERM: 'it is not yours to write, or it is protected',
  EROFS: 'the disk is read-only',
  EXDEV: 'it is on another disk than the rest of the output',
};

/**
 * Makes an OutputError of what a function of `node:fs` threw while something was written. Gives anything else as it is:
 * that is a fault of harvgen.
 */
export function outputError(error: unknown, folder: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (!code || error instanceof OutputError) return error;
  const meaning = MEANINGS[code];
  return new OutputError(`${path ?? folder} cannot be written: ${meaning ? `${meaning} (${code})` : code}.`);
}
