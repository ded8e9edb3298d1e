import { basename } from 'node:path';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Span } from '../../source/likely.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { ipv4Text } from '../../values/addresses.ts';
import { type Mac, parseMac } from '../../values/identifiers.ts';
import type { Gathered, GatheredBoot, GatheredMachine, Sourced } from '../joined/gathered.ts';
import type { ImportFormat } from '../kind.ts';
import { displayName } from '../names.ts';
import { Notes } from '../notes.ts';

/** A kind of file that says something of machines. Several files, also of several kinds, are joined into one site. */
export interface JoinedKind extends Pick<ImportFormat, 'name' | 'what'> {
  /** Whether a text is most probably one of these: asked of a file that another kind could not take. */
  isLike(source: Source): boolean;
  /** Gives what a file says. Reports what is wrong with it; gives undefined where there has been an error. */
  read(source: Source, report: Report): Gathered | undefined;
}

/** A piece of a file: its text as it counts there, and from where to where it is written. */
export interface Piece extends Span {
  readonly text: string;
}

/** What keeps a piece of a file from being read. */
export interface Fault extends Span {
  readonly message: string;
  readonly help: string;
}

/** Reads one file: makes facts of its pieces, notes what is not carried, and reports errors. */
export class FileReader {
  readonly source: Source;
  readonly report: Report;
  readonly notes: Notes;

  constructor(source: Source, report: Report, notes = new Notes()) {
    this.source = source;
    this.report = report;
    this.notes = notes;
  }

  at({ start, end }: Span): SourceLocation {
    return { source: this.source, start, end };
  }

  /** Gives a fact that a piece of the file says; its text unless another value is given. */
  said(piece: Piece): Sourced<string>;
  said<T>(piece: Span, value: T): Sourced<T>;
  said<T>(piece: Span & { readonly text?: string }, value?: T): Sourced<T | string> {
    return { value: value ?? piece.text ?? '', at: this.at(piece) };
  }

