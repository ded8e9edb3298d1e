import type { Report } from '../../source/diagnostics/report.ts';
import type { Source } from '../../source/origin.ts';
import { readRow } from './dump-row.ts';
import { DumpTokens } from './dump-tokens.ts';
import { ReadingFault, readOrReport } from './fault.ts';
import type { OciRow } from './row.ts';
import { type Piece, showOnly } from './show-only.ts';
import { AGAIN, type Token } from './sql-tokens.ts';

/** The table that boot.php asks. */
const TABLE = 'nodes';

/** The database that boot.php asks: it decides where a dump of a whole server has several tables of the name. */
const DATABASE = 'harvester';

/** Statements by which a table could have other rows than were inserted, and which a dump does not have. */
const WORKED_OUT = ['UPDATE', 'DELETE', 'LOAD', 'RENAME'];

/** Statements of a dump that make no row. */
const ROWLESS = [
  'SET',
  'LOCK',
  'UNLOCK',
  'ALTER',
  'START',
  'BEGIN',
  'COMMIT',
  'FLUSH',
  'CHANGE',
  'GRANT',
  'ANALYZE',
];

/** What stands in a dump that was written together with what the program complained of. */
const COMPLAINTS = ['MYSQLDUMP', 'MYSQL', 'MARIADB', 'WARNING'];

/** What begins a column's place in CREATE TABLE and is none. */
const NO_COLUMNS = [
  'PRIMARY',
  'UNIQUE',
  'KEY',
  'INDEX',
  'CONSTRAINT',
  'FULLTEXT',
  'SPATIAL',
  'CHECK',
  'FOREIGN',
];

interface Table {
  columns: readonly string[] | undefined;
  rows: OciRow[];
}

/**
 * Reads the rows of the table `nodes` out of a dump of MySQL or MariaDB: in one INSERT or many, with or without the columns'
 * names. Other tables are passed over. Reports what cannot be read, and gives undefined then.
 */
export function readDump(source: Source, report: Report): readonly OciRow[] | undefined {
  const dump = new Dump(source);
  const rows = readOrReport(source, report, () => dump.read());
  showOnly(source, dump.shown);
  if (!rows || !isCutOff(source)) return rows;
  reportCut(source, rows.length > 0, report);
  return rows.length > 0 ? rows : undefined;
}

class Dump {
  /** What of the text may be shown: statements of the table, but for columns that nobody knows. */
  readonly shown: Piece[] = [];
  readonly #source: Source;
  readonly #tokens: DumpTokens;
  readonly #tables = new Map<string, Table>();
  #database = '';

  constructor(source: Source) {
    this.#source = source;
    this.#tokens = new DumpTokens(source.text);
  }

  /** Gives the rows of the one table. Throws ReadingFault. */
  read(): readonly OciRow[] {
    for (let token = this.#tokens.next(); token; token = this.#tokens.next()) this.#statement(token);
    return this.#chosen().rows;
  }

  #statement(first: Token): void {
    if (first.kind === 'mark' && first.value === ';') return;
    const word = first.kind === 'word' ? first.value.toUpperCase() : '';
    if (word === 'DELIMITER') this.#tokens.skipDelimited();
    else if (word === 'USE') this.#database = this.#tokens.next()?.value ?? '';
    else if (word === 'INSERT' || word === 'REPLACE') this.#insert(first);
    else if (word === 'CREATE') this.#create(first);
    else if (word === 'DROP' || word === 'TRUNCATE') this.#empty();
    else if (WORKED_OUT.includes(word)) this.#refuse(first);
    else if (COMPLAINTS.includes(word)) this.#tokens.skipLine();
    else if (ROWLESS.includes(word)) this.#tokens.skipStatement();
    else {
      if (first.kind === 'word') this.#refuseEnd(first);
      this.#tokens.fail(first);
    }
  }

  /** A word that nothing follows may be the first piece of a statement. */
  #refuseEnd(first: Token): void {
    if (this.#tokens.peek() === undefined) this.#tokens.need(first);
  }

