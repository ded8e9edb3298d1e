import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/source.ts';
import type { Span } from '../../values/spans.ts';
import type { Piece } from './file-reader.ts';

/** A row of a table: its cells without quotes and surrounding blanks. */
export type Row = readonly Piece[];

/** A table; its first row names the columns. */
export interface Table {
  readonly head: Row;
  readonly rows: readonly Row[];
  /** The rows whose cells cannot be assigned to columns. */
  readonly faulty: readonly Span[];
}

const SEPARATORS = [',', ';', '\t', '|'];

/** The line that Excel writes before the header if the separator is not the local default. */
const SEPARATOR_LINE = /^\ufeff?sep=(.)\r?\n/i;

/**
 * Reads a table as spreadsheets write it (RFC 4180 and its variants). The separator is a comma, semicolon, tab or bar:
 * the most frequent one in the header. Quotes within quotes are doubled. Empty lines, and lines that begin with #, are skipped.
 * Reports unclosed quotes, and rows whose length differs from the header; returns undefined for a table without a header.
 */
export function readTable(source: Source, report: Report): Table | undefined {
  const { text } = source;
  const [line = '', declared] = SEPARATOR_LINE.exec(text) ?? [];
  let at = line === '' && text.startsWith('\ufeff') ? 1 : line.length;
  let separator = declared;
  let head: Row | undefined;
  const rows: Row[] = [];
  const faulty: Span[] = [];
  while (at < text.length) {
    const end = endOfLine(text, at);
    const first = text.slice(at, end).trim();
    // A spreadsheet can quote a comment; but the header can also begin with #.
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
    // Spreadsheets write empty cells after the last column, so these are accepted.
    else if (cells.length < head.length || cells.slice(head.length).some((cell) => cell.text !== '')) {
      faulty.push(span);
      const [start, last] = [cells[0]?.start ?? 0, cells.at(-1)?.end ?? 0];
      report.error({
        code: 'import-syntax',
        message: `The row has ${counted(cells, 'cell')}, but the header names ${counted(head, 'column')}.`,
        at: { source, start, end: Math.max(last, start + 1) },
        help: 'write a cell for each column, even if empty; quote a cell that contains a separator',
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
  const counts = SEPARATORS.map((separator) => bare.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

/** Reads the cells of a row, in which a quoted cell can contain line ends. Returns no cells if it reports an error. */
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
  const form = cellForm(separator);
  for (form.lastIndex = from; ; form.lastIndex += 1) {
    const at = form.lastIndex;
    const [, blanks = '', quoted, close, raw = ''] = form.exec(text) ?? [];
    const end = form.lastIndex;
    const start = at + blanks.length;
    if (close === '') {
      const help = 'close the quote; write a quote within quotes twice';
      refuse('This cell has no closing quote.', start, endOfLine(text, at), help);
      // The rest of the file would be within the quotes.
      return { next: text.length };
    }
    const cell = { start, end: start + (quoted === undefined ? raw.trimEnd().length : quoted.length + 2) };
    const isEnd = end === text.length || text[end] === '\n';
    if (!isEnd && text[end] !== separator) {
      const message = 'The cell contains other text after its closing quote.';
      refuse(message, cell.end, end + 1, 'write a quote within quotes twice');
      return { next: endOfLine(text, end) + 1 };
    }
    cells.push({ text: plain(quoted?.replaceAll('""', '"') ?? raw), ...cell });
    if (isEnd) return { cells, next: end + 1 };
  }
}

/** Returns the sticky form of a cell with its leading blanks: its quoted text and closing quote, or its plain text. */
function cellForm(separator: string): RegExp {
  const other = `(?!\\u${separator.charCodeAt(0).toString(16).padStart(4, '0')})`;
  return new RegExp(
    `((?:${other}[ \\t\\u00a0])*)(?:"((?:[^"]+|"")*)("?)(?:${other}[^\\S\\n]*)?|((?:${other}[^\\n])*))`,
    'y',
  );
}

/** Removes the form in which Excel keeps a text from becoming a number: `="0123"`. */
function plain(text: string): string {
  return text
    .replace(/^="(.*)"$/s, '$1')
    .replaceAll('\u00a0', ' ')
    .trim();
}
