import { basename } from 'node:path';
import type { Report } from '../../source/diagnostics/report.ts';
import type { Span } from '../../source/likely.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { ipv4Number } from '../../values/addresses.ts';
import type {
  Gathered,
  GatheredBoot,
  GatheredDisk,
  GatheredLogin,
  GatheredMachine,
  GatheredSan,
  Sourced,
} from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import {
  bootFor,
  concealGroup,
  FileReader,
  type JoinedKind,
  linesOf,
  machineFor,
  type Piece,
  piecesOf,
  referring,
  scriptCalled,
  scriptFor,
} from './file-reader.ts';

/** A script of iPXE that boots a machine: BMI's `<node>.ipxe`, and others like it. */
export const ipxe: JoinedKind = {
  name: 'ipxe',
  what: "a script of iPXE, called by its node or MAC address: BMI's node01.ipxe, which boots a disk by iSCSI, or one that boots Linux",
  isLike: ({ text }) => /^\ufeff?\s*#!(?:ipxe|gpxe)\b/.test(text),
  read(source, report) {
    concealGroup(source, PASSWORD);
    const run = new ScriptRun(source, report);
    if (source.text.trim() !== '' && !ipxe.isLike(source))
      return run.refuse(
        'This is no script of iPXE, which begins with #!ipxe.',
        'give a script, such as the node01.ipxe that BMI wrote',
        { hides: true },
      );
    run.take(readScript(source));
    const found = foundIn(run);
    return found && { ...found, notes: run.notes.sorted() };
  },
};

/** Passwords of CHAP, whatever they are of: they are kept from being shown, whether the script can be read or not. */
const PASSWORD = /password(?::\w{1,9})?[ \t]{1,9}([^\n]*)/gi;

/** What a script says of the machine that it is for; undefined where nothing says which that is, which is reported. */
function foundIn(run: ScriptRun): Omit<Gathered, 'notes'> | undefined {
  const { linux, disk, node, notes } = run;
  const whose = scriptFor(run.source);
  const at = run.at({ start: 0, end: 0 });
  const own = whose && machineFor(whose, at);
  const machine: GatheredMachine | undefined =
    own && !own.name && node !== undefined ? { ...own, name: { value: node, at } } : own;
  if (!linux && !disk) {
    const led = whose?.by === 'name' ? run.chained.flatMap(macOfUrl) : [];
    if (run.chained.length === 0) notes.left(fileOf(run.source), 'a script that boots nothing by itself', at);
    // Such as harvgen's own first script over TFTP: which MAC address is the node's.
    const nics = led.map((mac) => ({ mac, boots: true }));
    return { machines: machine && led.length > 0 ? [{ ...machine, nics }] : [] };
  }
  if (linux) {
    const hosts = bootFor(whose ?? { by: 'all', value: '' }, at);
    return { machines: machine ? [machine] : [], boots: [{ ...linux, ...hosts }] };
  }
  if (!machine && whose && !disk?.san) return { machines: [] };
  if (!machine) {
    // A disk is one machine's, and a script on standard input has no name.
    const isUnnamed = run.source.file === '-';
    return run.error(
      'import-value',
      `Nothing says which machine the script is for: ${isUnnamed ? 'standard input has no name' : `no node, and no MAC address, is called ${fileOf(run.source)}`}.`,
      at,
      'call the file by its node, as BMI does (node01.ipxe), or by its MAC address (52-54-00-aa-01-01.ipxe)',
    );
  }
  const server = disk?.san?.server;
  // A target's server is an address in a site: any other stays open there.
  if (server && ipv4Number(server.value) === undefined)
    run.open(server, 'the iSCSI server by no IPv4 address, and harvgen asks no DNS: say the address');
  return { machines: [{ ...machine, disk }] };
}

function fileOf({ file }: Source): string {
  return file === '-' ? 'standard input' : displayName(basename(file));
}

