import type { Source } from '../../source/source.ts';
import { textBesideCode } from '../../values/package.ts';
import { escapeControlChars } from '../../values/text.ts';
import { type Row, readTable } from '../formats/csv-table.ts';
import type { Sourced } from '../model/gathered.ts';
import { type Findings, listed } from '../model/notes.ts';
import { showOnly } from '../model/secrets.ts';

/** What oci-harvester.json beside this file contains. */
interface OciHarvester {
  readonly files: readonly { readonly form: string; readonly what: string; readonly help?: string }[];
  readonly rows: Readonly<
    Record<string, { readonly as: string; readonly text: string; readonly help?: string }>
  >;
  readonly notes: Readonly<Record<string, string>>;
  readonly launch: {
    readonly settings: readonly {
      readonly key: string;
      readonly option?: string;
      readonly variable?: string;
    }[];
    readonly short: Readonly<Record<string, string>>;
    readonly set: readonly string[];
    readonly texts: Readonly<Record<'differs' | 'unknown' | 'expression' | 'literal' | 'region', string>>;
  };
}

let read: OciHarvester | undefined;

/** Returns the facts about oci-harvester, which few commands need: reads them once. */
export function ociHarvester(): OciHarvester {
  read ??= JSON.parse(textBesideCode('import/oci/oci-harvester.json')) as OciHarvester;
  return read;
}

/** Returns a text with values in the place of their names in braces. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** Maximum number of items to list per error. */
export const MOST = 8;

/** Returns different texts as a list of limited length: `a, b and 7 more`. */
export function shortList(texts: readonly string[]): string {
  const short = [...new Set(texts)].map((text) => escapeControlChars(text).slice(0, 60));
  return listed(short, MOST);
}

/** A value of a row as text; null for NULL in the database. */
export type Cell = Sourced<string | null>;

/** A row of the table `nodes` of oci-harvester: one machine. */
export interface OciRow {
  readonly ip: Cell;
  readonly install: Cell;
}

/** Returns the rows of oci-harvester's table, as printed by `mysql --batch` or as CSV; undefined if it is invalid. */
export function readRows(source: Source, { report, notes }: Findings): readonly OciRow[] | undefined {
  const { text } = source;
  const [firstLine = ''] = text.trimStart().split('\n', 1);
  const other = ociHarvester().files.find(({ form }) => new RegExp(form, 'i').test(firstLine));
  const table = other || text.includes('\0') ? undefined : readTable(source, report);
  const columns = table && columnsOf(table.head);
  if (!table || !columns) {
    showOnly(source, []);
    const { what = 'not a table with the columns ip and install', help = TO_EXPORT } = other ?? {};
    const message = `The file is ${what}: harvgen reads one row per line.`;
    if (!report.failed)
      report.error({ code: 'not-oci-harvester', message, at: { source, start: 0, end: 0 }, help });
    return undefined;
  }
  const { ip, install, isNamed } = columns;
  const rows = isNamed ? table.rows : [table.head, ...table.rows];
  const others = isNamed ? table.head.filter(({ text }) => !/^(?:id|ip|install)?$/i.test(text)) : [];
  for (const { text, start, end } of others)
    notes.left({ value: text, at: { source, start, end } }, 'another column than ip and install');
  // Other columns can contain secrets.
  const isKnown = (_: unknown, index: number) => table.head.length <= 3 || index === ip || index === install;
  showOnly(source, [...(isNamed ? table.head : []), ...rows.flatMap((row) => row.filter(isKnown))]);
  // The client writes a missing value as NULL, the server as \N.
  const cellOf = (row: Row, column: number): Cell => {
    const { text, start, end } = row[column] as Row[number];
    return { value: /^(?:NULL|\\N)$/.test(text) ? null : text, at: { source, start, end } };
  };
  return report.failed
    ? undefined
    : rows.map((row) => ({ ip: cellOf(row, ip), install: cellOf(row, install) }));
}

const TO_EXPORT =
  'use the rows as text: mysql --batch -e "SELECT * FROM nodes" harvester > nodes.tsv; or a table in CSV';

/** Returns the columns, from their names in the first row, from a value that looks like an IP address, or as id, ip, install. */
function columnsOf(head: Row) {
  const names = head.map(({ text }) => text.toLowerCase());
  const named = { ip: names.indexOf('ip'), install: names.indexOf('install'), isNamed: true };
  if (named.ip >= 0 && named.install >= 0) return named;
  const ip = names.findIndex((name) => /^[\da-f]*[.:][\da-f.:]+$/.test(name));
  if (ip >= 0 && head.length === 2) return { ip, install: 1 - ip, isNamed: false };
  return ip === 1 && head.length === 3 ? { ip, install: 2, isNamed: false } : undefined;
}
