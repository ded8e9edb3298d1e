import { placeKey, rangeAt } from '../origin.ts';
import type { Diagnostic } from './diagnostic.ts';

/** Of how many nodes of a range the same is said. */
const MOST = 3;

/**
 * Gives sorted diagnostics without most of those that are the same fault, said of one node of a range after the other:
 * the last of the first few tells how many more there are.
 */
export function foldRanges(sorted: readonly Diagnostic[]): Diagnostic[] {
  const counts = new Map<string, number>();
  for (const diagnostic of sorted) {
    const key = keyOf(diagnostic);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const met = new Map<string, number>();
  return sorted.flatMap((diagnostic) => {
    const key = keyOf(diagnostic);
    const count = (key !== undefined && counts.get(key)) || 0;
    // One more would take no less room.
    if (key === undefined || count <= MOST + 1) return diagnostic;
    const index = (met.get(key) ?? 0) + 1;
    met.set(key, index);
    if (index < MOST) return diagnostic;
    const more = `So it is with ${count - MOST} more of ${rangeOf(diagnostic)}.`;
    return index === MOST ? { ...diagnostic, message: `${diagnostic.message} ${more}` } : [];
  });
}

/** Gives the range of nodes that a diagnostic is about one of, if it is. */
export function rangeOf({ range, at }: Diagnostic): string | undefined {
  return range ?? rangeAt(at);
}

/** What is the same for the same fault of each node of a range; undefined for what is of none. */
function keyOf(diagnostic: Diagnostic): string | undefined {
  const range = rangeOf(diagnostic);
  return range === undefined ? undefined : `${diagnostic.code} ${placeKey(diagnostic.at)} ${range}`;
}
