import type { Report } from '../../source/diagnostics/report.ts';
import type { Span } from '../../source/likely.ts';
import type { Source } from '../../source/source.ts';
import { type Row, readTable } from '../formats/csv-table.ts';
import type { Sourced } from '../joined/gathered.ts';

/** A value of a row as text; null where the database has none. */
export type Cell = Sourced<string | null>;

/** A row of the table `nodes`: what oci-harvester knows of a machine. */
export interface OciRow {
  readonly ip: Cell;
  readonly install: Cell;
}

/** Where in a row the columns are, and whether the first row names them. */
interface Columns {
  readonly ip: number;
  readonly install: number;
  readonly isNamed: boolean;
}

const HELP =
  'give the rows as text: mysql --batch -e "SELECT * FROM nodes" harvester > nodes.tsv; or a table in CSV';

/** What else of oci-harvester's files people give, by how its first line begins: what it is, and what to do. */
const STRANGERS: readonly (readonly [RegExp, string, string])[] = [
  [
    /^(?:--|#(?!!)|\/\*|(?:INSERT|REPLACE|CREATE|DROP|USE|LOCK|UNLOCK|SET|START|BEGIN|ALTER|DELIMITER|TRUNCATE|COMMIT)\b)/i,
    'This is SQL, such as a dump of the database: the table is read from lines with a row each.',
    HELP,
  ],
  [
    /^(?:\+-|\||mysql>|MariaDB )/,
    'This is a table in the frame that the client draws on a terminal: the table is read without it.',
    HELP,
  ],
  [/^[[{]/, 'This is JSON: the table is read from lines with a row each.', HELP],
  [/^(?:<\?|#!ipxe)/, 'This is a page of PHP, such as boot.php: the table is in its database.', HELP],
  [
    /^(?:#!.*sh\b|(?:export\s+)?[A-Z_]+=)/,
    'This is a script of the shell, such as launch.sh: it goes beside the table.',
    'give the table first: harvgen import oci nodes.tsv --launch FILE',
  ],
];

/** Returns the rows of oci-harvester's table: as `mysql --batch` prints them, or as CSV; undefined where it cannot be read. */
export function readRows(source: Source, report: Report): readonly OciRow[] | undefined {
  const { text } = source;
  const [firstLine = ''] = text.trimStart().split('\n', 1);
  const stranger = STRANGERS.find(([form]) => form.test(firstLine));
  const table = stranger || text.includes('\0') ? undefined : readTable(source, report);
  const columns = table && columnsOf(table.head);
  if (!table || !columns) {
    showOnly(source, []);
    const [, message = 'This is no table with the columns ip and install.', help = HELP] = stranger ?? [];
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

/** The client writes a value that is not there as NULL, the server as \N. */
function cellOf(source: Source, row: Row, column: number): Cell {
  const { text, start, end } = row[column] as Row[number];
  return { value: text === 'NULL' || text === '\\N' ? null : text, at: { source, start, end } };
}

/** The columns by the first row: it names them, or of two the address is the one that looks like one, or they are id, ip, install. */
function columnsOf(head: Row): Columns | undefined {
  const names = head.map(({ text }) => text.toLowerCase());
  const named = { ip: names.indexOf('ip'), install: names.indexOf('install'), isNamed: true };
  if (named.ip >= 0 && named.install >= 0) return named;
  const ip = names.findIndex((name) => /^[\da-f]*[.:][\da-f.:]+$/.test(name));
  if (ip >= 0 && head.length === 2) return { ip, install: 1 - ip, isNamed: false };
  return ip === 1 && head.length === 3 ? { ip, install: 2, isNamed: false } : undefined;
}

/** What may be shown of a table: of one with columns of its own nobody knows what they hold. */
function shownOf(head: Row, rows: readonly Row[], { ip, install, isNamed }: Columns): Span[] {
  const lineOf = (row: Row) => ({ start: row[0]?.start ?? 0, end: row.at(-1)?.end ?? 0 });
  const columns = [ip, install].sort((a, b) => a - b);
  return [
    ...(isNamed ? [lineOf(head)] : []),
    ...rows.flatMap((row) => (head.length <= 3 ? lineOf(row) : columns.map((column) => row[column] as Span))),
  ];
}

/**
 * Keeps all of a text from being shown beside a fault but the pieces that are known to be no secrets, which are in its
 * order: what else a table or a script holds is of nobody knows what.
 */
export function showOnly(source: Source, pieces: readonly Span[]): void {
  let behind = 0;
  for (const { start, end } of [...pieces, { start: source.text.length, end: source.text.length }]) {
    // What separates rows is no secret.
    const from = behind + (/^[\s,;]*/.exec(source.text.slice(behind, start))?.[0].length ?? 0);
    if (from < start) source.conceal({ start: from, end: start });
    behind = Math.max(behind, end);
  }
}
