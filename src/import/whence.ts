import { basename } from 'node:path';
import type { Place } from '../source/origin.ts';
import { quoteVisibly } from './visibly.ts';

/** More lines than this say no more than that it is in many places. */
const MOST_LINES = 8;

/** Gives the comment that says where values came from: `data.yaml:12`, or `line 12` of standard input. */
export function whence(places: readonly (Place | undefined)[]): string {
  const found = places.filter((place) => place !== undefined);
  const [first] = found;
  if (!first) return '';
  const lines = [...new Set(found.map(({ source, start }) => source.position(start).line))].sort(
    (a, b) => a - b,
  );
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines;
  const { file } = first.source;
  if (file === '-') return `${lines.length > 1 ? 'lines' : 'line'} ${shown.join(', ')}`;
  const name = basename(file);
  return `${/^[\w.-]+$/.test(name) ? name : quoteVisibly(name)}:${shown.join(', ')}`;
}
