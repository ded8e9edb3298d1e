import { basename } from 'node:path';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { readMac } from '../../values/identifiers.ts';
import type { Span } from '../../values/spans.ts';
import type {
  Gathered,
  GatheredBoot,
  GatheredDisk,
  GatheredLogin,
  GatheredMachine,
  GatheredSan,
  Sourced,
} from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { isInstaller } from '../model/kernel-params.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';
import {
  bootFor,
  concealGroup,
  type FileFor,
  FileReader,
  machineFor,
  type Piece,
  referring,
  scriptCalled,
  scriptFor,
  scriptNameOf,
} from './file-reader.ts';

/** An iPXE script that boots a machine: BMI's `<node>.ipxe` and similar scripts. */
export const ipxe: JoinedFormat = {
  name: 'ipxe',
  what: "an iPXE script named by node or MAC address: BMI's node01.ipxe, which boots an iSCSI disk, or one that boots Linux",
  isLike: ({ text }) => /^\ufeff?\s*#!(?:ipxe|gpxe)\b/.test(text),
  read(source, report) {
    concealGroup(source, PASSWORD);
    const run = new ScriptRun(source, report);
    if (source.text.trim() !== '' && !ipxe.isLike(source))
      return run.refuse(
        'The file is not an iPXE script: it does not begin with #!ipxe.',
        'use a script such as the node01.ipxe that BMI wrote',
        { hides: true },
      );
    const commands = readScript(source);
    const macs = run.node === undefined ? macsIn(run, commands) : [];
    const found = macs.length > 0 ? dispatched(run, commands, macs) : foundIn(run.take(commands));
    return found && { ...found, notes: run.notes.sorted() };
  },
};

/** CHAP passwords of any user; they are hidden even if the script cannot be parsed. */
const PASSWORD = /password(?::\w{1,9})?[ \t]{1,9}([^\n]*)/gi;

const ALL: FileFor = { by: 'all', value: '' };

