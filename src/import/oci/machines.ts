import type { Report } from '../../source/diagnostics/report.ts';
import type { Place, Source } from '../../source/origin.ts';
import { type Ipv4, ipv4Number } from '../../values/ipv4.ts';
import type { Notes } from '../notes.ts';
import { few, warnOfFew } from './few.ts';
import type { Cell, OciRow } from './row.ts';

/** A machine that the table knows. */
export interface OciMachine {
  readonly ip: Ipv4;
  readonly number: number;
  /** Where its address stands: of several rows, all. */
  readonly at: readonly Place[];
  /** The rows that say that it is to be installed anew; empty where none does. */
  readonly reinstalled: readonly Cell[];
}

/** A row with an address that some machine can have. */
interface Row extends OciRow {
  readonly address: Ipv4;
  readonly number: number;
}

/**
 * Gives the machines of a table, each once, in the order of the file. Rows that came with the table, and those that no
 * machine can have made, are noted or reported; so is what rows say that looks wrong.
 */
export function machinesOf(
  rows: readonly OciRow[],
  source: Source,
  notes: Notes,
  report: Report,
): readonly OciMachine[] {
  const usable = usableRows(rows, notes, report);
  const byAddress = new Map<Ipv4, Row[]>();
  for (const row of usable) {
    const known = byAddress.get(row.address);
    if (known) known.push(row);
    else byAddress.set(row.address, [row]);
  }
  reportInstall(usable, report);
  const machines = [...byAddress].map(
    ([ip, all]): OciMachine => ({
      ip,
      number: all[0]?.number ?? 0,
      at: all.map((row) => row.ip.at),
      reinstalled: all.flatMap(({ install }) => (saysInstall(install) ? install : [])),
    }),
  );
  if (machines.length === 0) reportNone(rows, source, report);
  return machines;
}

/** PHP takes for false what is empty, 0, or no value at all. Source: boot.php, `if ($row['install'])`. */
function saysInstall({ value }: Cell): boolean {
  return value !== null && value !== '' && !/^[+-]?0$/.test(value);
}

type Kind = 'seed' | 'mapped' | 'ipv6' | 'nobody' | 'node';

function kindOf(text: string): Kind {
  const number = ipv4Number(text);
  if (number === undefined) {
    if (mappedIn(text) !== undefined) return 'mapped';
    return /^[\da-f]{0,4}(?::[\da-f.]{0,15}){2,7}(?:%\w+)?$/i.test(text) ? 'ipv6' : 'nobody';
  }
  const first = number >>> 24;
  // 0.0.0.0 is what boot.php puts for an address that it does not know; 127.0.0.1 is the web server itself.
  if (first === 0 || first === 127) return 'seed';
  const isLinkLocal = number >>> 16 === 0xa9fe;
  return first >= 224 || isLinkLocal ? 'nobody' : 'node';
}

/** `::ffff:10.0.10.7`: what a web server that listens by IPv6 calls an address of IPv4. */
function mappedIn(text: string): Ipv4 | undefined {
  const [, address = ''] = /^::ffff:([\d.]+)$/i.exec(text) ?? [];
  return ipv4Number(address) === undefined ? undefined : address;
}

function usableRows(rows: readonly OciRow[], notes: Notes, report: Report): Row[] {
  const kinds = new Map<Kind, Cell[]>();
  const usable: Row[] = [];
  const padded: Cell[] = [];
  for (const row of rows) {
    const text = row.ip.value?.trimEnd() ?? '';
    if (text !== '' && text !== row.ip.value) padded.push(row.ip);
    const mapped = mappedIn(text);
    const kind = kindOf(mapped ?? text);
    const address = mapped ?? text;
    if (kind === 'node') usable.push({ ...row, address, number: ipv4Number(address) ?? 0 });
    for (const one of mapped !== undefined && kind === 'node' ? (['mapped'] as const) : [kind]) {
      const known = kinds.get(one);
      if (known) known.push(row.ip);
      else kinds.set(one, [row.ip]);
    }
  }
  const note = (kind: Kind, how: 'left' | 'changed', text: string) => {
    const cells = kinds.get(kind) ?? [];
    const [first] = cells;
    if (first) notes.add(how, few(cells.map(({ value }) => value ?? 'NULL')), text, first.at);
  };
  note('seed', 'left', 'the table came with it, or the web server asked itself: it is no machine');
  note('mapped', 'changed', 'the web server wrote an address of IPv4 as one of IPv6: it is the former');
  note(
    'ipv6',
    'left',
    'a node has an address of IPv4: what asked by IPv6 was no machine that boots by this table',
  );
  if (padded[0])
    notes.add(
      'changed',
      few(padded.map(({ value }) => `"${value}"`)),
      "blanks behind an address: whether they count in a comparison, the column's collation decides. It is taken without them",
      padded[0].at,
    );
  const nobody = kinds.get('nobody') ?? [];
  warnOfFew(
    report,
    'oci-address',
    nobody.map(({ at }) => at),
    `${few(nobody.map(({ value }) => (value === null ? 'NULL' : `"${value}"`)))}: no machine has such an address, and boot.php compares ` +
      'it letter by letter. Such a row has never counted, and is left out.',
    'if a machine is meant, correct the address and import again, or add the node to the site',
  );
  return usable;
}

function reportInstall(rows: readonly Row[], report: Report): void {
  const odd = rows.map(({ install }) => install).filter(({ value }) => value !== '0' && value !== '1');
  warnOfFew(
    report,
    'oci-install',
    odd.map(({ at }) => at),
    `install is ${few(odd.map(({ value }) => (value === null ? 'NULL' : `"${value}"`)))}, which is neither 0 nor 1: boot.php took 0, nothing ` +
      'and NULL for the disk, and all else for the installer.',
    'nothing is to be done where the node is right in the site',
  );
}

function reportNone(rows: readonly OciRow[], source: Source, report: Report): void {
  report.error({
    code: 'oci-no-node',
    message:
      rows.length > 0
        ? 'No row of the table is of a machine: it is as it came, or nothing but the web server itself has asked.'
        : 'The table has no row: no machine has asked yet.',
    at: rows[0]?.ip.at ?? { source, start: 0, end: 0 },
    help: 'give a dump of the database of the web server that machines asked; or begin anew: harvgen init sites/oci',
  });
}
