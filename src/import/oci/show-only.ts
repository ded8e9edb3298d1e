import type { Source } from '../../origin.ts';

/** A piece of a text, as offsets: from `start` up to, but not with, `end`. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/**
 * Keeps all of a text from being shown beside a fault but the pieces that are known to be no secrets, which are in its
 * order: what else a dump of a database or a script holds is of nobody knows what.
 */
export function showOnly(source: Source, pieces: readonly Piece[]): void {
  let hiddenFrom = 0;
  for (const { start, end } of pieces) {
    const between = source.text.slice(hiddenFrom, start);
    if (/[^\s,;]/.test(between)) source.conceal({ start: hiddenFrom, end: start });
    hiddenFrom = Math.max(hiddenFrom, end);
  }
  if (hiddenFrom < source.text.length) source.conceal({ start: hiddenFrom, end: source.text.length });
}