/** Whether a script is for all machines, whatever its name: one that asks, or that requests files by the machine's identity. */
function isForAll({ source: { text }, linux }: ScriptRun): boolean {
  if (!linux || !isInstaller(linux)) return false;
  const { size } = new Set(text.match(/config_?url=\S+/gi));
  return size > 1 || (size === 0 && /^[ \t]*choose[ \t]/m.test(text)) || /\$\{[^${}]*\bmac\b/.test(text);
}

/** Returns the MAC addresses by which a script decides: those that it compares, and those in labels. */
function macsIn(run: ScriptRun, commands: readonly Command[]): Sourced<string>[] {
  const words = commands.flatMap(({ words: [name, ...others], labels }) =>
    name?.text === 'iseq' ? [...labels, ...others] : labels,
  );
  const found = words.flatMap((word) => {
    const mac = readMac(word.text.replace(/^:?(?:mac[-_])?/i, ''));
    return mac === undefined ? [] : [run.sourced(word, mac)];
  });
  return [...new Map(found.map((mac) => [mac.value, mac])).values()];
}

/** Returns the data of a script that decides by MAC addresses: what each of these machines runs, and any other. */
function dispatched(
  run: ScriptRun,
  commands: readonly Command[],
  macs: readonly Sourced<string>[],
): Omit<Gathered, 'notes'> {
  const boots: GatheredBoot[] = [];
  const machines = [...macs, undefined].flatMap((mac): GatheredMachine[] => {
    const own = new ScriptRun(run.source, run.report, run.notes);
    own.take([...commandsFor(commands, mac?.value)]);
    const { linux, disk, chained } = own;
    const target = mac ? { at: mac.at, macs: [mac] } : bootFor(ALL, run.at({ start: 0, end: 0 }));
    if (linux) boots.push({ ...linux, ...target });
    const [name] = chained.flatMap((url) => targetOf(url, 'name'));
    return mac ? [{ at: mac.at, name, nics: [{ mac, boots: true }], disk: linux ? undefined : disk }] : [];
  });
  return { machines, boots };
}

/** The commands after which a script does not continue. */
const LAST = ['boot', 'exit', 'chain', 'sanboot', 'shell', 'reboot', 'poweroff'];
const MOST_STEPS = 10_000;

/** Returns the commands that a script runs on a machine, if no user input or failure changes that. */
function* commandsFor(commands: readonly Command[], mac: string | undefined): Generator<Command> {
  const settings = new Settings();
  if (mac !== undefined) settings.set('mac', mac);
  let isOk = true;
  for (let at = 0, steps = 0; at < commands.length && steps < MOST_STEPS; at += 1, steps += 1) {
    const command = commands[at] as Command;
    if (command.after === '||' ? isOk : command.after === '&&' && !isOk) continue;
    const [name = '', ...words] = command.words.map(({ text }) => settings.expand(text));
    const [first = '', second = ''] = words;
    isOk =
      name === 'iseq' ? first === second : name === 'isset' ? /^(?!.*\$\{)./.test(first) : name !== 'prompt';
    const label = commands.findIndex(({ labels }) => labels.some(({ text }) => text === `:${first}`));
    if (name === 'goto') isOk = label >= 0;
    if (name === 'goto' && isOk) at = label - 1;
    else if (name === 'set') settings.set(first, words.slice(1).join(' '));
    else if (name === 'choose')
      settings.set(
        words.at(-1) ?? '',
        words[words.findIndex((word) => /^(?:-d|--default)$/.test(word)) + 1] ?? '',
      );
    if (!DECIDING.includes(name)) yield command;
    if (LAST.includes(name)) return;
  }
}

/** Returns the data of a script's machine; reports an error and returns undefined if the machine is unknown. */
function foundIn(run: ScriptRun): Omit<Gathered, 'notes'> | undefined {
  const { linux, disk, node, notes } = run;
  const called = scriptFor(run.source);
  const fileFor = called?.by === 'name' && isForAll(run) ? ALL : called;
  const at = run.at({ start: 0, end: 0 });
  const named = fileFor && machineFor(fileFor, at);
  const machine: GatheredMachine | undefined =
    named && !named.name && node !== undefined ? { ...named, name: { value: node, at } } : named;
  if (!linux && !disk) {
    const bootMacs = fileFor?.by === 'name' ? run.chained.flatMap((url) => targetOf(url, 'mac')) : [];
    if (run.chained.length === 0) notes.left(fileOf(run.source), 'a script that boots nothing itself', at);
    // For example harvgen's entry script over TFTP, which contains the node's MAC address.
    const nics = bootMacs.map((mac) => ({ mac, boots: true }));
    return { machines: machine && bootMacs.length > 0 ? [{ ...machine, nics }] : [] };
  }
  if (linux) {
    const hosts = bootFor(fileFor ?? ALL, at);
    return { machines: machine ? [machine] : [], boots: [{ ...linux, ...hosts }] };
  }
  if (!machine && fileFor?.by === 'all' && disk && !disk.san)
    return { machines: [], boots: [{ at, isDisk: true, ...bootFor(ALL, at) }] };
  if (!machine && fileFor && !disk?.san) return { machines: [] };
  if (!machine) {
    // A disk belongs to one machine, and a script on standard input has no name.
    const isUnnamed = run.source.file === '-';
    return run.error(
      'import-value',
      `The machine of the script is unknown: ${isUnnamed ? 'standard input has no name' : `${fileOf(run.source)} is not the name of a node or a MAC address`}.`,
      at,
      'name the file after its node, as BMI does (node01.ipxe), or its MAC address (52-54-00-aa-01-01.ipxe)',
    );
  }
  const server = disk?.san?.server;
  // A site requires the IP address of a target's server, so a host name remains to be filled in.
  if (server && ipv4Number(server.value) === undefined)
    run.open(server, 'a host name of the iSCSI server, and harvgen does not use DNS: set its IP address');
  return { machines: [{ ...machine, disk }] };
}

function fileOf({ file }: Source): string {
  return file === '-' ? 'standard input' : displayName(basename(file));
}

/** Returns the machine of a chained script, if its name is of a kind. */
function targetOf({ value, at }: Sourced<string>, by: FileFor['by']): Sourced<string>[] {
  const fileFor = scriptCalled(scriptNameOf(value));
  return fileFor?.by === by ? [{ value: fileFor.value, at }] : [];
}

/** The commands by which a script decides at run time. */
const DECIDING = ['goto', 'menu', 'item', 'choose', 'iseq', 'isset', 'cpuid', 'prompt', 'inc'];

/** Options with a value: of commands for images and NICs, and of those for disks. Source: iPXE, src/hci/commands. */
const VALUED = /^(?:-[ntc]|--(?:name|timeout|configurator))$/;
const VALUED_OF_DISKS = /^(?:-[dfelu]|--(?:drive|filename|extra|label|uuid))$/;

const LATER = 'the script boots something else first';

/** Why a command or setting is not imported. */
const OWN = 'harvgen writes its own script, without this';

/** The comment with the node's name in harvgen's own scripts. */
const OWN_SCRIPT = /^# ([a-z0-9][a-z0-9.-]{0,62}), a node of [a-z0-9_-]{1,63}$/m;

/** Reads the commands of a script and keeps its first boot; adds notes on its fallbacks. */
class ScriptRun extends FileReader {
  /** The scripts that it continues with before it has booted anything. */
  readonly chained: Sourced<string>[] = [];
  /** The node of harvgen's own script. */
  readonly node: string | undefined;
  readonly #settings = new Settings();
  readonly #logins = new Map<string, Sourced<string>>();
  linux: { -readonly [K in keyof GatheredBoot]: GatheredBoot[K] } | undefined;
  #disk: { readonly at: SourceLocation; readonly san?: GatheredSan } | undefined;
  #fallback: Sourced<'disk'> | undefined;
  #decides: SourceLocation | undefined;

  constructor(source: Source, report: Report, notes?: Notes) {
    super(source, report, notes);
    this.node = OWN_SCRIPT.exec(source.text)?.[1];
  }

  take(commands: readonly Command[]): this {
    for (const command of commands) this.#take(command);
    const reason =
      'the script decides at run time: its first boot applies, because a site sets the boot of each node';
    if (this.#decides && this.node === undefined) this.changed('its decisions', reason, this.#decides);
    return this;
  }

  get disk(): GatheredDisk | undefined {
    const { at, san } = this.#disk ?? {};
    return at && { at, ...(san ? { san: { ...san, ...this.#loginsOf(), fallback: this.#fallback } } : {}) };
  }

  #take(command: Command): void {
    const [name, ...rest] = command.words;
    const isOneOf = (...names: readonly string[]) => names.includes(name?.text ?? '');
    const at = this.at(command);
    const plain = rest.map((word) => ({ ...word, text: this.#settings.expand(word.text) }));
    const operands = operandsOf(plain);
    const isFirst = !this.linux && !this.#disk;
    if (isOneOf('set')) this.#set(rest);
    else if (isOneOf('kernel', 'imgselect', 'imgload')) this.#kernel(operands, at, isFirst);
    else if (isOneOf('initrd', 'module', 'imgfetch')) this.#initrd(operands, at);
    else if (isOneOf('imgargs') && this.linux) this.linux.params = this.#textOf(operands.slice(1));
    else if (isOneOf('sanboot', 'sanhook')) this.#san(plain, at, isFirst);
    else if (isOneOf('dhcp', 'ifopen', 'ifconf')) this.#nic(rest, at);
    else if (isOneOf('vcreate', 'imgverify', 'imgtrust', 'params', 'param', 'ntp'))
      this.left({ value: name?.text ?? '', at }, OWN);
    else if (isOneOf('chain')) this.#chain(operands, at, isFirst);
    else if (!isFirst) return;
    // After the script has continued with another one, exiting is not a boot.
    else if (isOneOf('exit') && this.chained.length === 0) this.#disk = { at };
    else if (isOneOf(...DECIDING)) this.#decides ??= at;
  }

  #textOf(words: readonly Piece[]): Sourced<string> | undefined {
    const [first] = words;
    const last = words.at(-1);
    const text = words.map((word) => word.text).join(' ');
    return first && last && this.sourced({ text, start: first.start, end: last.end });
  }

  #set([name, ...words]: readonly Piece[]): void {
    if (!name) return;
    const key = bare(name.text);
    const text = this.#textOf(words);
    const value = this.#settings.expand(text?.value ?? '');
    if (/^(?:reverse-)?(?:username|password)$|^initiator-iqn$/.test(key)) {
      if (text) this.#logins.set(key, { value, at: text.at });
    } else this.#settings.set(name.text, value);
    const isUsed = this.source.text.toLowerCase().includes(`{${key}`) || this.#logins.has(key);
    if (!isUsed && key !== 'keep-san' && this.node === undefined) this.left(name, OWN);
  }

  #kernel([uri, ...args]: readonly Piece[], at: SourceLocation, isFirst: boolean): void {
    if (!uri) return;
    const linux = { at, kernel: inPlace(this.sourced(uri)), params: this.#textOf(args) };
    // Scripts that install a machine can boot its installed disk first.
    const isInstalling = !this.linux && !this.#disk?.san && isInstaller(linux);
    if (isFirst || isInstalling) this.linux = linux;
    else this.left({ value: uri.text, at }, LATER);
  }

  #initrd(operands: readonly Piece[], at: SourceLocation): void {
    const why = 'another initrd: a site has one for each kernel';
    if (this.linux?.initrd) this.left('initrd', why, at);
    else if (this.linux) this.linux.initrd = inPlace(this.#textOf(operands.slice(0, 1)));
  }

  #san(words: readonly Piece[], at: SourceLocation, isFirst: boolean): undefined {
    const [uri, ...others] = operandsOf(words, VALUED_OF_DISKS);
    if (!uri) {
      // A BIOS drive: the machine's own disk.
      if (isFirst) this.#disk = { at };
      else if (this.#disk?.san) this.#fallback ??= { value: 'disk', at };
      return;
    }
    const path = readSanPath(uri.text);
    const why =
      'not a valid iSCSI disk of a site, which is iscsi:ADDRESS::PORT:LUN:TARGET with one number for the LUN';
    if (!path) return this.left(uri, why);
    for (const other of others) this.left(other, 'another path to the disk: a node of a site has one');
    if (!isFirst) return this.left(uri, LATER);
    const { target, server, port, lun } = path;
    const san = {
      target: this.sourced(uri, referring(target)),
      server: this.sourced(uri, server),
      port: port === undefined ? undefined : this.sourced(uri, port),
      lun: this.sourced(uri, lun),
    };
    this.#disk = { at, san };
  }

  #chain([url]: readonly Piece[], at: SourceLocation, isFirst: boolean): void {
    if (!url || (!isFirst && this.node !== undefined)) return;
    if (isFirst) this.chained.push(this.sourced(url));
    const next =
      'the script continues with another file, which harvgen does not download: import that file too';
    this.left({ value: url.text, at }, isFirst ? next : LATER);
  }

  /** Notes a NIC number, because the firmware assigns these. */
  #nic(words: readonly Piece[], at: SourceLocation): void {
    const numbered = operandsOf(words).find(({ text }) => /^net\d+$/.test(text));
    const why = 'the firmware assigns this number: the script of a site finds the NIC by its MAC address';
    if (numbered) this.changed(numbered.text, why, at);
    else if (words[0]) this.left(words[0], OWN);
  }

  #loginsOf(): Pick<GatheredSan, 'initiator' | 'login' | 'targetLogin'> {
    const login = (begin: string): GatheredLogin | undefined => {
      const user = this.#logins.get(`${begin}username`);
      const password = this.#logins.get(`${begin}password`);
      return user && { user, password: password && { ...password, value: referring(password.value) } };
    };
    return { initiator: this.#logins.get('initiator-iqn'), login: login(''), targetLogin: login('reverse-') };
  }
}

/** Returns the arguments after the leading options; later arguments belong to the kernel, even if they begin with -. */
function operandsOf(words: readonly Piece[], valued = VALUED): readonly Piece[] {
  let from = 0;
  while (words[from]?.text.startsWith('-')) from += valued.test(words[from]?.text ?? '') ? 2 : 1;
  return words.slice(from);
}

/** Returns a path without its leading slash, because it is relative to the server of the script. */
function inPlace<T extends Sourced<string> | undefined>(uri: T): T {
  return uri && { ...uri, value: uri.value.replace(/^\/+(?=[A-Za-z0-9])/, '') };
}

/** A command of a script with its arguments, up to the end of its last word. Words are unchanged. */
export interface Command extends Span {
  readonly words: readonly Piece[];
  /** The labels before it, with their colons. */
  readonly labels: readonly Piece[];
  /** The word between the command before it on its line and this one. */
  readonly after: string | undefined;
}

/**
 * Reads the commands of a script in their order. Blanks separate words; the words `||`, `&&` and `;` separate commands.
 * A word that begins with # begins a comment; a backslash at the end of a line continues it; text that begins with a colon
 * is a label. Source: iPXE, src/image/script.c (process_script), src/core/exec.c (system).
 */
export function readScript({ text }: Source): Command[] {
  const commands: Command[] = [];
  let words: Piece[] = [];
  let labels: Piece[] = [];
  let after: string | undefined;
  let rest: 'line' | 'words' | 'comment' = 'line';
  const close = (next?: string) => {
    const [first] = words;
    const last = words.at(-1);
    if (first && last) commands.push({ words, labels, after, start: first.start, end: last.end });
    if (first) labels = [];
    words = [];
    after = next;
  };
  for (const { 0: raw, index } of text.matchAll(WORD_OR_LINE_END)) {
    const word = raw.replace(/\\\r?(?:\n|$)/g, '');
    if (raw === '\n') {
      close();
      rest = 'line';
    } else if (word !== '' && rest !== 'comment') {
      const isLabel = rest === 'line' && word.startsWith(':');
      rest = word.startsWith('#') ? 'comment' : 'words';
      const start = index + raw.search(/[^\\\r\n]|\\(?!\r?(?:\n|$))/);
      const end = index + raw.replace(/(?:\\\r?(?:\n|$))+$/, '').length;
      if (['||', '&&', ';'].includes(word)) close(word);
      else if (rest === 'words') (isLabel ? labels : words).push({ text: word, start, end });
    }
  }
  close();
  return commands;
}

/** A word, which can continue on the next line, or the end of a line. */
const WORD_OR_LINE_END = /\n|(?:\\\r?(?:\n|$)|\S)+/g;

const MOST_ROUNDS = 8;
const LONGEST = 4096;

/** The settings of a script, and their expansion by `${name}`. Source: iPXE, src/core/settings.c. */
export class Settings {
  readonly #values = new Map<string, string>();

  set(name: string, value: string): void {
    this.#values.set(bare(name), value);
  }

  /** Returns a text with the script's settings expanded; settings of the machine stay unchanged. */
  expand(text: string): string {
    let made = text;
    // Innermost first, as iPXE does; stops before the text gets too long.
    for (let round = 0; round < MOST_ROUNDS && made.length < LONGEST; round += 1) {
      let grown = made.length;
      const next = made.replace(/\$\{([^${}]+)\}/g, (whole, name: string) => {
        const [, form] = /:(hexhyp|hexraw)$/.exec(name) ?? [];
        const known = this.#values.get(bare(name));
        const value = (form ? known?.replaceAll(':', form === 'hexhyp' ? '-' : '') : known) ?? whole;
        grown += value.length;
        return grown < LONGEST ? value : whole;
      });
      if (next === made) break;
      made = next;
    }
    return made;
  }
}

/** Returns the name of a setting without its type and its NIC. */
export function bare(name: string): string {
  return name
    .replace(/:\w+$/, '')
    .replace(/^net[\dX]+[./]/i, '')
    .toLowerCase();
}

/**
 * Reads `iscsi:<server>:<protocol>:<port>:<LUN>:<target>`; the defaults are TCP, 3260 and 0. A LUN is hexadecimal, in up
 * to four pieces, of which a disk of a usual target has only the first. Returns undefined for other texts.
 * Source: iPXE, src/net/tcp/iscsi.c (iscsi_parse_root_path), src/drivers/block/scsi.c (scsi_parse_lun).
 */
export function readSanPath(uri: string) {
  const [, server = '', port = '', lun = '', target] =
    /^iscsi:(?:\/\/)?(\[[^\]]*\]|[^:[\]]*):[^:]*:(\d{0,5}):([0-9a-f]{0,4})(?:-0{0,4}){0,3}:(.+)$/i.exec(
      uri,
    ) ?? [];
  if (server === '' || target === undefined) return undefined;
  return {
    server,
    // Undefined for 3260, the default.
    port: Number(port) === 0 ? undefined : Number(port),
    lun: lun === '' ? 0 : Number.parseInt(lun, 16),
    target,
  };
}
