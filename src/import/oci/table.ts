import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/source.ts';
import type { Span } from '../../values/spans.ts';
import { type Row, readTable } from '../formats/csv-table.ts';
import type { Sourced } from '../model/gathered.ts';

/** A value of a row as text; null for NULL in the database. */
export type Cell = Sourced<string | null>;

/** A row of the table `nodes` of oci-harvester: one machine. */
export interface OciRow {
  readonly ip: Cell;
  readonly install: Cell;
}

/** The positions of the columns, and whether the first row names them. */
interface Columns {
  readonly ip: number;
  readonly install: number;
  readonly isNamed: boolean;
}

const HELP =
  'use the rows as text: mysql --batch -e "SELECT * FROM nodes" harvester > nodes.tsv; or a table in CSV';

/** Other files of oci-harvester, by the beginning of the first line, with a message and help. */
const OTHER_FILES: readonly (readonly [RegExp, string, string])[] = [
  [
    /^(?:--|#(?!!)|\/\*|(?:INSERT|REPLACE|CREATE|DROP|USE|LOCK|UNLOCK|SET|START|BEGIN|ALTER|DELIMITER|TRUNCATE|COMMIT)\b)/i,
    'The file is SQL, such as a dump of the database: harvgen reads one row per line.',
    HELP,
  ],
  [
    /^(?:\+-|\||mysql>|MariaDB )/,
    'The file is a table with the frame that the client prints on a terminal: harvgen reads only rows without it.',
    HELP,
  ],
  [/^[[{]/, 'The file is JSON: harvgen reads one row per line.', HELP],
  [/^(?:<\?|#!ipxe)/, 'The file is a PHP page, such as boot.php: the table is in its database.', HELP],
  [
    /^(?:#!.*sh\b|(?:export\s+)?[A-Z_]+=)/,
    'The file is a shell script, such as launch.sh: harvgen reads it only in addition to the table.',
    'name the table first: harvgen import oci nodes.tsv --launch FILE',
  ],
];

/** Returns the rows of oci-harvester's table, as printed by `mysql --batch` or as CSV; undefined if it is invalid. */
export function readRows(source: Source, report: Report): readonly OciRow[] | undefined {
  const { text } = source;
  const [firstLine = ''] = text.trimStart().split('\n', 1);
  const other = OTHER_FILES.find(([form]) => form.test(firstLine));
  const table = other || text.includes('\0') ? undefined : readTable(source, report);
  const columns = table && columnsOf(table.head);
  if (!table || !columns) {
    showOnly(source, []);
    const [, message = 'The file is not a table with the columns ip and install.', help = HELP] = other ?? [];
    if (!report.failed)
      report.error({ code: 'not-oci-harvester', message, at: { source, start: 0, end: 0 }, help });
    return undefined;
  }
  const { ip, install, isNamed } = columns;
  const rows = isNamed ? table.rows : [table.head, ...table.rows];
  showOnly(source, shownOf(table.head, rows, columns));
  if (report.failed) return undefined;
  return rows.map((row) => ({ ip: cellOf(source, row, ip), install: cellOf(source, row, install) }));
}

/** Returns a cell; the client writes a missing value as NULL, the server as \N. */
function cellOf(source: Source, row: Row, column: number): Cell {
  const { text, start, end } = row[column] as Row[number];
  return { value: text === 'NULL' || text === '\\N' ? null : text, at: { source, start, end } };
}

/** Returns the columns, from their names in the first row, from a value that looks like an IP address, or as id, ip, install. */
function columnsOf(head: Row): Columns | undefined {
  const names = head.map(({ text }) => text.toLowerCase());
  const named = { ip: names.indexOf('ip'), install: names.indexOf('install'), isNamed: true };
  if (named.ip >= 0 && named.install >= 0) return named;
  const ip = names.findIndex((name) => /^[\da-f]*[.:][\da-f.:]+$/.test(name));
  if (ip >= 0 && head.length === 2) return { ip, install: 1 - ip, isNamed: false };
  return ip === 1 && head.length === 3 ? { ip, install: 2, isNamed: false } : undefined;
}

/** Returns the parts of a table that can be shown: without unknown columns, which can contain secrets. */
function shownOf(head: Row, rows: readonly Row[], { ip, install, isNamed }: Columns): Span[] {
  const lineOf = (row: Row) => ({ start: row[0]?.start ?? 0, end: row.at(-1)?.end ?? 0 });
  const columns = [ip, install].sort((a, b) => a - b);
  return [
    ...(isNamed ? [lineOf(head)] : []),
    ...rows.flatMap((row) => (head.length <= 3 ? lineOf(row) : columns.map((column) => row[column] as Span))),
  ];
}

/**
 * Hides a text in the lines that errors show, except the given pieces, which are known not to be secrets and are in the
 * order of the text. The rest of a table or script is unknown.
 */
export function showOnly(source: Source, pieces: readonly Span[]): void {
  let shownTo = 0;
  for (const { start, end } of [...pieces, { start: source.text.length, end: source.text.length }]) {
    // Separators of rows are not secrets.
    const from = shownTo + (/^[\s,;]*/.exec(source.text.slice(shownTo, start))?.[0].length ?? 0);
    if (from < start) source.conceal({ start: from, end: start });
    shownTo = Math.max(shownTo, end);
  }
}
