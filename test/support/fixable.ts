/** The codes of the diagnostics that have a fix, in at least one of their cases. */
export const FIXABLE: ReadonlySet<string> = new Set([]);
