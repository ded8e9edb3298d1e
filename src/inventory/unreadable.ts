/**
 * Says why a file could not be read, by what reading it has thrown. Throws that again where it is no fault of a file.
 */
export function whyUnreadable(error: unknown): { readonly message: string; readonly help: string } {
  if (error instanceof Error && 'syscall' in error) {
    const { code } = error as NodeJS.ErrnoException;
    return { message: `The file cannot be read: ${code}.`, help: 'check its permissions' };
  }
  if (error instanceof TypeError) return { message: 'The file is not UTF-8.', help: 'save it as UTF-8' };
  throw error;
}