function macOfUrl({ value, at }: Sourced<string>): Sourced<string>[] {
  const whose = scriptCalled((value.split(/[?#]/, 1)[0] ?? '').replace(/^.*\//, '').replace(/\.ipxe$/i, ''));
  return whose?.by === 'mac' ? [{ value: whose.value, at }] : [];
}

/** By which a script finds out for itself what to do. */
const DECIDING = ['goto', 'menu', 'item', 'choose', 'iseq', 'isset', 'cpuid', 'prompt', 'inc'];

/** Options that have a value behind them, of the commands of images and NICs, and of those of disks. Source: iPXE, src/hci/commands. */
const VALUED = /^(?:-[ntc]|--(?:name|timeout|configurator))$/;
const VALUED_OF_DISKS = /^(?:-[dfelu]|--(?:drive|filename|extra|label|uuid))$/;

/** What harvgen says of a script that it has written: whose it is. */
const OWN_SCRIPT = /^# ([a-z0-9][a-z0-9.-]{0,62}), a node of [a-z0-9_-]{1,63}$/m;

/** Goes through the commands of a script, and keeps what is booted first; what it does where that fails is noted. */
class ScriptRun extends FileReader {
  /** What the script goes on to before it has booted anything. */
  readonly chained: Sourced<string>[] = [];
  /** The node, of a script of harvgen's own. */
  readonly node: string | undefined;
  readonly #settings = new Settings();
  readonly #logins = new Map<string, Sourced<string>>();
  linux: { -readonly [K in keyof GatheredBoot]: GatheredBoot[K] } | undefined;
  #disk: { readonly at: SourceLocation; readonly san?: GatheredSan } | undefined;
  #fallback: Sourced<'disk'> | undefined;
  #decides: SourceLocation | undefined;

  constructor(source: Source, report: Report) {
    super(source, report);
    this.node = OWN_SCRIPT.exec(source.text)?.[1];
  }

  take(commands: readonly Command[]): void {
    for (const command of commands) this.#take(command);
    const reason =
      'the script finds out at run time what to do: what it boots first counts. A site has for each node what it boots';
    if (this.#decides && this.node === undefined) this.changed('its decisions', reason, this.#decides);
  }

  get disk(): GatheredDisk | undefined {
    const { at, san } = this.#disk ?? {};
    return at && { at, ...(san ? { san: { ...san, ...this.#loginsOf(), fallback: this.#fallback } } : {}) };
  }

  #take(command: Command): void {
    const [name, ...rest] = command.words;
    const is = (...names: readonly string[]) => names.includes(name?.text ?? '');
    const at = this.at(command);
    const plain = rest.map((word) => ({ ...word, text: this.#settings.expand(word.text) }));
    const operands = operandsOf(plain);
    const isFirst = !this.linux && !this.#disk;
    if (is('set')) this.#set(rest);
    else if (is('kernel', 'imgselect', 'imgload')) this.#kernel(operands, at, isFirst);
    else if (is('initrd', 'module', 'imgfetch')) this.#initrd(operands, at);
    else if (is('imgargs') && this.linux) this.linux.params = this.#textOf(operands.slice(1));
    else if (is('sanboot', 'sanhook')) this.#san(plain, at, isFirst);
    else if (is('dhcp', 'ifopen', 'ifconf')) this.#nic(rest, at);
    else if (!isFirst) return;
    else if (is('chain')) this.#chain(operands, at);
    // Where the script has gone on to another one, what it does then is no boot of its own.
    else if (is('exit') && this.chained.length === 0) this.#disk = { at };
    else if (is(...DECIDING)) this.#decides ??= at;
  }

  #textOf(words: readonly Piece[]): Sourced<string> | undefined {
    const [first] = words;
    const last = words.at(-1);
    const text = words.map((word) => word.text).join(' ');
    return first && last && this.said({ text, start: first.start, end: last.end });
  }

  #set([name, ...words]: readonly Piece[]): void {
    if (!name) return;
    const key = bare(name.text);
    const said = this.#textOf(words);
    const value = this.#settings.expand(said?.value ?? '');
    if (/^(?:reverse-)?(?:username|password)$|^initiator-iqn$/.test(key)) {
      if (said) this.#logins.set(key, { value, at: said.at });
    } else this.#settings.set(name.text, value);
  }

  #kernel([uri, ...args]: readonly Piece[], at: SourceLocation, isFirst: boolean): void {
    if (!uri) return;
    if (isFirst) this.linux = { at, kernel: inPlace(this.said(uri)), params: this.#textOf(args) };
    else this.left({ value: uri.text, at }, 'the script boots something else before it');
  }

  #initrd(operands: readonly Piece[], at: SourceLocation): void {
    const why = 'a further initrd: a site has one for each kernel';
    if (this.linux?.initrd) this.left('initrd', why, at);
    else if (this.linux) this.linux.initrd = inPlace(this.#textOf(operands.slice(0, 1)));
  }

  #san(words: readonly Piece[], at: SourceLocation, isFirst: boolean): undefined {
    const [uri, ...others] = operandsOf(words, VALUED_OF_DISKS);
    if (!uri) {
      // A drive of the BIOS: the machine's own disk.
      if (isFirst) this.#disk = { at };
      else if (this.#disk?.san) this.#fallback ??= { value: 'disk', at };
      return;
    }
    const path = readSanPath(uri.text);
    const why =
      'no disk of iSCSI that a site could have: iscsi:ADDRESS::PORT:LUN:TARGET with one number for the LUN';
    if (!path) return this.left(uri, why);
    for (const other of others) this.left(other, 'a further path to the disk: a node of a site has one');
    if (!isFirst) return this.left(uri, 'the script boots something else before it');
    const { target, server, port, lun } = path;
    const san = {
      target: this.said(uri, referring(target)),
      server: this.said(uri, server),
      port: port === undefined ? undefined : this.said(uri, port),
      lun: this.said(uri, lun),
    };
    this.#disk = { at, san };
  }

  #chain([url]: readonly Piece[], at: SourceLocation): void {
    if (!url) return;
    this.chained.push(this.said(url));
    this.left(
      { value: url.text, at },
      'what the script goes on to is another file, which harvgen does not fetch: import that one, too',
    );
  }

  /** The number of a NIC is for the firmware to say. */
  #nic(words: readonly Piece[], at: SourceLocation): void {
    const numbered = operandsOf(words).find(({ text }) => /^net\d+$/.test(text));
    const why =
      'which NIC has this number is for the firmware to say: the script of a site finds it by its MAC address';
    if (numbered) this.changed(numbered.text, why, at);
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

/** The arguments without the options before them; behind the first one come those of the kernel, whatever they begin with. */
function operandsOf(words: readonly Piece[], valued = VALUED): readonly Piece[] {
  let from = 0;
  while (words[from]?.text.startsWith('-')) from += valued.test(words[from]?.text ?? '') ? 2 : 1;
  return words.slice(from);
}

/** A path without a server is one on the server that the script came from. */
function inPlace<T extends Sourced<string> | undefined>(said: T): T {
  return said && { ...said, value: said.value.replace(/^\/+(?=[A-Za-z0-9])/, '') };
}

/** A command of a script, with its arguments; it ends with its last word. Words are as they are written. */
export interface Command extends Span {
  readonly words: readonly Piece[];
}

/**
 * Reads the commands of a script, in their order: words are what stands between blanks; `||`, `&&` and `;` part commands as
 * words of their own, a word that begins with # begins a comment, a backslash at the end of a line goes on with the next, and
 * what begins with a colon is a label. Source: iPXE, src/image/script.c (process_script), src/core/exec.c (system).
 */
export function readScript({ text }: Source): Command[] {
  const commands: Command[] = [];
  for (const words of wordsOfLines(text)) {
    const rest = words[0]?.text.startsWith(':') ? words.slice(1) : words;
    const comment = rest.findIndex((word) => word.text.startsWith('#'));
    let command: Piece[] = [];
    for (const word of [...rest.slice(0, comment < 0 ? undefined : comment), undefined]) {
      if (word && !['||', '&&', ';'].includes(word.text)) {
        command.push(word);
        continue;
      }
      const [first] = command;
      if (first) commands.push({ words: command, start: first.start, end: command.at(-1)?.end ?? first.end });
      command = [];
    }
  }
  return commands;
}

/** The words of each line, in which a word may be parted by the end of a line. */
function* wordsOfLines(text: string): Iterable<Piece[]> {
  let words: Piece[] = [];
  let open: Piece | undefined;
  const close = () => {
    if (open) words.push(open);
    open = undefined;
  };
  for (const line of linesOf(text)) {
    const raw = line.text.replace(/\r$/, '');
    const goesOn = raw.endsWith('\\');
    for (const piece of piecesOf(goesOn ? raw.slice(0, -1) : raw, line.start, /\s+|\S+/g))
      if (piece.text.trim() === '') close();
      else open = { ...piece, text: (open?.text ?? '') + piece.text, start: open?.start ?? piece.start };
    if (goesOn) continue;
    close();
    yield words;
    words = [];
  }
  close();
  yield words;
}

const MOST_ROUNDS = 8;
const LONGEST = 4096;

/** What a script sets, and what it takes in by `${name}`. Source: iPXE, src/core/settings.c. */
export class Settings {
  readonly #values = new Map<string, string>();

  set(name: string, value: string): void {
    this.#values.set(bare(name), value);
  }

  /** Gives a text with what the script has set in it; what only the machine knows stays as it is. */
  expand(text: string): string {
    let made = text;
    // Innermost first, as iPXE does; what grows beyond any use is left.
    for (let round = 0; round < MOST_ROUNDS && made.length < LONGEST; round += 1) {
      let grown = made.length;
      const next = made.replace(/\$\{([^${}]+)\}/g, (whole, name: string) => {
        const value = this.#values.get(bare(name)) ?? whole;
        grown += value.length;
        return grown < LONGEST ? value : whole;
      });
      if (next === made) break;
      made = next;
    }
    return made;
  }
}

/** The name of a setting without its type, and without the NIC that it is of. */
export function bare(name: string): string {
  return name
    .replace(/:\w+$/, '')
    .replace(/^net[\dX]+[./]/i, '')
    .toLowerCase();
}

/**
 * Reads `iscsi:<server>:<protocol>:<port>:<LUN>:<target>`: what is left empty is TCP, 3260 and 0; a LUN is hexadecimal, in up
 * to four pieces of which a disk of a usual target has the first alone. Gives undefined for what is none.
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
    // Undefined for 3260, where the URI does not say it.
    port: Number(port) === 0 ? undefined : Number(port),
    lun: lun === '' ? 0 : Number.parseInt(lun, 16),
    target,
  };
}
