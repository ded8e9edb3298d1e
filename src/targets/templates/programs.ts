import type { Writer } from './tags.ts';

/** The state of a program, with the names of Eta: the text so far, and the functions that quote and convert a value. */
interface State {
  readonly res: string;
  readonly e: Writer;
  readonly f: Writer;
}

/**
 * The built-in templates as functions, and the scripts without tags as texts, by name. The sources have none:
 * scripts/build-templates.mjs writes those of dist/.
 */
export const PROGRAMS: Readonly<Record<string, ((it: object, state: State) => string) | string>> = {};
