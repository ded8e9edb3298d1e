/** Thrown for a wrong command line: the exit code is 2. */
export class UsageError extends Error {
  /** Takes what is wrong. */
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
