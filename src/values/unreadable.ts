/** What reading throws where a file is more than Node.js takes into one buffer, or into one text. */
const TOO_LARGE: readonly unknown[] = ['ERR_FS_FILE_TOO_LARGE', 'ERR_STRING_TOO_LONG'];

/**
 * Says why a file could not be read, by what reading it has thrown. Throws that again where it is no fault of a file.
 */
export function whyUnreadable(error: unknown): { readonly message: string; readonly help: string } {
  if (error instanceof Error && 'syscall' in error) {
    const { code } = error as NodeJS.ErrnoException;
    return { message: `The file cannot be read: ${code}.`, help: 'check its permissions' };
  }
  if (TOO_LARGE.includes((error as NodeJS.ErrnoException).code))
    return { message: 'The file is too large to be read.', help: 'shorten it' };
  if (error instanceof TypeError) return { message: 'The file is not UTF-8.', help: 'save it as UTF-8' };
  throw error;
}

/** What the codes of the operating system mean to somebody who wants a file read. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'it is not yours to read (EACCES)',
  EISDIR: 'it is a folder (EISDIR)',
  ELOOP: 'it is a link that leads to itself (ELOOP)',
  ENOENT: 'there is no such file (ENOENT)',
  ENOTDIR: 'there is no such folder (ENOTDIR)',
};

/** Says what a code of the operating system means to somebody who wants a file read. */
export function meaningOf(code: string): string {
  return MEANINGS[code] ?? code;
}

/** Says whether reading has thrown since nothing is there: any more, where it has just been listed. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
