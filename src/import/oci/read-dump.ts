import type { Report } from '../../diagnostics/report.ts';
import type { Source } from '../../origin.ts';
import { ReadingFault, readOrReport } from './fault.ts';
import { cellAt, type OciRow } from './row.ts';
import { type Piece, showOnly } from './show-only.ts';
import { AGAIN, SqlTokens, type Token } from './sql-tokens.ts';

/** The table that boot.php asks. */
const TABLE = 'nodes';

/** Its columns, in their order, where a dump does not say them. Source: oci-harvester, db/harvester.mysql. */
const COLUMNS: readonly string[] = ['id', 'ip', 'install'];

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

/** Says whether a text is SQL: its first line that is not empty, or a comment, begins a statement of a dump. */
export function isSql(text: string): boolean {
  const line =
    /^(?!\s*$|\s*(?:mysql|mysqldump|mariadb|\[?warning)\b).*$/im
      .exec(text.replace(/^\ufeff/, ''))?.[0]
      .trimStart() ?? '';
  return /^(?:--|#|\/\*|(?:INSERT|REPLACE|CREATE|DROP|USE|LOCK|UNLOCK|SET|START|BEGIN|ALTER|DELIMITER|TRUNCATE|COMMIT)\b)/i.test(
    line,
  );
}

/**
 * Reads the rows of the table `nodes` out of a dump of MySQL or MariaDB: in one INSERT or many, with or without the columns'
 * names. Other tables are passed over. Reports what cannot be read, and gives undefined then.
 */
export function readDump(source: Source, report: Report): readonly OciRow[] | undefined {
  const dump = new Dump(source);
  const rows = readOrReport(source, report, () => dump.read());
  showOnly(source, dump.shown);
  if (rows) warnIfCutOff(source, report);
  return rows;
}

class Dump {
  /** What of the text may be shown: statements of the table, but for columns that nobody knows. */
  readonly shown: Piece[] = [];
  readonly #source: Source;
  readonly #tokens: SqlTokens;
  readonly #tables = new Map<string, Table>();
  #database = '';

  constructor(source: Source) {
    this.#source = source;
    this.#tokens = new SqlTokens(source.text);
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
    else this.#fail(first);
  }

  /** `DROP TABLE IF EXISTS nodes`: what a dump has had of it before is gone. */
  #empty(): void {
    this.#skipWords(['TABLE', 'TEMPORARY', 'IF', 'EXISTS']);
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
    if (this.#skipWords(['TEMPORARY', 'TABLE']) === 0) {
      this.#tokens.skipStatement();
      return;
    }
    const isKept = this.#skipWords(['IF', 'NOT', 'EXISTS']) > 0;
    const key = this.#tableKey();
    if (key === undefined || !this.#takes('(')) {
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
      const token = this.#need(first);
      const isQuoted = token.kind === 'name' || token.kind === 'text';
      if (isQuoted || (token.kind === 'word' && !NO_COLUMNS.includes(token.value.toUpperCase())))
        columns.push(token.value.toLowerCase());
      if (this.#skipItem(first) === ')') return columns;
    }
  }

  /** Passes over the rest of an item of a list, with what ends it. */
  #skipItem(first: Token): string {
    for (let depth = 0; ; ) {
      const token = this.#need(first);
      if (token.kind !== 'mark') continue;
      if (token.value === '(') depth += 1;
      else if (depth === 0 && (token.value === ')' || token.value === ',')) return token.value;
      else if (token.value === ')') depth -= 1;
      else if (token.value === ';' && depth === 0) this.#fail(token);
    }
  }

  #insert(first: Token): void {
    this.#skipWords(['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'IGNORE', 'INTO']);
    const key = this.#tableKey();
    if (key === undefined) {
      this.#tokens.skipStatement();
      return;
    }
    const table = this.#tables.get(key) ?? { columns: undefined, rows: [] };
    const columns = this.#takes('(') ? this.#names(first) : table.columns;
    if (this.#skipWords(['VALUES', 'VALUE']) === 0)
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
    do table.rows.push(this.#row(columns ?? COLUMNS, columns !== undefined, first));
    while (this.#takes(','));
    this.#endInsert(first);
  }

  #endInsert(first: Token): void {
    const token = this.#tokens.peek();
    if (token === undefined)
      throw new ReadingFault('The dump is cut off: this INSERT has no semicolon.', first, AGAIN);
    const isEnd = token.kind === 'mark' ? token.value === ';' : token.kind === 'word';
    if (!isEnd) this.#fail(token);
    this.#tokens.skipStatement();
  }

  #names(first: Token): string[] {
    const names: string[] = [];
    for (;;) {
      names.push(this.#need(first).value.toLowerCase());
      const end = this.#need(first);
      if (end.value === ')') return names;
      if (end.value !== ',') this.#fail(end);
    }
  }

  /** `(1,'10.0.10.7',0)` */
  #row(columns: readonly string[], areSaid: boolean, first: Token): OciRow {
    const open = this.#need(first);
    if (open.kind !== 'mark' || open.value !== '(') this.#fail(open);
    const cells = new Map<string, Piece & { readonly value: string | null | undefined }>();
    const hidden: Piece[] = [];
    let count = 0;
    for (let end = ','; end === ','; count += 1) {
      const value = this.#value(first);
      const name = columns[count] ?? '';
      cells.set(name, value);
      if (!COLUMNS.includes(name)) hidden.push(value);
      end = this.#need(first).value;
    }
    const row = { start: open.start, end: this.#tokens.offset };
    if (count !== columns.length)
      throw new ReadingFault(
        areSaid
          ? `This row has ${count} values, and its table ${columns.length} columns.`
          : `This row has ${count} values, and the dump does not say of which columns: the table of oci-harvester has ${COLUMNS.join(', ')}.`,
        { start: open.start, end: open.end },
        'make the dump again with the names of the columns: mysqldump --complete-insert harvester nodes > nodes.sql',
      );
    let from = row.start;
    for (const { start, end } of hidden) {
      this.#show(from, start);
      from = end;
    }
    this.#show(from, row.end);
    return { ip: this.#cell(cells.get('ip')), install: this.#cell(cells.get('install')) };
  }

  #cell(found: (Piece & { readonly value: string | null | undefined }) | undefined) {
    const { value, start, end } = found as Piece & { readonly value: string | null | undefined };
    if (value === undefined)
      throw new ReadingFault(
        'This value is to be worked out by the database: a dump has the value itself.',
        { start, end },
        AGAIN,
      );
    return cellAt(this.#source, value, start, end);
  }

  /** A value up to what ends it; undefined where it is none that is written out. */
  #value(first: Token): Piece & { readonly value: string | null | undefined } {
    const tokens: Token[] = [];
    for (let depth = 0; ; ) {
      const token = this.#tokens.peek();
      const mark = token?.kind === 'mark' ? token.value : '';
      if (depth === 0 && (mark === ',' || mark === ')' || mark === ';')) break;
      if (mark === '(') depth += 1;
      if (mark === ')') depth -= 1;
      tokens.push(this.#need(first));
    }
    const [one] = tokens;
    const last = tokens.at(-1);
    if (!one || !last) this.#fail(this.#need(first));
    return { value: valueIn(tokens), start: one.start, end: last.end };
  }

  /** Takes the name of a table, with its database; gives a key for it where it is the one, else undefined. */
  #tableKey(): string | undefined {
    const name = this.#tokens.next();
    const isQualified = this.#takes('.');
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

  #skipWords(words: readonly string[]): number {
    let count = 0;
    for (let token = this.#tokens.peek(); token?.kind === 'word'; token = this.#tokens.peek()) {
      if (!words.includes(token.value.toUpperCase())) break;
      this.#tokens.next();
      count += 1;
    }
    return count;
  }

  #takes(mark: string): boolean {
    const token = this.#tokens.peek();
    if (token?.kind !== 'mark' || token.value !== mark) return false;
    this.#tokens.next();
    return true;
  }

  #need(first: Token): Token {
    const token = this.#tokens.next();
    if (token) return token;
    throw new ReadingFault('The dump is cut off: this statement has no end.', first, AGAIN);
  }

  #fail(token: Token): never {
    throw new ReadingFault('This is nothing that a dump has here.', token, AGAIN);
  }

  #show(start: number, end: number): void {
    this.shown.push({ start, end });
  }
}

