import { type Place, Source } from '../source/origin.ts';

/** Gives the place of a file as a whole, by its absolute path: for what is wrong with the file, not with a line of it. */
export function wholeFile(path: string): Place {
  return { source: new Source(path, ''), start: 0, end: 0 };
}
