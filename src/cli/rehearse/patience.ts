/** The longest wait of a test for anything, in milliseconds. Only a failure takes as long: a busy host can be ten times slower. */
export const PATIENCE = 15 * 60_000;
