import type { Source } from '../../source/origin.ts';
import type { DumpTokens } from './dump-tokens.ts';
import { ReadingFault } from './fault.ts';
import { type Cell, cellAt, type OciRow } from './row.ts';
import type { Piece } from './show-only.ts';
import { AGAIN, type Token } from './sql-tokens.ts';

/** The columns of the table, in their order, where a dump does not say them. Source: oci-harvester, db/harvester.mysql. */
export const COLUMNS: readonly string[] = ['id', 'ip', 'install'];

/** A value as text: null for NULL, undefined where the database would have to work it out. */
interface Value extends Piece {
  readonly value: string | null | undefined;
}

/**
 * Reads `(1,'10.0.10.7',0)`, a row of the statement that begins with `first`; `columns` is undefined where the dump does not
 * name them. Adds to `shown` what of it may be shown: all but columns that nobody knows. Throws ReadingFault.
 */
export function readRow(
  tokens: DumpTokens,
  source: Source,
  columns: readonly string[] | undefined,
  first: Token,
  shown: Piece[],
): OciRow {
  const open = tokens.need(first);
  if (open.kind !== 'mark' || open.value !== '(') tokens.fail(open);
  const names = columns ?? COLUMNS;
  const cells = new Map<string, Value>();
  const hidden: Piece[] = [];
  let count = 0;
  for (let end = ','; end === ','; count += 1) {
    const value = readValue(tokens, first);
    const name = names[count] ?? '';
    cells.set(name, value);
    if (!COLUMNS.includes(name)) hidden.push(value);
    end = tokens.need(first).value;
  }
  if (count !== names.length)
    throw new ReadingFault(
      columns
        ? `This row has ${count} values, and its table ${columns.length} columns.`
        : `This row has ${count} values, and the dump does not say of which columns: the table of oci-harvester has ${COLUMNS.join(', ')}.`,
      { start: open.start, end: open.end },
      'make the dump again with the names of the columns: mysqldump --complete-insert harvester nodes > nodes.sql',
    );
  let from = open.start;
  for (const { start, end } of hidden) {
    shown.push({ start: from, end: start });
    from = end;
  }
  shown.push({ start: from, end: tokens.offset });
  return { ip: cellOf(source, cells.get('ip')), install: cellOf(source, cells.get('install')) };
}

/** Makes a cell of a value; columns that the table must have are there. */
function cellOf(source: Source, found: Value | undefined): Cell {
  const { value, start, end } = found as Value;
  if (value === undefined)
    throw new ReadingFault(
      'This value is to be worked out by the database: a dump has the value itself.',
      { start, end },
      AGAIN,
    );
  return cellAt(source, value, start, end);
}

/** Reads a value up to what ends it. */
function readValue(tokens: DumpTokens, first: Token): Value {
  const taken: Token[] = [];
  for (let depth = 0; ; ) {
    const token = tokens.peek();
    const mark = token?.kind === 'mark' ? token.value : '';
    if (depth === 0 && (mark === ',' || mark === ')' || mark === ';')) break;
    if (mark === '(') depth += 1;
    if (mark === ')') depth -= 1;
    taken.push(tokens.need(first));
  }
  const [one] = taken;
  const last = taken.at(-1);
  if (!one || !last) tokens.fail(tokens.need(first));
  return { value: valueIn(taken), start: one.start, end: last.end };
}

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
