import type { Place, Source } from '../../source/origin.ts';

/** A value of a row as text; null where the database has none. */
export interface Cell {
  readonly value: string | null;
  readonly at: Place;
}

/** A row of the table `nodes`: what oci-harvester knows of a machine. */
export interface OciRow {
  readonly ip: Cell;
  readonly install: Cell;
}

/** Makes a cell of a piece of a file. */
export function cellAt(source: Source, value: string | null, start: number, end: number): Cell {
  return { value, at: { source, start, end } };
}
