/** The longest wait for a server or a machine, in milliseconds. Only a failure takes as long: a busy host can be ten times slower. */
export const PATIENCE = 15 * 60_000;
