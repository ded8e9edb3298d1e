/** Thrown where the output cannot be written as it should. The message is for the user. */
export class OutputError extends Error {
  /** Takes what is wrong and what to do about it. */
  constructor(message: string) {
    super(message);
    this.name = 'OutputError';
  }
}
