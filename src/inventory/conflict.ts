import type { Place, Source } from '../source/origin.ts';

/** A line that git writes between the two sides of a conflict: seven signs at its very beginning. */
const MARK = /^(?:(?:<{7}|\|{7}|>{7}) .*|={7})$/m;

/**
 * Gives the first line of a text that git has written to mark a merge conflict. To be asked of what is not YAML: in what
 * is, such a line stands in a comment or in a block of text.
 */
export function conflictMark(source: Source): Place | undefined {
  const found = MARK.exec(source.text);
  return found ? { source, start: found.index, end: found.index + found[0].length } : undefined;
}
