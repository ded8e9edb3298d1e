/** Errors of Node.js for a file larger than one buffer or one string. */
const TOO_LARGE: readonly unknown[] = ['ERR_FS_FILE_TOO_LARGE', 'ERR_STRING_TOO_LONG'];

/** Returns why a file is unreadable, from the error that reading it threw. Throws that error again if the file is not the cause. */
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

/** Explanations of operating system error codes for reading a file. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'you have no permission to read it (EACCES)',
  EISDIR: 'it is a directory (EISDIR)',
  ELOOP: 'it is a link to itself (ELOOP)',
  ENOENT: 'there is no such file (ENOENT)',
  ENOTDIR: 'there is no such directory (ENOTDIR)',
};

/** Returns an explanation of an operating system error code for reading a file. */
export function meaningOf(code: string): string {
  return MEANINGS[code] ?? code;
}

/** Whether a read failed because the file does not exist, for example after it was listed. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
