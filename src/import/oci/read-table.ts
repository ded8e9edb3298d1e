import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import { ReadingFault, readOrReport } from './fault.ts';
import { cellAt, type OciRow } from './row.ts';
import { type Piece, showOnly } from './show-only.ts';

/** A piece of a line, and what it says: null where the database has no value. */
interface Field extends Piece {
  readonly value: string | null;
}

/** Where in a line the columns stand. */
interface Columns {
  readonly ip: number;
  readonly install: number;
  readonly count: number;
}

type Split = (line: Piece, text: string) => Field[];

/** What the client of MySQL prints around rows: borders, its prompt with what was typed, how long it took, warnings. */
const AROUND =
  /^(?:\s*|\+[-+]+\+|(?:mysql|mysqldump|mariadb): .*|\[?Warning\b.*|(?:mysql|MariaDB \[[^\]]*\])> ?.*|\s+-> .*|\d+ rows? in set.*|Empty set.*|Bye)$/;

const HELP =
  'give a dump of its database, or the rows as text: mysql --batch -e "SELECT ip, install FROM nodes" harvester > nodes.tsv';

/**
 * Reads the rows of `SELECT ip, install FROM nodes` as text: separated by tabs (`mysql --batch`), commas or semicolons, or in
 * the frame that the client draws on a terminal; with the names of the columns or without. Reports what cannot be read,
 * and gives undefined then.
 */
export function readTable(source: Source, report: Report): readonly OciRow[] | undefined {
  const shown: Piece[] = [];
  const rows = readOrReport(source, report, () => rowsOf(source, shown));
  showOnly(source, shown);
  return rows;
}

