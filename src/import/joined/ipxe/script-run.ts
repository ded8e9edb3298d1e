import type { Place, Source } from '../../../source/origin.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { GatheredBoot, GatheredDisk, GatheredLogin, GatheredSan, Said } from '../gathered.ts';
import type { Command, Word } from './read-script.ts';
import { readSanPath } from './san-path.ts';
import { bare, Settings } from './settings.ts';

/** What a script boots: Linux, or a disk. */
export type Booted = { readonly linux: GatheredBoot } | { readonly disk: GatheredDisk };

/** By which a script finds out for itself what to do. */
const DECIDING: ReadonlySet<string> = new Set([
  'goto',
  'menu',
  'item',
  'choose',
  'iseq',
  'isset',
  'cpuid',
  'prompt',
  'inc',
]);

/** Options that have a value behind them, of the commands of images and NICs, and of those of disks. Source: iPXE, src/hci/commands. */
const VALUED = /^(?:-[ntc]|--(?:name|timeout|configurator))$/;
const VALUED_OF_DISKS = /^(?:-[dfelu]|--(?:drive|filename|extra|label|uuid))$/;

/** What harvgen says of a script that it has written: whose it is. */
const OWN_SCRIPT = /^# ([a-z0-9][a-z0-9.-]{0,62}), a node of [a-z0-9_-]{1,63}$/m;

interface Linux {
  readonly at: Place;
  readonly kernel: Said<string>;
  initrd: Said<string> | undefined;
  params: Said<string> | undefined;
}

/**
 * Goes through the commands of a script from the first to the last, and keeps what is booted first: what a script does where
 * that fails, or what a menu has beside it, is noted.
 */
export class ScriptRun {
  /** What the script goes on to before it has booted anything. */
  readonly chained: Said<string>[] = [];
  /** The node, of a script of harvgen's own. */
  readonly node: string | undefined;
  readonly #source: Source;
  readonly #notes: Notes;
  readonly #settings = new Settings();
  readonly #logins = new Map<string, Said<string>>();
  #linux: Linux | undefined;
  #disk: { readonly at: Place; readonly san?: GatheredSan } | undefined;
  #fallback: Said<'disk'> | undefined;
  #decides: Place | undefined;