function isOurs(columns: readonly string[]): boolean {
  return columns.includes('ip') && columns.includes('install');
}

/** What a value says as text: null for NULL, undefined where the database would have to work it out. */
function valueIn(tokens: readonly Token[]): string | null | undefined {
  // `_binary '…'` names the character set of what follows; a number may have a sign.
  const [first, second, third] = tokens;
  if (third || !first) return undefined;
  if (second) {
    if (first.kind === 'word' && first.value.startsWith('_') && isPlain(second)) return second.value;
    if (first.value === '-' && second.kind === 'number') return `-${second.value}`;
    return undefined;
  }
  if (isPlain(first) || first.kind === 'number') return first.value;
  const word = first.kind === 'word' ? first.value.toUpperCase() : '';
  if (word === 'NULL') return null;
  if (word === 'TRUE') return '1';
  return word === 'FALSE' ? '0' : undefined;
}

function isPlain({ kind }: Token): boolean {
  return kind === 'text' || kind === 'bits';
}

/** mysqldump says at its end that it is complete, where it says at its beginning what it is. */
function warnIfCutOff(source: Source, report: Report): void {
  const { text } = source;
  if (
    !/^-- (?:MySQL|MariaDB) dump /m.test(text.slice(0, 2000)) ||
    /^-- Dump completed/m.test(text.slice(-2000))
  )
    return;
  report.warning({
    code: 'oci-cut-off',
    message:
      'The dump begins as one of mysqldump, and does not end with "Dump completed": it may be cut off.',
    at: { source, start: text.length, end: text.length },
    help: 'see whether all machines are in the site; make the dump again if in doubt',
  });
}
