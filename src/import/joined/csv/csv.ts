import { Report } from '../../../source/diagnostics/report.ts';
import { Source } from '../../../source/origin.ts';
import { isSecretKey } from '../../../values/secret-key.ts';
import { quoteVisibly } from '../../names.ts';
import { Notes } from '../../notes.ts';
import type { GatheredMachine } from '../gathered.ts';
import type { JoinedKind } from '../kind.ts';
import { Cells } from './cells.ts';
import { type Column, columnsOf, tellOfMachines } from './columns.ts';
import { machineOfRow } from './machine.ts';
import { Networks } from './networks.ts';
import { type Row, readTable, type Table } from './read-table.ts';

/** A table of machines, as spreadsheets write it. */
export const csv: JoinedKind = {
  name: 'csv',
  what: 'a table of machines, whose first row names the columns: name, mac, ip, xname, nid, groups, bmc_ip, …',
  isLike({ text, file }) {
    const head = readTable(new Source(file, text.slice(0, BEGINNING)), new Report())?.head ?? [];
    return head.length > 1 && columnsOf(head).length > 1 && tellOfMachines(columnsOf(head));
  },
  read(source, report) {
    const own = new Report();
    const table = readTable(source, own);
    const columns = columnsOf(table?.head ?? []);
    if (table) concealSecrets(source, table);
    if (!table || !tellOfMachines(columns)) {
      const [first] = table?.head ?? [];
      report.error({
        code: 'import-kind',
        message: table
          ? 'No column of this table is one that a machine is known by.'
          : 'The table has no row that names its columns.',
        at: { source, start: first?.start ?? 0, end: table?.head.at(-1)?.end ?? 0 },
        help: 'name the columns in the first row, such as name,mac,ip,xname,nid,groups,bmc_ip,bmc_mac',
      });
      return undefined;
    }
    report.with(own);
    const notes = new Notes();
    noteColumns(source, table, columns, notes);
    const networks = new Networks(notes);
    const machines: GatheredMachine[] = [];
    for (const row of table.rows) {
      const cells = new Cells(source, row, columns, notes, report);
      const start = row[0]?.start ?? 0;
      const machine = machineOfRow(cells, { source, start, end: row[0]?.end ?? start }, notes);
      if (machine) machines.push(machine);
      networks.add(cells);
    }
    return { machines, networks: networks.networks, notes: notes.sorted() };
  },
};

/** How much of a file tells what it is. */
const BEGINNING = 4096;

/** What people call columns of passwords, beside what keys of secrets are called. */
const PASSWORD = /(?:^|[^a-z])(?:pw|pwd|kennwort)$/i;

function isSecretColumn({ text }: Row[number]): boolean {
  return PASSWORD.test(text) || isSecretKey(text.replace(/\s+/g, '_'));
}

function concealSecrets(source: Source, { head, rows, faulty }: Table): void {
  const columns = [...head.entries()].flatMap(([index, name]) => (isSecretColumn(name) ? [index] : []));
  if (columns.length === 0) return;
  for (const row of rows)
    for (const index of columns) {
      const cell = row[index];
      if (cell && cell.text !== '') source.conceal(cell);
    }
  for (const span of faulty) source.conceal(span);
}

/** Says which columns are left, and of what is a secret where it belongs. */
function noteColumns(source: Source, { head }: Table, columns: readonly Column[], notes: Notes): void {
  const read = new Set(columns.map(({ index }) => index));
  for (const [index, cell] of head.entries()) {
    const { text, start, end } = cell;
    if (read.has(index) || text === '') continue;
    const why = isSecretColumn(cell)
      ? 'a secret: say it as ${secret:name} where the site needs it, such as bmc.password below defaults'
      : columnsOf([cell]).length > 0
        ? 'a column before it says the same of a machine: that one counts'
        : 'harvgen reads no such column';
    notes.add('left', quoteVisibly(text), why, { source, start, end });
  }
}
