/** Thrown where files cannot be pinned. The message is for the user, and nothing has been written. */
export class PinError extends Error {
  /** Takes what is wrong and what to do about it. */
  constructor(message: string) {
    super(message);
    this.name = 'PinError';
  }
}
