/** How long `verify` waits, in milliseconds: a server that sends a little now and then must not hold it. */
export interface Limits {
  /** Without a byte. */
  readonly silence: number;
  /** For a whole answer or handshake; a download of media must make progress in this time. */
  readonly whole: number;
}

export const LIMITS: Limits = { silence: 5000, whole: 30_000 };

/** Returns a time of a message. */
export const secondsOf = (milliseconds: number): string => `${milliseconds / 1000} seconds`;
