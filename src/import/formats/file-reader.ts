import { basename } from 'node:path';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { ipv4Text } from '../../values/addresses.ts';
import { type Mac, readMac, UUID } from '../../values/identifiers.ts';
import type { Span } from '../../values/spans.ts';
import type { GatheredBoot, GatheredMachine, Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { Notes } from '../model/notes.ts';

/** A piece of a file: its effective text, and its range in the file. */
export interface Piece extends Span {
  readonly text: string;
}

/** An error that prevents a piece of a file from being read. */
export interface FileError extends Span {
  readonly message: string;
  readonly help: string;
}

/** Reads one file: returns values with their locations, adds migration notes and reports errors. */
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

  /** Returns a value with the source location of a piece (default: the text of the piece). */
  sourced(piece: Piece): Sourced<string>;
  sourced<T>(piece: Span, value: T): Sourced<T>;
  sourced<T>(piece: Span & { readonly text?: string }, value?: T): Sourced<T | string> {
    return { value: value ?? piece.text ?? '', at: this.at(piece) };
  }

  /** Adds a note on something that a site cannot contain; `what` is a text, or a piece of the file. */
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
    return typeof what === 'string' || 'value' in what ? what : this.sourced(what);
  }

  error(
    code: 'import-syntax' | 'import-value',
    message: string,
    at: SourceLocation,
    help: string,
  ): undefined {
    this.report.error({ code, message, at, help });
  }

  /** Reports syntax errors; returns whether there are any. */
  reportErrors(all: readonly FileError[]): boolean {
    for (const { message, help, ...span } of all) this.error('import-syntax', message, this.at(span), help);
    return all.length > 0;
  }

  /** Reports a file of another format. `hides` conceals all of it, if only that format could find the secrets in it. */
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

  /** Returns the MAC address in a value or in a part of it; reports an error for any other text. */
  requireMac(
    input: Sourced<string>,
    text = input.value,
    help = 'write it as 52:54:00:aa:01:01',
  ): Sourced<Mac> | undefined {
    const mac = readMac(text);
    if (mac !== undefined) return { value: mac, at: input.at };
    return this.refuseValue(input, 'not a MAC address of a NIC', help);
  }

  /** Returns the MAC address in a value as a list; adds a note for any other text, so that one machine does not stop others. */
  macOrNote(input: Sourced<string>, text = input.value): Sourced<Mac>[] {
    const mac = readMac(text);
    if (mac !== undefined) return [{ value: mac, at: input.at }];
    this.open(input, 'not a MAC address of a NIC: set mac, such as 52:54:00:aa:01:01');
    return [];
  }
}

/** Returns the lines of a text, without line feeds and a byte order mark. */
export function* linesOf(text: string): Generator<Piece> {
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield { text: text.slice(start, end), start, end };
    start = end + 1;
  }
}

/** Returns the matches of a global expression in a text; `start` is the offset of the text in the file. */
export function piecesOf(text: string, start: number, form = /\S+/g): Piece[] {
  return Array.from(text.matchAll(form), ({ 0: piece, index }) => ({
    text: piece,
    start: start + index,
    end: start + index + piece.length,
  }));
}

/** Hides the group of each match of a global expression; the group must be at the end of the match. */
export function concealGroup(source: Source, form: RegExp): void {
  for (const { index, 0: whole, 1: value = '' } of source.text.matchAll(form)) {
    const end = index + whole.length;
    source.conceal({ start: end - value.length, end });
  }
}

/** Returns a text with harvgen's placeholders for secrets replaced by the references of an inventory. */
export function referring(text: string): string {
  return text.replace(/@@secret:([a-z0-9_]+)@@/g, (_, name: string) => `\${secret:${name}}`);
}

/** Returns the value of an own key of a table. */
export function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The machine that a file is for, from its name; `all` for any machine without a separate file. */
export interface FileFor {
  readonly by: 'mac' | 'uuid' | 'ip' | 'name' | 'all';
  readonly value: string;
}

/** Names of scripts that are not for one machine. */
const GENERIC =
  /^(?:boot|default|menu|autoexec|index|install(?:er)?|script|embed|start|custom|nodes?|linux|local|undionly|snponly|netboot|netboot\.xyz|(?:(?:ipxe|pxe|standard|general)?-?(?:harvester|ipxe|create|join|boot|menu)[-_]?)(?:create|join|boot|menu|install|script)?(?:[-_](?:efi|uefi|bios|amd64|arm64))?)$/i;

const HOST_NAME = /^(?=.*[a-z])[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i;

/** Returns the name of a script in its path or URL, without an extension. */
export function scriptNameOf(path: string): string {
  return basename(path.split(/[?#]/, 1)[0] ?? '').replace(/\.(?:ipxe|gpxe|txt|cfg)$/i, '');
}

/** Returns the machine of an iPXE script: `node01.ipxe` as in BMI, `52-54-00-aa-bb-cc.ipxe` as elsewhere. */
export function scriptFor({ file }: Source): FileFor | undefined {
  return file === '-' ? undefined : scriptCalled(scriptNameOf(file));
}

/** Returns the machine of an iPXE script from its name without an extension. */
export function scriptCalled(stem: string): FileFor | undefined {
  if (GENERIC.test(stem)) return { by: 'all', value: '' };
  const mac = readMac(stem.replace(/^(?:mac[-_:])?(?:01-(?=.{17}$))?/i, ''));
  if (mac !== undefined) return { by: 'mac', value: mac };
  return HOST_NAME.test(stem) ? { by: 'name', value: stem } : undefined;
}

/**
 * Returns the machine of a file in pxelinux.cfg. The name is its UUID, its hardware type and MAC address, its IP address in
 * hexadecimal, or `default` for all machines. Fewer hexadecimal digits mean a subnet, and so no machine.
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

/** Returns the machine that a file is for, or undefined if it is for all. */
export function machineFor({ by, value }: FileFor, at: SourceLocation): GatheredMachine | undefined {
  const sourced = { value, at };
  if (by === 'all') return undefined;
  if (by === 'mac') return { at, nics: [{ mac: sourced, boots: true }] };
  if (by === 'ip') return { at, nics: [{ ips: [sourced] }] };
  return { at, [by]: sourced, ...(by === 'name' ? { script: value } : {}) };
}

/** Returns the target of a boot entry in such a file. */
export function bootFor({ by, value }: FileFor, at: SourceLocation): Partial<GatheredBoot> {
  const sourced = { value, at };
  if (by === 'all') return { hosts: [{ value: 'Default', at }] };
  return { [by === 'name' ? 'hosts' : `${by}s`]: [sourced] };
}
