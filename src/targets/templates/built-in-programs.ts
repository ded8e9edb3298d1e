/** What writes text as it is quoted in a template's syntax, and text that is quoted already. */
export type Write = (value: unknown) => string;

/** A built-in template as a function: gives what it writes of `it`. Throws what its code, or what writes, throws. */
export type Program = (it: object, quoted: Write, raw: Write) => string;

/**
 * The programs of the built-in templates, by their names: the build puts them in the place of this, so that no command
 * compiles a template as it starts. As sources there are none.
 */
export const PROGRAMS: Readonly<Record<string, Program>> = {};
