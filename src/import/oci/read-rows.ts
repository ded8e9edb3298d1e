import type { Report } from '../../diagnostics/report.ts';
import type { Source } from '../../origin.ts';
import { isSql, readDump } from './read-dump.ts';
import { readTable } from './read-table.ts';
import type { OciRow } from './row.ts';

/**
 * Reads the rows of oci-harvester's table, in the order of the file: a dump of its database, or the rows as text. Which of
 * these it is, its first line says. Reports what cannot be read, and gives undefined then.
 */
export function readRows(source: Source, report: Report): readonly OciRow[] | undefined {
  return isSql(source.text) ? readDump(source, report) : readTable(source, report);
}
