/** What replaces a piece of a text: from `start` up to, but not with, `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Gives a text with pieces replaced. They must not overlap; their order does not matter. */
export function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((result, { start, end, text: by }) => result.slice(0, start) + by + result.slice(end), text);
}

/** Gives where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Gives where the line of an offset ends: before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

/** Gives the line break that the text has around an offset: that of its line, else of the one before. */
export function lineBreak(text: string, offset: number): string {
  const after = text.indexOf('\n', offset);
  const at = after < 0 ? text.lastIndexOf('\n') : after;
  return text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** Says whether nothing but blanks stands before an offset on its line. */
export function beginsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/** Gives how far an offset is from the beginning of its line. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Gives the comments that have lines of their own behind an offset, up to the next line that is none and not blank. */
export function commentsBehind(
  text: string,
  offset: number,
): { readonly column: number; readonly end: number }[] {
  const comments: { column: number; end: number }[] = [];
  const next = text.indexOf('\n', offset);
  let at = text[offset - 1] === '\n' ? offset : next < 0 ? text.length : next + 1;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    if (/^\s*#/.test(line)) comments.push({ column: line.indexOf('#'), end });
    else if (line.trim() !== '') break;
    const following = text.indexOf('\n', end);
    if (following < 0) break;
    at = following + 1;
  }
  return comments;
}

/**
 * Gives where what belongs to an item begins that begins its line: with the comments directly above it, in its column,
 * no blank line between. Those that a file begins with are about the file. `floor` is where what stands before it ends.
 */
export function startWithComments(text: string, start: number, floor = 0): number {
  const column = columnOf(text, start);
  const own = lineStart(text, start);
  let from = own;
  while (from > floor) {
    const above = lineStart(text, from - 1);
    const line = text.slice(above, from);
    if (above < floor || !/^\s*#/.test(line) || line.indexOf('#') !== column) return from;
    from = above;
  }
  return from === 0 ? own : from;
}

/** Gives where what belongs to an item ends: with the comments below it that are indented further than its column. */
export function endWithComments(text: string, end: number, column: number): number {
  const comments = commentsBehind(text, end);
  const outer = comments.findIndex((comment) => comment.column <= column);
  return comments.slice(0, outer < 0 ? undefined : outer).at(-1)?.end ?? end;
}

/** Gives the splice that adds lines below the one that a piece of the text ends on. */
export function addLines(text: string, end: number, lines: readonly string[]): Splice {
  const eol = lineBreak(text, end);
  // What ends with its line break, as block scalars do, is followed by the next line.
  if (end > 0 && text[end - 1] === '\n')
    return { start: end, end, text: lines.map((line) => line + eol).join('') };
  const at = lineEnd(text, end);
  return { start: at, end: at, text: lines.map((line) => eol + line).join('') };
}

/** Gives the splice that removes the whole lines that a piece of the text stands on. */
export function removeLines(text: string, start: number, end: number): Splice {
  const from = lineStart(text, start);
  if (end > start && text[end - 1] === '\n') return { start: from, end, text: '' };
  const next = text.indexOf('\n', end);
  if (next >= 0) return { start: from, end: next + 1, text: '' };
  // The last line has no break: that of the line before goes, so that there is still none.
  return { start: withoutBreaks(text.slice(0, from)).length, end: text.length, text: '' };
}

/** Gives a text without the line breaks and blank lines at its end. */
export function withoutBreaks(text: string): string {
  return text.replace(/(?:\r?\n[ \t]*)+$/, '');
}