  /** `DROP TABLE IF EXISTS nodes`: what a dump has had of it before is gone. */
  #empty(): void {
    this.#tokens.skipWords(['TABLE', 'TEMPORARY', 'IF', 'EXISTS']);
    const key = this.#tableKey();
    if (key !== undefined) this.#tables.delete(key);
    this.#tokens.skipStatement();
  }

  #refuse(first: Token): void {
    for (let token = this.#tokens.next(); token; token = this.#tokens.next()) {
      if (token.kind === 'mark' && token.value === ';') return;
      if (token.kind !== 'text' && token.value.toLowerCase() === TABLE)
        throw new ReadingFault(
          `${first.value.toUpperCase()} changes rows of ${TABLE} by what is in them: a dump has the rows themselves.`,
          first,
          'let the database work it out, and make a dump of that: mysqldump harvester nodes > nodes.sql',
        );
    }
  }

  #create(first: Token): void {
    if (this.#tokens.skipWords(['TEMPORARY', 'TABLE']) === 0) {
      this.#tokens.skipStatement();
      return;
    }
    const isKept = this.#tokens.skipWords(['IF', 'NOT', 'EXISTS']) > 0;
    const key = this.#tableKey();
    if (key === undefined || !this.#tokens.takes('(')) {
      this.#tokens.skipStatement();
      return;
    }
    const columns = this.#columnsOf(first);
    const known = this.#tables.get(key);
    if (!(isKept && known)) this.#tables.set(key, { columns, rows: [] });
    this.#show(first.start, this.#tokens.offset);
    this.#tokens.skipStatement();
  }

  /** The names in CREATE TABLE, behind its bracket. */
  #columnsOf(first: Token): string[] {
    const columns: string[] = [];
    for (;;) {
      const token = this.#tokens.need(first);
      const isQuoted = token.kind === 'name' || token.kind === 'text';
      if (isQuoted || (token.kind === 'word' && !NO_COLUMNS.includes(token.value.toUpperCase())))
        columns.push(token.value.toLowerCase());
      if (this.#tokens.skipItem(first) === ')') return columns;
    }
  }

  #insert(first: Token): void {
    this.#tokens.skipWords(['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'IGNORE', 'INTO']);
    this.#refuseEnd(first);
    const key = this.#tableKey();
    if (key === undefined) {
      this.#tokens.skipStatement();
      return;
    }
    const table = this.#tables.get(key) ?? { columns: undefined, rows: [] };
    const columns = this.#tokens.takes('(') ? this.#tokens.names(first) : table.columns;
    if (this.#tokens.skipWords(['VALUES', 'VALUE']) === 0)
      throw new ReadingFault(
        `Behind INSERT INTO ${TABLE} come VALUES in a dump, and here something else.`,
        this.#tokens.peek() ?? first,
        AGAIN,
      );
    this.#tables.set(key, table);
    this.#show(first.start, this.#tokens.offset);
    // A table of that name with other columns is another program's.
    if (columns && !isOurs(columns)) {
      this.#tokens.skipStatement();
      return;
    }
    do table.rows.push(readRow(this.#tokens, this.#source, columns, first, this.shown));
    while (this.#tokens.takes(','));
    this.#endInsert(first);
  }

  #endInsert(first: Token): void {
    const token = this.#tokens.peek();
    if (token === undefined)
      throw new ReadingFault('The dump is cut off: this INSERT has no semicolon.', first, AGAIN);
    const isEnd = token.kind === 'mark' ? token.value === ';' : token.kind === 'word';
    if (!isEnd) this.#tokens.fail(token);
    this.#tokens.skipStatement();
  }

  /** Takes the name of a table, with its database; gives a key for it where it is the one, else undefined. */
  #tableKey(): string | undefined {
    const name = this.#tokens.next();
    const isQualified = this.#tokens.takes('.');
    const table = isQualified ? this.#tokens.next() : name;
    if (table?.value.toLowerCase() !== TABLE) return undefined;
    return isQualified ? (name?.value ?? '') : this.#database;
  }

  /** Several databases may have a table of that name. */
  #chosen(): Table {
    const ours = [...this.#tables].filter(
      ([, { columns, rows }]) => rows.length > 0 || !columns || isOurs(columns),
    );
    const [only, another] = ours;
    const named = ours.find(([database]) => database.toLowerCase() === DATABASE);
    const found = another ? named : only;
    if (found) return found[1];
    throw new ReadingFault(
      another
        ? `The dump has a table ${TABLE} in several databases, and none of these is called ${DATABASE}.`
        : `The dump has no table ${TABLE} with the columns ip and install: it is not of oci-harvester's database.`,
      { start: 0, end: 0 },
      'give a dump of that one: mysqldump harvester nodes > nodes.sql',
      'not-oci-harvester',
    );
  }

  #show(start: number, end: number): void {
    this.shown.push({ start, end });
  }
}

function isOurs(columns: readonly string[]): boolean {
  return columns.includes('ip') && columns.includes('install');
}

/** mysqldump says at its end that it is complete, where it says at its beginning what it is. */
function isCutOff({ text }: Source): boolean {
  return (
    /^-- (?:MySQL|MariaDB) dump /m.test(text.slice(0, 2000)) && !/^-- Dump completed/m.test(text.slice(-2000))
  );
}

/** Where the rows are missing, they are behind the cut; where some are there, it may be that nothing was lost. */
function reportCut(source: Source, hasRows: boolean, report: Report): void {
  const at = { source, start: source.text.length, end: source.text.length };
  const said = 'The dump begins as one of mysqldump, and does not end with "Dump completed"';
  if (hasRows)
    report.warning({
      code: 'oci-cut-off',
      message: `${said}: it may be cut off.`,
      at,
      help: 'see whether all machines are in the site; make the dump again if in doubt',
    });
  else
    report.error({
      code: 'oci-syntax',
      message: `${said}: it is cut off before the rows of ${TABLE}.`,
      at,
      help: AGAIN,
    });
}