function rowsOf(source: Source, shown: Piece[]): OciRow[] {
  const { text } = source;
  if (text.includes('\0'))
    throw new ReadingFault(
      'This is no text: it has characters that no table has.',
      { start: 0, end: 0 },
      HELP,
      'not-oci-harvester',
    );
  const [first, ...others] = linesOf(text);
  if (!first) {
    if (/^Empty set/m.test(text)) return [];
    throw new ReadingFault('The file has no row.', { start: 0, end: 0 }, HELP, 'not-oci-harvester');
  }
  if (/^[[{]/.test(text.slice(first.start, first.end)))
    throw new ReadingFault(
      'This is JSON: the table is read from SQL, or from lines with a row each.',
      { start: first.start, end: first.start },
      HELP,
      'not-oci-harvester',
    );
  const split = splitterFor(text.slice(first.start, first.end));
  const head = split(first, text);
  const named = columnsNamed(head);
  const columns = named ?? columnsGuessed(head);
  if (!columns)
    throw new ReadingFault(
      'This is neither a dump nor a table with the columns ip and install.',
      { start: first.start, end: first.start },
      HELP,
      'not-oci-harvester',
    );
  // Of a table with columns of its own nobody knows what they hold.
  const isKnown = columns.count <= 3;
  if (isKnown || named) shown.push(first);
  return (named ? others : [first, ...others]).map((line) => {
    const fields = split(line, text);
    const ip = fields[columns.ip];
    const install = fields[columns.install];
    if (!ip || !install || fields.length !== columns.count)
      throw new ReadingFault(
        `This line has ${fields.length} ${fields.length === 1 ? 'column' : 'columns'}, and the first line ${columns.count}.`,
        line,
        'correct the line, or write the table again',
      );
    if (isKnown) shown.push(line);
    else
      for (const { start, end } of [ip, install].sort((a, b) => a.start - b.start))
        shown.push({ start, end });
    return {
      ip: cellAt(source, ip.value, ip.start, ip.end),
      install: cellAt(source, install.value, install.start, install.end),
    };
  });
}

function linesOf(text: string): Piece[] {
  const lines: Piece[] = [];
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline + 1;
    let end = newline < 0 ? text.length : newline;
    if (text[end - 1] === '\r') end -= 1;
    if (!AROUND.test(text.slice(start, end))) lines.push({ start, end });
    start = next;
  }
  return lines;
}

function splitterFor(line: string): Split {
  if (line.startsWith('|')) return inFrame;
  const separator = ['\t', ';', ','].find((one) => line.includes(one));
  return separator === undefined ? byBlanks : separatedBy(separator);
}

/** `| 10.0.10.7 |       0 |` */
const inFrame: Split = ({ start, end }, text) => {
  const line = text.slice(start, end);
  const inner = line.replace(/^\||\|\s*$/g, '');
  let at = start + 1;
  return inner.split('|').map((cell) => {
    const from = at + cell.length - cell.trimStart().length;
    at += cell.length + 1;
    return fieldOf(cell.trim(), from);
  });
};

/** Tabs that a terminal has shown as blanks. */
const byBlanks: Split = ({ start, end }, text) =>
  Array.from(text.slice(start, end).matchAll(/\S+/g), ({ index, 0: cell }) => fieldOf(cell, start + index));

function separatedBy(separator: string): Split {
  return ({ start, end }, text) => {
    const fields: Field[] = [];
    for (let at = start; at <= end; ) {
      const quote = /^[ ]*(["'])/.exec(text.slice(at, Math.min(at + 20, end)))?.[1];
      const field = quote === undefined ? plain(text, at, end, separator) : quoted(text, at, end, quote);
      refuseBehind(field, text, end, separator);
      fields.push(field);
      const next = text.indexOf(separator, field.next);
      at = next < 0 || next >= end ? end + 1 : next + 1;
    }
    return fields;
  };
}

/** Behind a value in quotes comes the separator or the end of the line, and blanks at most before that. */
function refuseBehind(
  { next }: { readonly next: number },
  text: string,
  lineEnd: number,
  separator: string,
): void {
  let at = next;
  while (at < lineEnd && text[at] === ' ') at += 1;
  if (at >= lineEnd || text[at] === separator) return;
  throw new ReadingFault(
    'Behind the closing quote comes something else than the end of the column.',
    { start: next, end: at + 1 },
    'correct the line, or write the table again',
  );
}

function plain(text: string, start: number, lineEnd: number, separator: string): Field & { next: number } {
  const next = text.indexOf(separator, start);
  const end = next < 0 || next > lineEnd ? lineEnd : next;
  const cell = text.slice(start, end);
  const from = start + cell.length - cell.trimStart().length;
  return { ...fieldOf(cell.trim(), from), next: end };
}

/** `"10.0.10.7"`, with quotes in it written twice. */
function quoted(text: string, start: number, lineEnd: number, quote: string): Field & { next: number } {
  const from = text.indexOf(quote, start);
  let at = from + 1;
  for (;;) {
    const end = text.indexOf(quote, at);
    if (end < 0 || end >= lineEnd)
      throw new ReadingFault(
        'This has no closing quote on its line.',
        { start: from, end: from + 1 },
        'close it; a row is one line',
      );
    if (text[end + 1] !== quote) {
      const value = text.slice(from + 1, end).replaceAll(quote + quote, quote);
      return { value, start: from, end: end + 1, next: end + 1 };
    }
    at = end + 2;
  }
}

/** The client writes a value that is not there as NULL, a dump of the server as \N. */
function fieldOf(cell: string, start: number): Field {
  const value = cell === 'NULL' || cell === '\\N' ? null : cell;
  return { value, start, end: start + cell.length };
}

/** The columns by a first line that names them. */
function columnsNamed(head: readonly Field[]): Columns | undefined {
  const names = head.map(({ value }) => value?.trim().toLowerCase());
  const ip = names.indexOf('ip');
  const install = names.indexOf('install');
  return ip < 0 || install < 0 ? undefined : { ip, install, count: head.length };
}

/** The columns by a first row: of two, the address is the one that looks like one; of three, they are those of the table. */
function columnsGuessed(head: readonly Field[]): Columns | undefined {
  const ip = head.findIndex(({ value }) => /^[\da-f]*[.:][\da-f.:]+$/i.test(value ?? ''));
  if (ip < 0) return undefined;
  if (head.length === 2) return { ip, install: 1 - ip, count: 2 };
  return head.length === 3 && ip === 1 ? { ip, install: 2, count: 3 } : undefined;
}
