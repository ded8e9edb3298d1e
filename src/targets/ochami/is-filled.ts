import { marksOf } from '../../secrets/marks-of.ts';
import type { Site } from '../../site/model.ts';
import { markOf, marksIn } from '../../source/marks.ts';

/**
 * Says whether all secrets that are marked in a text are filled in where the site is served. One is not that a group refers to
 * and every node overrides: it would be handed out as a mark.
 */
export function isFilled(site: Site, text: string): boolean {
  const marks = marksIn(text);
  if (marks.length === 0) return true;
  const filled = new Set(marksOf(site).map(markOf));
  return marks.every((mark) => filled.has(markOf(mark)));
}
