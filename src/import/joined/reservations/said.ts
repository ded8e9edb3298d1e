import type { Source } from '../../../source/origin.ts';
import type { Said } from '../gathered.ts';

/** A piece of a file: its text as it counts there, and from where to where it is written. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Gives a fact that a piece of a file says; its text unless another value is given. */
export function saidBy(source: Source, piece: Piece): Said<string>;
export function saidBy<T>(source: Source, piece: Omit<Piece, 'text'>, value: T): Said<T>;
export function saidBy<T>(
  source: Source,
  { start, end, text }: Omit<Piece, 'text'> & { readonly text?: string },
  value?: T,
): Said<T | string> {
  return { value: value ?? text ?? '', at: { source, start, end } };
}
