import { basename } from 'node:path';
import type { Source, SourceLocation } from '../../source/source.ts';
import type { Span } from '../../values/spans.ts';
import type { Gathered, GatheredBoot, GatheredMachine, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import {
  bootFor,
  type FileFor,
  FileReader,
  linesOf,
  machineFor,
  menuFor,
  type Piece,
  piecesOf,
  scriptCalled,
  scriptNameOf,
} from './file-reader.ts';

/** A file of pxelinux.cfg: BMI's `01-<mac>`, which chains to the node's script, and others. */
export const pxelinux: JoinedFormat = {
  name: 'pxelinux',
  what: "a file of pxelinux.cfg, named 01-<mac> or otherwise as pxelinux requests it: BMI's menus, and any that boot Linux or the disk",
  isLike: ({ text }) =>
    /^[ \t]*(?:label[ \t]+\S|ontimeout[ \t]+\S|localboot[ \t]+-?\d|default[ \t]+\S)/im.test(text) &&
    !/[{}<>]|^#!/m.test(text.slice(0, BEGINNING)),
  read(source, report) {
    const reader = new FileReader(source, report);
    const menu = readMenu(source);
    const entry = chosenEntry(menu) ?? bareDefault(menu);
    if (!entry && source.text.trim() !== '')
      return reader.refuse(
        'The file is not a pxelinux menu: it has no LABEL, and no DEFAULT that boots anything.',
        'use a file that pxelinux loads, such as pxelinux.cfg/01-52-54-00-aa-01-01',
      );
    const found = entry ? foundIn(entry, menu, reader) : { machines: [] };
    return found && { ...found, notes: reader.notes.sorted() };
  },
};

/** The number of characters to check when detecting the format. */
const BEGINNING = 4096;

/** A line of a menu: its keyword in lower case, and the rest of the line. */
interface Directive extends Span {
  readonly keyword: string;
  readonly value: Piece;
}

interface Entry {
  readonly label: Piece;
  readonly directives: Directive[];
}

interface Menu {
  /** The directives before the first label, and those that apply to all entries. */
  readonly globals: readonly Directive[];
  readonly entries: readonly Entry[];
}

/** The directives that apply to the whole menu, wherever they are. */
const GLOBAL =
  /^(?:default|ui|ontimeout|onerror|prompt|timeout|totaltimeout|include|serial|display|say|allowoptions|noescape)$/;

/** The MENU directives that do not belong to an entry. */
const MENU_ONLY =
  /^(?:title|begin|end|color|background|width|margin|rows|tabmsg|autoboot|include|hshift|vshift|resolution|master|passwd|clear|separator)\b/i;

/**
 * Reads a menu. Keywords are case-insensitive, one per line. The lines after a label belong to its entry. Lines that begin
 * with # are comments, and so is the text between TEXT HELP and ENDTEXT. Source: Syslinux, com32/elflink/ldlinux/readconfig.c.
 */
function readMenu({ text }: Source): Menu {
  const globals: Directive[] = [];
  const entries: Entry[] = [];
  let isHelp = false;
  for (const line of linesOf(text)) {
    const plain = line.text.trimEnd();
    const [, indent = '', word = '', gap = '', rest = ''] = /^(\s*)([^\s#]\S*)(\s*)(.*)$/.exec(plain) ?? [];
    const keyword = word.toLowerCase();
    if (word === '' || isHelp) {
      isHelp &&= keyword !== 'endtext';
      continue;
    }
    const start = line.start + indent.length;
    const valueStart = start + word.length + gap.length;
    const value = { text: rest, start: valueStart, end: valueStart + rest.length };
    const entry = entries.at(-1);
    const isGlobal = GLOBAL.test(keyword) || (keyword === 'menu' && MENU_ONLY.test(rest));
    if (keyword === 'text' && /^help\b/i.test(rest)) isHelp = true;
    if (keyword === 'label') entries.push({ label: value, directives: [] });
    else
      (entry && !isGlobal ? entry.directives : globals).push({
        keyword,
        value,
        start,
        end: line.start + plain.length,
      });
  }
  return { globals, entries };
}

const IPXE = /(?:^|[/:])[gi]pxe[\w.-]*\.(?:lkrn|krn|kkrn|bin)$|(?:^|[/:])(?:undionly|gpxelinux)[\w.-]*$/i;
const MENU = /(?:^|[/:])(?:vesa)?menu(?:\.c32)?$/i;

/** Files that are not Linux kernels, by the ends of their names. */
const OTHER = /\.(?:c32|com|cbt|bin|bss|bs|0|img)$|(?:^|[/:])memdisk$/i;

/** Directives that boot something other than Linux. Source: Syslinux, doc/syslinux.txt. */
const OTHERS = ['boot', 'bss', 'pxe', 'fdimage', 'comboot', 'com32', 'config'];

/** The directives that are read, or noted by their own code. */
const READ = [
  'include',
  'default',
  'ontimeout',
  'localboot',
  'kernel',
  'linux',
  'append',
  'initrd',
  'ipappend',
  'sysappend',
  ...OTHERS,
];

function lastOf(directives: readonly Directive[], ...keywords: readonly string[]): Piece | undefined {
  return directives.filter(({ keyword }) => keywords.includes(keyword)).at(-1)?.value;
}

/** Returns the entry that a machine boots without user input; undefined for a menu without entries. */
function chosenEntry({ globals, entries }: Menu): Entry | undefined {
  const wordOf = (keyword: string) => lastOf(globals, keyword)?.text.split(/\s/, 1)[0] ?? '';
  const called = (keyword: string) =>
    entries.find(({ label }) => label.text.toLowerCase() === wordOf(keyword).toLowerCase());
  const marked = entries.find(({ directives }) =>
    directives.some(({ keyword, value }) => keyword === 'menu' && /^default\b/i.test(value.text)),
  );
  const isMenu = lastOf(globals, 'ui') !== undefined || MENU.test(wordOf('default'));
  const first = called('ontimeout') ?? (isMenu ? marked : called('default'));
  return first ?? marked ?? entries[0];
}

/** Returns the entry of a menu that has only DEFAULT, which can be a kernel with its arguments. */
function bareDefault({ globals }: Menu): Entry | undefined {
  const found = globals.filter(({ keyword }) => keyword === 'default').at(-1);
  const [kernel, append] = found ? piecesOf(found.value.text, found.value.start, /^\S+|\S.*$/g) : [];
  if (!found || !kernel || MENU.test(kernel.text)) return undefined;
  const directives = [{ ...found, keyword: 'kernel', value: kernel }];
  if (append) directives.push({ ...found, keyword: 'append', value: append });
  return { label: kernel, directives };
}

/** Returns the data of a file's machine; reports an error and returns undefined if the machine is unknown. */
function foundIn(entry: Entry, menu: Menu, reader: FileReader): Omit<Gathered, 'notes'> | undefined {
  const { source } = reader;
  for (const { label } of menu.entries)
    if (label !== entry.label) reader.left(label, 'another entry of the menu: a node boots only one');
  for (const directive of [...menu.globals, ...entry.directives]) {
    const { keyword, value } = directive;
    if (keyword === 'include' || (keyword === 'menu' && /^include\b/i.test(value.text)))
      reader.open(
        { value: value.text, at: reader.at(directive) },
        'another file of the menu, which harvgen does not read: check whether the node boots an entry of it',
      );
  }
  const others = [...menu.globals, ...entry.directives].filter(
    ({ keyword, value }) => !READ.includes(keyword) && !/^(?:default|include)\b/i.test(value.text),
  );
  const names = others.map(
    ({ keyword, value }) => /^menu \w+|^\S{1,20}/i.exec(`${keyword} ${value.text}`)?.[0],
  );
  const why = 'a node boots without a menu, and harvgen writes its own boot files';
  if (others[0]) reader.left([...new Set(names)].join(', ').toUpperCase(), why, reader.at(others[0]));
  const booted = bootedBy(entry, menu, reader);
  if (!booted) return { machines: [] };
  const script = booted.ipxe?.script;
  const fileFor = menuFor(source) ?? (script && scriptOf(script));
  if (fileFor) return dataOf(booted, fileFor, reader);
  const isUnnamed = source.file === '-';
  return reader.error(
    'import-value',
    `The machine of the file is unknown: ${isUnnamed ? 'standard input has no name' : `no single machine requests ${displayName(basename(source.file))}`}.`,
    reader.at({ start: 0, end: 0 }),
    'name it as pxelinux requests it: 01-52-54-00-aa-01-01, C0A80001 (the whole IP address in hexadecimal), a UUID, or default',
  );
}

function scriptOf({ value }: Sourced<string>): FileFor | undefined {
  return scriptCalled(scriptNameOf(value.replace(/^.*:/, '')));
}

/** The boot of a menu entry: iPXE with a script, Linux, or by default the machine's disk. */
interface Booted {
  readonly at: SourceLocation;
  readonly ipxe?: { readonly script?: Sourced<string> | undefined; readonly label: Sourced<string> };
  readonly linux?: Pick<GatheredBoot, 'kernel' | 'initrd' | 'params'>;
}

/** Returns the boot of an entry; adds a note and returns undefined if a site cannot have it. */
function bootedBy({ label, directives }: Entry, { globals }: Menu, reader: FileReader): Booted | undefined {
  const at = reader.at(label);
  if (lastOf(directives, 'localboot')) return { at };
  const kernel = lastOf(directives, 'kernel', 'linux');
  const ofEntry = lastOf(directives, 'append');
  const append = ofEntry?.text === '-' ? undefined : (ofEntry ?? lastOf(globals, 'append'));
  if (kernel && /(?:^|[/:])chain(?:\.c32)?$/i.test(kernel.text) && /^hd\d|\bhd\d\b/.test(append?.text ?? ''))
    return { at };
  if (!kernel || OTHER.test(kernel.text.replace(IPXE, ''))) {
    const what = kernel ?? directives.find(({ keyword }) => OTHERS.includes(keyword))?.value;
    const called = what ? displayName(what.text) : 'nothing';
    return reader.left(label, `an entry that boots ${called}: a node boots Linux, a disk or Harvester`);
  }
  const initrd = lastOf(directives, 'initrd') ?? initrdOf(append);
  const [first, ...further] = initrd ? piecesOf(initrd.text, initrd.start, /[^,]+/g) : [];
  if (IPXE.test(kernel.text))
    return { at, ipxe: { script: first && reader.sourced(first), label: reader.sourced(label) } };
  for (const piece of further) reader.left(piece, 'another initrd: a site has one for each kernel');
  const why = "pxelinux added ip= with the machine's IP address: harvgen adds the NIC's arguments";
  if (Number(lastOf([...globals, ...directives], 'ipappend', 'sysappend')?.text ?? '0') & 1)
    reader.changed('IPAPPEND', why, at);
  const linux = {
    kernel: plainPath(kernel, reader),
    initrd: first && plainPath(first, reader),
    params: append && append.text !== '' ? reader.sourced(append) : undefined,
  };
  return { at, linux };
}

function initrdOf(append: Piece | undefined): Piece | undefined {
  return append && piecesOf(append.text, append.start, /(?<=(?:^|\s)initrd=)\S+/g)[0];
}

/** Returns a path relative to the directory of pxelinux; `server::path` names another TFTP server. */
function plainPath(piece: Piece, reader: FileReader): Sourced<string> {
  const isUrl = /^[a-z]+:\/\//i.test(piece.text);
  return reader.sourced(piece, isUrl ? piece.text : piece.text.replace(/^(?:::)?(?:\.?\/+)*/, ''));
}

function dataOf({ at, linux, ipxe }: Booted, fileFor: FileFor, reader: FileReader): Omit<Gathered, 'notes'> {
  const machine = machineFor(fileFor, at);
  if (linux)
    return { machines: machine ? [machine] : [], boots: [{ at, ...linux, ...bootFor(fileFor, at) }] };
  if (!machine) {
    const why = ipxe
      ? 'a script for machines without a separate file: import it as ipxe if it is for nodes'
      : 'machines without a separate file boot their disk: a site leaves unknown machines to their firmware';
    reader.left('default', why, at);
    return { machines: [], boots: ipxe ? [] : [{ at, isDisk: true, ...bootFor(fileFor, at) }] };
  }
  if (!ipxe) return { machines: [{ ...machine, disk: { at } }] };
  const { script, label } = ipxe;
  // Firmware runs pxelinux.0 and ipxe.lkrn only as a BIOS.
  const started: GatheredMachine = {
    ...machine,
    loader: { value: 'pxelinux', at },
    firmware: { value: 'bios', at },
  };
  const named = script && scriptOf(script);
  if (named?.by !== 'name') {
    reader.open(
      { value: (script ?? label).value, at },
      'the name of its iPXE script is not that of a node: add the script with --join ipxe:FILE',
    );
    return { machines: [started] };
  }
  reader.left(label, "BMI's name for the disk of the node: a site names disks by node and image");
  return { machines: [{ ...started, name: { value: named.value, at: script?.at ?? at } }] };
}
