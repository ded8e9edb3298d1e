/** A replacement for a piece of a text, from `start` to `end` (exclusive). */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Returns a text with pieces replaced, in any order. The pieces must not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((result, { start, end, text: by }) => result.slice(0, start) + by + result.slice(end), text);
}

/** Returns the start of the line of an offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Returns the end of the line of an offset, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

/** Returns the line break of the line of an offset, or else of the previous line. */
export function lineBreak(text: string, offset: number): string {
  const after = text.indexOf('\n', offset);
  const at = after < 0 ? text.lastIndexOf('\n') : after;
  return text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** Whether only spaces precede an offset on its line. */
export function beginsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/** Returns the distance of an offset from the start of its line. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Returns the comment lines after an offset, up to the next line with other content. */
export function commentsAfter(
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
 * Returns the start of an item that starts its line, including the comments directly above it, in its column, without a blank
 * line. The first comment of a file belongs to the file. `floor` is the end of the previous item.
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

/** Returns the end of an item, including the comments below it that are indented deeper than its column. */
export function endWithComments(text: string, end: number, column: number): number {
  const comments = commentsAfter(text, end);
  const outer = comments.findIndex((comment) => comment.column <= column);
  return comments.slice(0, outer < 0 ? undefined : outer).at(-1)?.end ?? end;
}

/** Returns the splice that adds lines below the last line of a piece of the text. */
export function addLines(text: string, end: number, lines: readonly string[]): Splice {
  const eol = lineBreak(text, end);
  // A block scalar ends with its line break: the next line follows directly.
  if (end > 0 && text[end - 1] === '\n')
    return { start: end, end, text: lines.map((line) => line + eol).join('') };
  const at = lineEnd(text, end);
  return { start: at, end: at, text: lines.map((line) => eol + line).join('') };
}

/** Returns the splice that removes all lines of a piece of the text. */
export function removeLines(text: string, start: number, end: number): Splice {
  const from = lineStart(text, start);
  if (end > start && text[end - 1] === '\n') return { start: from, end, text: '' };
  const next = text.indexOf('\n', end);
  if (next >= 0) return { start: from, end: next + 1, text: '' };
  // The last line has no line break: removes the previous one, so that the text still ends without it.
  return { start: withoutBreaks(text.slice(0, from)).length, end: text.length, text: '' };
}

/** Returns a text without trailing line breaks and blank lines. */
export function withoutBreaks(text: string): string {
  return text.replace(/(?:\r?\n[ \t]*)+$/, '');
}
