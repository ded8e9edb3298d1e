import type { Source } from '../../source/origin.ts';

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
  let behind = 0;
  for (const { start, end } of [...pieces, { start: source.text.length, end: source.text.length }]) {
    // What separates rows is no secret.
    const from = behind + (/^[\s,;]*/.exec(source.text.slice(behind, start))?.[0].length ?? 0);
    if (from < start) source.conceal({ start: from, end: start });
    behind = Math.max(behind, end);
  }
}
