import type { Place } from '../source/origin.ts';
import { visible } from '../values/quoting/visible.ts';
import type { ImportNote } from './kind.ts';

/** Collects what a person must know of the way over. What many nodes share is said once for each place. */
export class Notes {
  readonly #notes = new Map<string, ImportNote>();

  /** Adds a note, with what would drive a terminal made visible; its place is undefined for what the file does not say. */
  add(kind: ImportNote['kind'], of: string, text: string, at?: Place): void {
    const key = [kind, at?.source.file ?? '', at?.start ?? '', of, text].join('\0');
    if (!this.#notes.has(key)) this.#notes.set(key, { kind, at, of: visible(of), text: visible(text) });
  }

  /**
   * Gives the notes in the order of the file, of several one after the other by name; what it does not say comes last, in the
   * order of its coming.
   */
  sorted(): ImportNote[] {
    return [...this.#notes.values()].sort((a, b) => byFile(a, b) || orderOf(a) - orderOf(b));
  }
}

function byFile({ at: one }: ImportNote, { at: other }: ImportNote): number {
  if (!one || !other || one.source.file === other.source.file) return 0;
  return one.source.file < other.source.file ? -1 : 1;
}

/** Where a note stands among others: by its place in the file. */
export function orderOf({ at }: ImportNote): number {
  return at?.start ?? Number.MAX_SAFE_INTEGER;
}
