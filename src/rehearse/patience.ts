/** The longest wait for a server or a machine, in milliseconds. Only a failure takes as long: a busy host can be ten times slower. */
export const PATIENCE = 15 * 60_000;

/** The longest wait for the next line of a server's log until it serves, in milliseconds. */
export const QUIET = 30_000;
