import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import { firstLine, isSql } from './is-sql.ts';
import { readDump } from './read-dump.ts';
import { readTable } from './read-table.ts';
import type { OciRow } from './row.ts';
import { showOnly } from './show-only.ts';

/**
 * Reads the rows of oci-harvester's table, in the order of the file: a dump of its database, or the rows as text. Which of
 * these it is, its first line says. Reports what cannot be read, and gives undefined then.
 */
export function readRows(source: Source, report: Report): readonly OciRow[] | undefined {
  const option = optionFor(source.text);
  if (option === undefined) return isSql(source.text) ? readDump(source, report) : readTable(source, report);
  showOnly(source, []);
  report.error({
    code: 'not-oci-harvester',
    message: `This is ${option === '--boot-php' ? 'a page of PHP, such as boot.php' : 'a script of the shell, such as launch.sh'}: it goes beside the table.`,
    at: { source, start: 0, end: 0 },
    help: `give the table first: harvgen import oci nodes.sql ${option} FILE`,
  });
  return undefined;
}

/** boot.php begins with what iPXE takes for a script, launch.sh with its shell, or its first variable. */
function optionFor(text: string): '--boot-php' | '--launch' | undefined {
  const line = firstLine(text);
  if (/^<\?/.test(line) || (/^#!ipxe/.test(line) && text.includes('<?php'))) return '--boot-php';
  return /^#!.*sh\b|^(?:export\s+)?[A-Z_]+=/.test(line) ? '--launch' : undefined;
}