  /** Notes what a site cannot carry: called by a text, or as the file writes it. */
  left(what: string | Sourced<string> | Piece, why: string, at?: SourceLocation): undefined {
    this.notes.left(this.#called(what), why, at);
  }

  changed(what: string | Sourced<string> | Piece, how: string, at?: SourceLocation): undefined {
    this.notes.changed(this.#called(what), how, at);
  }

  open(what: string | Sourced<string> | Piece, todo: string, at?: SourceLocation): undefined {
    this.notes.open(this.#called(what), todo, at);
  }

  #called(what: string | Sourced<string> | Piece): string | Sourced<string> {
    return typeof what === 'string' || 'value' in what ? what : this.said(what);
  }

  error(
    code: 'import-syntax' | 'import-value',
    message: string,
    at: SourceLocation,
    help: string,
  ): undefined {
    this.report.error({ code, message, at, help });
  }

  /** Reports what cannot be read; says whether there was any. */
  faults(all: readonly Fault[]): boolean {
    for (const fault of all) this.error('import-syntax', fault.message, this.at(fault), fault.help);
    return all.length > 0;
  }

  /** Reports a file of another kind. `hides` it as a whole where only its own kind would know what is secret in it. */
  refuse(
    message: string,
    help: string,
    { hides = false, at = this.at({ start: 0, end: 0 }) } = {},
  ): undefined {
    if (hides) this.source.conceal({ start: 0, end: this.source.text.length });
    this.report.error({ code: 'import-kind', message, at, help });
  }

  refuseValue({ value, at }: Sourced<string>, what: string, help: string): undefined {
    return this.error('import-value', `${displayName(value)} is ${what}.`, at, help);
  }

  /** Gives the MAC address that a fact is, or a piece of it; reports one that is none. */
  requireMac(
    said: Sourced<string>,
    text = said.value,
    help = 'write it as 52:54:00:aa:01:01',
  ): Sourced<Mac> | undefined {
    const mac = readMac(text);
    if (mac !== undefined) return { value: mac, at: said.at };
    return this.refuseValue(said, 'no MAC address of a NIC', help);
  }
}

/**
 * Reads a MAC address as any of these files writes one: with colons or hyphens, without zeros in front as dhcpd takes them
 * (`0:16:3e:0:0:1`), in three pieces as switches print it (`5254.00aa.0101`), or in twelve digits. Gives undefined for
 * what is none, and for addresses that are of no one NIC.
 */
export function readMac(text: string): Mac | undefined {
  const bare = /^(?:[0-9a-f]{12}|[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4})$/i.test(text);
  const digits = bare
    ? text.replace(/[.:-]/g, '').match(/../g)
    : text.split(/[:-]/).map((octet) => octet.padStart(2, '0'));
  return parseMac(digits?.join(':') ?? '');
}

/** Gives the lines of a text, without their line feeds and a byte order mark. */
export function* linesOf(text: string): Generator<Piece> {
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield { text: text.slice(start, end), start, end };
    start = end + 1;
  }
}

/** Gives the pieces of a text that a global expression matches; `start` is where the text begins in the file. */
export function piecesOf(text: string, start: number, form = /\S+/g): Piece[] {
  return Array.from(text.matchAll(form), ({ 0: piece, index }) => ({
    text: piece,
    start: start + index,
    end: start + index + piece.length,
  }));
}

/** Keeps from being shown what a global expression has in its group, which is the end of what it matches. */
export function concealGroup(source: Source, form: RegExp): void {
  for (const { index, 0: whole, 1: value = '' } of source.text.matchAll(form)) {
    const end = index + whole.length;
    source.conceal({ start: end - value.length, end });
  }
}

/** Gives a text of harvgen's own with the references that an inventory has in place of its marks of secrets. */
export function referring(text: string): string {
  return text.replace(/@@secret:([a-z0-9_]+)@@/g, (_, name: string) => `\${secret:${name}}`);
}

/** Gives the value of a key that a table has itself. */
export function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Whom a file is for, by what it is called; `all` for any machine that has no file of its own. */
export interface FileFor {
  readonly by: 'mac' | 'uuid' | 'ip' | 'name' | 'all';
  readonly value: string;
}

/** Names of scripts that are for any machine, or for none in particular. */
const GENERIC =
  /^(?:boot|default|menu|autoexec|index|install|script|embed|start|ipxe|linux|local|undionly|snponly|netboot|netboot\.xyz)$/i;

const HOST_NAME = /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

/** Returns whom a script of iPXE is for: `node01.ipxe` as BMI calls them, `52-54-00-aa-bb-cc.ipxe` as others do. */
export function scriptFor({ file }: Source): FileFor | undefined {
  return file === '-' ? undefined : scriptCalled(basename(file).replace(/\.(?:ipxe|gpxe|txt|cfg)$/i, ''));
}

/** The same of the name alone, without its ending. */
export function scriptCalled(stem: string): FileFor | undefined {
  if (GENERIC.test(stem)) return { by: 'all', value: '' };
  const mac = readMac(stem.replace(/^(?:mac[-_:])?(?:01-(?=.{17}$))?/i, ''));
  if (mac !== undefined) return { by: 'mac', value: mac };
  return HOST_NAME.test(stem) ? { by: 'name', value: stem } : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Gives whom a file of pxelinux.cfg is for: a machine by its UUID, its hardware address with that of the kind of its network
 * before it, its address in hexadecimal; or any. Fewer digits of an address are those of a subnet, and tell nobody.
 * Source: Syslinux, doc/pxelinux.txt.
 */
export function menuFor({ file }: Source): FileFor | undefined {
  const name = file === '-' ? '' : basename(file);
  if (name.toLowerCase() === 'default') return { by: 'all', value: '' };
  if (UUID.test(name)) return { by: 'uuid', value: name.toLowerCase() };
  const [, hardware = ''] = /^01-((?:[0-9a-f]{2}-){5}[0-9a-f]{2})$/i.exec(name) ?? [];
  const mac = readMac(hardware);
  if (mac !== undefined) return { by: 'mac', value: mac };
  return /^[0-9A-F]{8}$/i.test(name) ? { by: 'ip', value: ipv4Text(Number.parseInt(name, 16)) } : undefined;
}

/** Gives the machine that a file is for; undefined for a file that is for any. */
export function machineFor({ by, value }: FileFor, at: SourceLocation): GatheredMachine | undefined {
  const said = { value, at };
  if (by === 'all') return undefined;
  if (by === 'mac') return { at, nics: [{ mac: said, boots: true }] };
  return by === 'ip' ? { at, nics: [{ ips: [said] }] } : { at, [by]: said };
}

/** Gives whom an entry is for of what a file boots. */
export function bootFor({ by, value }: FileFor, at: SourceLocation): Partial<GatheredBoot> {
  const said = { value, at };
  if (by === 'all') return { hosts: [{ value: 'Default', at }] };
  return { [by === 'name' ? 'hosts' : `${by}s`]: [said] };
}
