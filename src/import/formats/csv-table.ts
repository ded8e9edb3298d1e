import type { Report } from '../../source/diagnostics/report.ts';
import type { Span } from '../../source/likely.ts';
import type { Source } from '../../source/source.ts';
import type { Piece } from './file-reader.ts';

/** A row of a table, its cells without quotes and the blanks around them. */
export type Row = readonly Piece[];

/** A table: its first row names the columns. */
export interface Table {
  readonly head: Row;
  readonly rows: readonly Row[];
  /** The rows of which nobody can tell which cell is of which column. */
  readonly faulty: readonly Span[];
}

const SEPARATORS = [',', ';', '\t', '|'];

/** What Excel writes before the head, where the separator is not that of the country. */
const SEPARATOR_LINE = /^\ufeff?sep=(.)\r?\n/i;

/**
 * Reads a table as spreadsheets write it (RFC 4180, and what they make of it): separated by commas, semicolons, tabs or
 * bars, whichever the head has most of; quotes within quotes twice; lines that are empty, or begin with #, are passed over.
 * Reports quotes without an end, and rows of another length than the head; gives undefined for a table without a head.
 */
export function readTable(source: Source, report: Report): Table | undefined {
  const { text } = source;
  const [line = '', said] = SEPARATOR_LINE.exec(text) ?? [];
  let at = line === '' && text.startsWith('\ufeff') ? 1 : line.length;
  let separator = said;
  let head: Row | undefined;
  const rows: Row[] = [];
  const faulty: Span[] = [];
  while (at < text.length) {
    const end = endOfLine(text, at);
    const first = text.slice(at, end).trim();
    // A spreadsheet quotes a comment, or it is the head with a mark before it.
    if (first === '' || (/^"?#/.test(first) && !(head === undefined && isHead(first)))) {
      at = end + 1;
      continue;
    }
    separator ??= separatorOf(first);
    const { cells, next } = readRow(source, at, separator, report);
    const span = { start: at, end: next };
    at = next;
    if (!cells) faulty.push(span);
    else if (cells.every((cell) => cell.text === '')) continue;
    else if (!head) head = cells.map((cell) => ({ ...cell, text: cell.text.replace(/^#\s*/, '') }));
    // Empty cells behind the last column are no fault: spreadsheets write them.
    else if (cells.length < head.length || cells.slice(head.length).some((cell) => cell.text !== '')) {
      faulty.push(span);
      const [start, last] = [cells[0]?.start ?? 0, cells.at(-1)?.end ?? 0];
      report.error({
        code: 'import-syntax',
        message: `The row has ${counted(cells, 'cell')}, and the head names ${counted(head, 'column')}.`,
        at: { source, start, end: Math.max(last, start + 1) },
        help: 'write a cell for each column, empty ones too; a cell with a separator in it stands in quotes',
      });
    } else rows.push(cells);
  }
  return head && { head, rows, faulty };
}

function isHead(line: string): boolean {
  return /[,;\t|]/.test(line) && /\b(?:mac|ip|name|hostname|xname)/i.test(line);
}

function counted({ length }: Row, what: string): string {
  return length === 1 ? `one ${what}` : `${length} ${what}s`;
}

function separatorOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = SEPARATORS.map((one) => bare.split(one).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

/** Reads the cells from a place on: a cell in quotes may hold line ends. Without cells where a fault was reported. */
function readRow(
  source: Source,
  from: number,
  separator: string,
  report: Report,
): { readonly cells?: Row; readonly next: number } {
  const { text } = source;
  const cells: Piece[] = [];
  const refuse = (message: string, start: number, end: number, help: string) =>
    report.error({ code: 'import-syntax', message, at: { source, start, end }, help });
  for (let at = from; ; ) {
    const lineEnd = endOfLine(text, at);
    let start = at;
    while (start < lineEnd && text[start] !== separator && /[ \t\u00a0]/.test(text[start] as string))
      start += 1;
    let end: number;
    if (text[start] === '"') {
      const close = endOfQuoted(text, start);
      if (close === undefined) {
        refuse(
          'This cell has no closing quote.',
          start,
          lineEnd,
          'close it; a quote within quotes is written twice',
        );
        // All that follows would be in the quotes.
        return { next: text.length };
      }
      const behind = /^[^\S\n]*/.exec(text.slice(close, endOfLine(text, close)))?.[0].length ?? 0;
      end = close + (text[close] === separator ? 0 : behind);
      if (end < text.length && text[end] !== separator && text[end] !== '\n') {
        const message = 'Behind the closing quote comes something else than the end of the cell.';
        refuse(message, close, end + 1, 'a quote within quotes is written twice');
        return { next: endOfLine(text, end) + 1 };
      }
      cells.push({ text: plain(text.slice(start + 1, close - 1).replaceAll('""', '"')), start, end: close });
    } else {
      const next = text.indexOf(separator, start);
      end = next < 0 || next > lineEnd ? lineEnd : next;
      const raw = text.slice(start, end);
      cells.push({ text: plain(raw), start, end: start + raw.trimEnd().length });
    }
    if (text[end] !== separator) return { cells, next: endOfLine(text, end) + 1 };
    at = end + 1;
  }
}

/** What Excel writes to keep a text from becoming a number: `="0123"`. */
function plain(text: string): string {
  return text
    .replace(/^="(.*)"$/s, '$1')
    .replaceAll('\u00a0', ' ')
    .trim();
}

function endOfQuoted(text: string, start: number): number | undefined {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at + 1;
  return undefined;
}
