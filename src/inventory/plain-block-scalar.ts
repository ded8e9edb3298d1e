import { UNSURE } from './plain-scalar.ts';

/** How a block scalar begins that is as most are: of the indentation of its first line, and with no line end, or one. */
const HEADER = /[|>]-? *\n/y;

/** A block scalar: what it stands for, and where it ends. */
export interface BlockScalar {
  readonly value: string;
  readonly end: number;
}

/**
 * Reads the block scalar that begins at a place; its lines are further in than `indent`. Unsure where a line of nothing
 * but blanks is among them, where it says how it is indented, and where it keeps the empty lines behind it.
 */
export function blockScalar(text: string, at: number, indent: number): BlockScalar {
  HEADER.lastIndex = at;
  if (!HEADER.test(text)) throw UNSURE;
  const start = HEADER.lastIndex;
  const lines: string[] = [];
  let inner = -1;
  let end = start;
  let filled = 0;
  for (let line = start; line < text.length; ) {
    const first = skipBlanks(text, line);
    const newline = text.indexOf('\n', first);
    const next = newline < 0 ? text.length : newline + 1;
    if (first === newline || first === text.length) {
      if (first > line) throw UNSURE;
      lines.push('');
    } else {
      const column = first - line;
      if (inner < 0) {
        if (column <= indent) throw UNSURE;
        inner = column;
      }
      if (column < inner) break;
      lines.push(text.slice(line + inner, newline < 0 ? text.length : newline));
      filled = lines.length;
      end = next;
    }
    line = next;
  }
  if (filled === 0) throw UNSURE;
  lines.length = filled;
  const ending = text[at + 1] === '-' ? '' : '\n';
  return { value: (text[at] === '|' ? lines.join('\n') : folded(lines)) + ending, end };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x20) at += 1;
  return at;
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