  /** Takes the script with its commands, and where notes go. */
  constructor(source: Source, commands: readonly Command[], notes: Notes) {
    this.#source = source;
    this.#notes = notes;
    const [, node] = OWN_SCRIPT.exec(source.text) ?? [];
    this.node = node;
    for (const command of commands) this.#take(command);
    if (this.#decides && this.node === undefined)
      notes.add(
        'changed',
        'its decisions',
        'the script finds out at run time what to do: what it boots first counts. A site has for each node what it boots',
        this.#decides,
      );
  }

  /** What is booted first; undefined for a script that boots nothing by itself. */
  get boot(): Booted | undefined {
    if (this.#linux) return { linux: this.#linux };
    const { at, san } = this.#disk ?? {};
    if (!at) return undefined;
    return {
      disk: { at, ...(san ? { san: { ...san, ...this.#loginsOf(), fallback: this.#fallback } } : {}) },
    };
  }

  #take({ words, start, end }: Command): void {
    const [name, ...rest] = words;
    if (!name) return;
    const at = { source: this.#source, start, end };
    const plain = rest.map((word) => ({ ...word, text: this.#settings.expand(word.text) }));
    const isFirst = !this.#linux && !this.#disk;
    switch (name.text) {
      case 'set':
        this.#set(rest);
        break;
      case 'kernel':
      case 'imgselect':
      case 'imgload':
        this.#kernel(operandsOf(plain), at, isFirst);
        break;
      case 'initrd':
      case 'module':
      case 'imgfetch':
        if (this.#linux && !this.#linux.initrd) this.#initrd(operandsOf(plain));
        else if (this.#linux)
          this.#note('left', 'initrd', 'a further initrd: a site has one for each kernel', at);
        break;
      case 'imgargs':
        if (this.#linux) this.#linux.params = this.#textOf(operandsOf(plain).slice(1));
        break;
      case 'sanboot':
      case 'sanhook':
        this.#san(plain, at, isFirst);
        break;
      case 'exit':
        if (isFirst && !this.#isLate) this.#disk = { at };
        break;
      case 'chain':
      case 'imgexec':
        this.#chain(operandsOf(plain), at, isFirst && name.text === 'chain');
        break;
      case 'dhcp':
      case 'ifopen':
      case 'ifconf':
        this.#nic(rest, at);
        break;
      default:
        if (DECIDING.has(name.text) && isFirst) this.#decides ??= at;
    }
  }

  /** Whether the script goes on to another one before it gives up: what it does then is no boot of its own. */
  get #isLate(): boolean {
    return this.chained.length > 0;
  }

  #note(kind: 'left' | 'changed' | 'open', of: string, text: string, at: Place): void {
    this.#notes.add(kind, of, text, at);
  }

  /** The words as one text; its place is that of all of them. */
  #textOf(words: readonly Word[]): Said<string> | undefined {
    const [first] = words;
    const last = words.at(-1);
    if (!first || !last) return undefined;
    const value = words.map(({ text }) => text).join(' ');
    return { value, at: { source: this.#source, start: first.start, end: last.end } };
  }

  #set([name, ...words]: readonly Word[]): void {
    if (!name) return;
    const key = bare(name.text);
    const said = this.#textOf(words);
    const value = this.#settings.expand(said?.value ?? '');
    if (/^(?:reverse-)?(?:username|password)$|^initiator-iqn$/.test(key)) {
      if (said) this.#logins.set(key, { value, at: said.at });
    } else this.#settings.set(name.text, value);
  }

  #kernel([uri, ...args]: readonly Word[], at: Place, isFirst: boolean): void {
    const kernel = uri && this.#textOf([uri]);
    if (!kernel) return;
    if (isFirst) this.#linux = { at, kernel: inPlace(kernel), initrd: undefined, params: this.#textOf(args) };
    else this.#note('left', quoteVisibly(kernel.value), 'the script boots something else before it', at);
  }

  #initrd([uri]: readonly Word[]): void {
    const initrd = uri && this.#textOf([uri]);
    if (this.#linux && initrd) this.#linux.initrd = inPlace(initrd);
  }

  #san(words: readonly Word[], at: Place, isFirst: boolean): void {
    const [uri, ...others] = operandsOf(words, VALUED_OF_DISKS);
    if (!uri) {
      // A drive of the BIOS: the machine's own disk.
      const said = { value: 'disk' as const, at };
      if (isFirst) this.#disk = { at };
      else if (this.#disk?.san) this.#fallback ??= said;
      return;
    }
    const path = readSanPath(uri.text);
    const uriAt = { source: this.#source, start: uri.start, end: uri.end };
    if (!path) {
      this.#note(
        'left',
        quoteVisibly(uri.text),
        'no disk of iSCSI that a site could have: iscsi:ADDRESS::PORT:LUN:TARGET with one number for the LUN',
        uriAt,
      );
      return;
    }
    for (const other of others)
      this.#note('left', quoteVisibly(other.text), 'a further path to the disk: a node of a site has one', {
        source: this.#source,
        start: other.start,
        end: other.end,
      });
    if (!isFirst) {
      this.#note('left', quoteVisibly(uri.text), 'the script boots something else before it', uriAt);
      return;
    }
    const said = <T>(value: T) => ({ value, at: uriAt });
    this.#disk = {
      at,
      san: {
        target: said(referring(path.target)),
        server: said(path.server),
        port: path.port === undefined ? undefined : said(path.port),
        lun: said(path.lun),
      },
    };
  }

  #chain(operands: readonly Word[], at: Place, isFirst: boolean): void {
    const url = operands[0] && this.#textOf([operands[0]]);
    if (!url || !isFirst) return;
    this.chained.push(url);
    this.#note(
      'left',
      quoteVisibly(url.value),
      'what the script goes on to is another file, which harvgen does not fetch: import that one, too',
      at,
    );
  }

  /** The number of a NIC is for the firmware to say. */
  #nic(words: readonly Word[], at: Place): void {
    const numbered = operandsOf(words).find(({ text }) => /^net\d+$/.test(text));
    if (numbered)
      this.#note(
        'changed',
        numbered.text,
        'which NIC has this number is for the firmware to say: the script of a site finds it by its MAC address',
        at,
      );
  }

  #loginsOf(): Pick<GatheredSan, 'initiator' | 'login' | 'targetLogin'> {
    const login = (begin: string): GatheredLogin | undefined => {
      const user = this.#logins.get(`${begin}username`);
      const password = this.#logins.get(`${begin}password`);
      return user
        ? { user, password: password && { ...password, value: referring(password.value) } }
        : undefined;
    };
    return { initiator: this.#logins.get('initiator-iqn'), login: login(''), targetLogin: login('reverse-') };
  }
}

/** The arguments without options. */
function operandsOf(words: readonly Word[], valued = VALUED): Word[] {
  const operands: Word[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as Word;
    // Behind the first argument come those of the kernel, whatever they begin with.
    if (operands.length > 0 || !word.text.startsWith('-')) operands.push(word);
    else if (valued.test(word.text)) index += 1;
  }
  return operands;
}

/** A path without a server is one on the server that the script came from. */
function inPlace({ value, at }: Said<string>): Said<string> {
  return { value: value.replace(/^\/+(?=[A-Za-z0-9])/, ''), at };
}

/** The marks of secrets in a script of harvgen's own are references in an inventory. */
function referring(text: string): string {
  return text.replace(/@@secret:([a-z0-9_]+)@@/g, (_, name: string) => `\${secret:${name}}`);
}
