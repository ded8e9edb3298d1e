import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Said } from '../gathered.ts';
import { readMac } from '../reservations/mac.ts';
import { type Piece, saidBy } from '../reservations/said.ts';
import type { Column, ColumnKey } from './columns.ts';
import type { Row } from './read-table.ts';

/** What people write where there is nothing. */
const NOTHING =
  /^(?:[-\u2013\u2014?.]+|n\/?a|none|null|nil|unknown|not available|tb[ad]|todo|ff(?::ff){5}|00(?::00){5})$/i;

const ARCHITECTURES: Readonly<Record<string, 'amd64' | 'arm64'>> = {
  amd64: 'amd64',
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  x86: 'amd64',
  arm64: 'arm64',
  aarch64: 'arm64',
};

/** Takes the values of a row, each with its place. Reports what is none of its kind. */
export class Cells {
  readonly source: Source;
  readonly #row: Row;
  readonly #columns: readonly Column[];
  readonly #notes: Notes;
  readonly #report: Report;

  /** Takes the row, the columns, and where notes and faults go. */
  constructor(source: Source, row: Row, columns: readonly Column[], notes: Notes, report: Report) {
    this.source = source;
    this.#row = row;
    this.#columns = columns;
    this.#notes = notes;
    this.#report = report;
  }

  /** The numbers of NICs that the row has columns for. */
  get numbers(): number[] {
    const all = this.#columns.flatMap(({ key, number }) => (key === 'mac' || key === 'ip' ? [number] : []));
    return [...new Set(all)].sort((a, b) => a - b);
  }

  /** The text of a cell, where it says something. */
  text(key: ColumnKey, number = 1): Said<string> | undefined {
    const cell = this.#cell(key, number);
    return cell && saidBy(this.source, cell);
  }

  /** The texts of a cell that lists several: between blanks, commas, semicolons or bars. */
  list(key: ColumnKey, number = 1): Said<string>[] {
    const cell = this.#cell(key, number);
    return cell ? this.#pieces(cell).map((piece) => saidBy(this.source, piece)) : [];
  }

  /** The MAC addresses of a cell. */
  macs(key: ColumnKey, number = 1): Said<string>[] {
    return this.list(key, number).flatMap(({ value, at }): Said<string>[] => {
      const mac = readMac(value);
      if (mac !== undefined) return [{ value: mac, at }];
      this.#wrong(
        value,
        'no MAC address of a NIC',
        /^[\d.,]+e\+?\d+$/i.test(value)
          ? 'a spreadsheet has made a number of it: format the column as text, and enter it again'
          : 'write it as 52:54:00:aa:01:01',
        at,
      );
      return [];
    });
  }

  /** The IPv4 addresses of a cell, each with the length of the prefix that may follow it. */
  ips(key: ColumnKey, number = 1): (Said<string> & { readonly prefix?: number })[] {
    return this.list(key, number).flatMap(({ value, at }) => {
      const [, address = value, prefix] = /^([\d.]+)\/(\d{1,2})$/.exec(value) ?? [];
      if (ipv4Number(address) !== undefined)
        return [{ value: address, at, ...(prefix === undefined ? {} : { prefix: Number(prefix) }) }];
      if (value.includes(':')) this.#notes.add('left', quoteVisibly(value), 'a site has IPv4 addresses', at);
      else this.#wrong(value, 'no IPv4 address', 'write it as 192.168.178.41', at);
      return [];
    });
  }

  /** A whole number; spreadsheets write one as 7.0, too. */
  number(key: ColumnKey): Said<number> | undefined {
    const said = this.text(key);
    if (!said) return undefined;
    const [, digits] = /^(\d{1,10})(?:[.,]0+)?$/.exec(said.value) ?? [];
    if (digits !== undefined) return { value: Number(digits), at: said.at };
    this.#wrong(said.value, 'no whole number', 'write digits alone', said.at);
    return undefined;
  }

  /** An architecture. */
  arch(): Said<'amd64' | 'arm64'> | undefined {
    const said = this.text('arch');
    if (!said) return undefined;
    const key = said.value.toLowerCase();
    const value = Object.hasOwn(ARCHITECTURES, key) ? ARCHITECTURES[key] : undefined;
    if (value === undefined)
      this.#wrong(said.value, 'no architecture of a site', 'write amd64 or arm64', said.at);
    return value && { value, at: said.at };
  }

  #cell(key: ColumnKey, number: number): Piece | undefined {
    const column = this.#columns.find((one) => one.key === key && one.number === number);
    const cell = column && this.#row[column.index];
    return cell && cell.text !== '' && !NOTHING.test(cell.text) ? cell : undefined;
  }

  /** Each piece of a cell with its own place, where the cell is written without quotes that stand for others. */
  #pieces(cell: Piece): Piece[] {
    const raw = this.source.text.slice(cell.start, cell.end);
    const from = raw.indexOf(cell.text);
    return Array.from(cell.text.matchAll(/[^\s,;|]+/g), ({ index, 0: text }) =>
      from < 0
        ? { ...cell, text }
        : { text, start: cell.start + from + index, end: cell.start + from + index + text.length },
    );
  }

  #wrong(value: string, what: string, help: string, at: Said<string>['at']): void {
    this.#report.error({ code: 'import-value', message: `${quoteVisibly(value)} is ${what}.`, at, help });
  }
}
