import { UNSURE } from './scalars.ts';

/** How a block scalar begins that is as most are: of the indentation of its first line, and with no line end, or one. */
const HEADER = /([|>])(-?) *\n/y;

/**
 * Reads the block scalar that begins at a place, and where it ends; its lines are further in than `indent`. Unsure where a line of
 * nothing but blanks is among them, where it says how it is indented, and where it keeps the empty lines behind it.
 */
export function blockScalar(
  text: string,
  at: number,
  indent: number,
): { readonly value: string; readonly end: number } {
  HEADER.lastIndex = at;
  const [, style, chomping] = HEADER.exec(text) ?? [];
  if (style === undefined) throw UNSURE;
  const lines: string[] = [];
  let inner = -1;
  let end = at;
  let filled = 0;
  for (let start = HEADER.lastIndex; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(start, newline < 0 ? text.length : newline);
    const column = line.search(/[^ ]/);
    if (column < 0 && line !== '') throw UNSURE;
    if (column >= 0) {
      if (inner < 0) inner = column;
      if (inner <= indent) throw UNSURE;
      if (column < inner) break;
      filled = lines.length + 1;
      end = next;
    }
    lines.push(line.slice(inner < 0 ? 0 : inner));
    start = next;
  }
  if (filled === 0) throw UNSURE;
  lines.length = filled;
  const value = style === '|' ? lines.join('\n') : folded(lines);
  return { value: value + (chomping === '' ? '\n' : ''), end };
}

/** Joins lines with a blank; those that are further in, and empty ones, keep their line ends. */
function folded(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line !== '');
  let value = '\n'.repeat(first);
  let separator = '';
  let wasIndented = false;
  for (const line of lines.slice(first)) {
    if (line.startsWith(' ')) {
      if (separator === ' ') separator = '\n';
      else if (!wasIndented && separator === '\n') separator = '\n\n';
      value += separator + line;
      separator = '\n';
      wasIndented = true;
    } else if (line === '') {
      if (separator === '\n') value += '\n';
      else separator = '\n';
    } else {
      value += separator + line;
      separator = ' ';
      wasIndented = false;
    }
  }
  return value;
}
