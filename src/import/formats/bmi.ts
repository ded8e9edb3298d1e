import { posix } from 'node:path';
import type { Source } from '../../source/source.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { isSecretKey } from '../../values/secrets.ts';
import type { GatheredIscsi, GatheredServer, Sourced } from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import { entryOf, type Fault, FileReader, type JoinedKind, linesOf, type Piece } from './file-reader.ts';

/** The configuration of BMI, or M2. It says of no machine: HIL and BMI's boot files do. */
export const bmi: JoinedKind = {
  name: 'bmi',
  what: 'the configuration of BMI (M2): bmiconfig.cfg, with its sections bmi, fs, iscsi and tftp',
  isLike: ({ text }) =>
    /^\[(?:bmi|identity|haas|net_isolator|netiso\.hil|rest_api|fs\.ceph|iscsi\.tgt)\]/m.test(text),
  read(source, report) {
    const { entries, sections, faults } = readIni(source);
    const reader = new BmiReader(source, report);
    // A value may go on for lines, and what looks like another key may be a piece of a password.
    for (const { key, value } of entries) if (isSecretKey(key.text)) source.conceal(value);
    if (reader.faults(faults)) return undefined;
    if (!sections.some(({ text }) => Object.hasOwn(SECTIONS, text)))
      return reader.refuse(
        'This is no configuration of BMI: it has none of its sections.',
        'give the file that BMI_CONFIG names, such as /etc/bmi/bmiconfig.cfg',
        { hides: true },
      );
    reader.take(entries);
    return { machines: [], isSite: true, server: reader.server(), notes: reader.notes.sorted() };
  },
};

/** What a key of BMI's configuration becomes, where it becomes anything. */
type Carried = keyof GatheredIscsi | 'uid' | 'store' | 'pxelinux' | 'ipxe';

/** What a key is: what it becomes, or why it is left; `isAll` where the same holds for all of its section. */
type Meaning = Carried | { readonly why: string; readonly isAll?: boolean };

type Section = Readonly<Record<string, Meaning>>;

const CEPH: Section = { id: 'id', pool: 'pool', conf_file: 'conf', keyring: 'keyring' };

const HIL: Section = {
  url: {
    why: 'harvgen asks no HIL while machines run: give what it answers at /v0/node/NODE by --join hil:FILE, and nodes have a tenant, whose network is theirs',
  },
};

const ISCSI: Section = {
  ip: 'address',
  password: {
    why: 'the password of sudo, which BMI gave to a shell and wrote to its log: nothing of harvgen takes it. Whoever runs scripts/put-targets.sh is root there. Give that user another one',
  },
  update_shell_url: { why: 'scripts/put-targets.sh takes its place' },
};

const RPC = { why: 'no server of harvgen runs: the tree is files', isAll: true };

const REST = {
  why: 'no API of harvgen runs: who may change the inventory may provision. harvgen build writes what a call of BMI did',
  isAll: true,
};

const LOGS = { why: 'harvgen keeps no log: nginx and the iSCSI server have theirs', isAll: true };

const CATALOGUE = {
  why: "BMI's catalogue of projects, images and snapshots, which this file does not hold: name golden images below images, each with its source, and snapshots with parent. scripts/images.sh imports them",
};

/**
 * The sections of BMI's configuration, of all its ages, with their keys. Source: CCI-MOC/ims, bmi_config.cfg and
 * ims/common/constants.py with their history: identity, filesystem, ceph, haas and http are the oldest, those with dots
 * (fs.ceph, netiso.hil, iscsi.tgt) came between.
 */
const SECTIONS: Readonly<Record<string, Section>> = {
  bmi: { uid: 'uid', snapshot: 'snapshot', service: { why: 'no server of harvgen runs' } },
  identity: { uid: 'uid' },
  db: { path: CATALOGUE, url: CATALOGUE },
  fs: CEPH,
  ceph: CEPH,
  'fs.ceph': CEPH,
  filesystem: { ceph: 'store' },
  driver: {
    iscsi: 'driver',
    fs: 'store',
    net_isolator: {
      why: 'harvgen sets up no switch: the VLAN of a network is for people, and for the nodes',
    },
  },
  net_isolator: HIL,
  haas: HIL,
  'netiso.hil': HIL,
  iscsi: ISCSI,
  'iscsi.tgt': ISCSI,
  rpc: { name_server_ip: RPC, name_server_port: RPC, rpc_server_ip: RPC, rpc_server_port: RPC },
  tftp: { pxelinux_path: 'pxelinux', pxelinux_url: 'pxelinux', ipxe_path: 'ipxe', ipxe_url: 'ipxe' },
  rest_api: { ip: REST, port: REST },
  http: { bind_ip: REST, bind_port: REST },
  logs: { path: LOGS, url: LOGS, debug: LOGS, verbose: LOGS },
};

/** Sections of which no key is anything to a site. */
const OF_TESTS = ['test', 'tests'];

class BmiReader extends FileReader {
  readonly #carried = new Map<Carried, Sourced<string>>();

  /** Takes what the file says that a site has, by what it is there; all else is noted. */
  take(entries: readonly IniEntry[]): void {
    const keyOf = (section: string, key: string) => `${section}\0${key}`;
    const lasts = new Map(entries.map((entry) => [keyOf(entry.section, entry.key.text), entry]));
    for (const { section, key, value } of lasts.values()) {
      const keyAt = this.at(key);
      const of = `${displayName(section)} ${displayName(key.text)}`;
      const meaning = OF_TESTS.includes(section)
        ? { why: "for BMI's own tests", isAll: true }
        : (entryOf(entryOf(SECTIONS, section) ?? {}, key.text) ?? {
            why: 'harvgen knows no such key of BMI',
            isAll: false,
          });
      if (typeof meaning !== 'string') {
        this.left(meaning.isAll ? displayName(section) : of, meaning.why, keyAt);
        continue;
      }
      const at = this.at(value);
      const text = interpolated(value.text, (name) => {
        const other = lasts.get(keyOf(section, name)) ?? lasts.get(keyOf('DEFAULT', name));
        return other?.value.text;
      });
      if (text === undefined) {
        const message = `ConfigParser does not take the value of ${of}: a % begins %(name)s there, and is %% for itself.`;
        this.error('import-value', message, at, 'write what is meant');
      } else if (text.startsWith('<')) {
        const todo = `it is not filled in: ${displayName(text)} is what the template has there`;
        this.open(of, todo, at);
      } else if (text.includes('\n')) {
        const why = 'it goes on over several lines, since the next ones begin with a blank';
        this.left(of, why, at);
      } else if (text !== '') this.#carried.set(meaning, { value: text, at });
    }
  }

  server(): GatheredServer {
    const [address, store] = [this.#carried.get('address'), this.#carried.get('store')];
    const isAddress = address && ipv4Number(address.value) !== undefined;
    if (address && !isAddress) this.open(address, 'no IPv4 address: say that of the iSCSI server');
    if (store && !/^(?:true|.*(?:ceph|rbd).*)$/i.test(store.value))
      this.left(store, 'BMI keeps its images in Ceph, and no place else');
    const asSaid = (['snapshot', 'pool', 'id', 'conf', 'keyring'] as const).map((key) => [
      key,
      this.#carried.get(key),
    ]);
    const own = { address: isAddress ? address : undefined, driver: this.#driver(), prefix: this.#prefix() };
    const iscsi: GatheredIscsi = { ...Object.fromEntries(asSaid), ...own };
    return { tftp: this.#tftp(), iscsi };
  }

  /** BMI ran tgt, whatever the file says: only its first years had IET. Source: CCI-MOC/ims, ims/einstein/operations.py. */
  #driver(): GatheredIscsi['driver'] {
    const driver = this.#carried.get('driver');
    if (!driver) return undefined;
    const [, name] = /(?:^|[^a-z])(tgt|iet)(?:$|[^a-z])/i.exec(driver.value) ?? [];
    const known = name?.toLowerCase();
    if (known === 'tgt' || known === 'iet') return { value: known, at: driver.at };
    return this.left(driver, 'no iSCSI driver of BMI: harvgen writes for tgt, unless driver says lio or iet');
  }

  /** No name of BMI's begins with it: `5img42` is none of harvgen's to remove. */
  #prefix(): Sourced<string> | undefined {
    const uid = this.#carried.get('uid');
    if (!uid) return undefined;
    const plain = uid.value.toLowerCase().replace(/[^a-z0-9_]+/g, '');
    if (plain === '') return this.left(uid, 'no uid that names could begin with');
    const prefix = `${plain}-`;
    const why = `disks of the site are called ${prefix}NODE.IMAGE, images ${prefix}image.IMAGE, so that several sites share a pool as several BMI did. BMI's own, ${displayName(`${plain}img42`)} and the like, keep their names, and none of the site's begins so: nothing of harvgen touches them. They can be imported as images`;
    this.changed('bmi uid', why, uid.at);
    return { value: prefix, at: uid.at };
  }

  /** The root of TFTP is where BMI put its scripts. */
  #tftp(): Sourced<string> | undefined {
    const root = this.#folder('ipxe');
    const menus = this.#folder('pxelinux');
    const raw = this.#carried.get('pxelinux');
    if (!raw || !menus) return root;
    const changed = (text: string) => this.changed('tftp pxelinux', text, raw.at);
    if (!raw.value.endsWith('/'))
      changed(
        `BMI put names behind it as it stands: without a slash at its end its files are ${raw.value}01-…, and pxelinux never asks for those. harvgen's are ${menus.value}/01-…`,
      );
    const home = root ?? { value: posix.dirname(menus.value), at: menus.at };
    const own = posix.join(home.value, 'pxelinux.cfg');
    if (menus.value !== own)
      changed(`pxelinux asks for pxelinux.cfg beside itself: harvgen puts its files into ${own}`);
    return home;
  }

  #folder(key: Carried): Sourced<string> | undefined {
    const said = this.#carried.get(key);
    if (!said) return undefined;
    const value = posix.normalize(said.value).replace(/(?<=.)\/$/, '');
    if (/^(?:\/[A-Za-z0-9._@+-]+)+$/.test(value)) return { value, at: said.at };
    return this.open(said, 'no folder as a site has it: an absolute path of letters, digits and . _ / @ + -');
  }
}

/** A key of a section with its value, as ConfigParser gives it: without the blanks around and a comment behind. */
interface IniEntry {
  readonly section: string;
  /** In lower case. */
  readonly key: Piece;
  readonly value: { -readonly [K in keyof Piece]: Piece[K] };
}

const SECTION = /^\[([^\]]+)\]/;
const OPTION = /^([^:=\s][^:=]*)[:=](.*)$/;

/** `rem` as the first word, which begins with its own letter at the start of the line, makes a comment of it. */
const COMMENT = /^(?:[#;]|\s*$|rem(?:\s|$))/i;

/** More faults than these say no more of a file. */
const MOST_FAULTS = 20;

/**
 * Reads a file as ConfigParser of Python 2 does: `key = value` or `key: value`; lines that begin with `#`, `;` or the word
 * rem are comments, and so is what follows a `;` behind a blank; a line that begins with a blank goes on with the value
 * before it; keys are compared in lower case, sections as they are. Source: CPython 2.7, Lib/ConfigParser.py (_read).
 */
export function readIni({ text }: Source) {
  // In the order of the file: of a key that is there twice the last one counts.
  const entries: IniEntry[] = [];
  const sections: Piece[] = [];
  const faults: Fault[] = [];
  let section: string | undefined;
  let isOpen = false;
  for (const { text: raw, start } of linesOf(text)) {
    const line = raw.replace(/\r$/, '');
    if (COMMENT.test(line)) continue;
    const indent = line.length - line.trimStart().length;
    const at = { start: start + indent, end: start + line.trimEnd().length };
    const open = isOpen ? entries.at(-1)?.value : undefined;
    if (indent > 0 && open) {
      open.text += `\n${line.trim()}`;
      open.end = at.end;
      continue;
    }
    isOpen = false;
    const [head, name = ''] = SECTION.exec(line) ?? [];
    if (head !== undefined) {
      section = name;
      sections.push({ text: name, start, end: start + head.length });
      continue;
    }
    if (section === undefined) {
      faults.push({
        message: 'This line stands before the first section: ConfigParser does not read such a file.',
        ...at,
        help: 'write the head of its section above it, such as [bmi]',
      });
      break;
    }
    const [, key = '', rest = ''] = OPTION.exec(line) ?? [];
    if (key === '') {
      if (faults.length >= MOST_FAULTS) break;
      faults.push({
        message:
          'This line is neither a section, nor a key with a value: ConfigParser does not read such a file.',
        ...at,
        help: 'write it as key = value, without a blank before it, or make it a comment by #',
      });
      continue;
    }
    // Only the first semicolon is looked at.
    const semicolon = rest.indexOf(';');
    const said = /\s/.test(rest.charAt(semicolon - 1)) ? rest.slice(0, semicolon) : rest;
    const value = said.trim();
    const from = start + key.length + 1 + (value === '' ? 0 : said.indexOf(value));
    entries.push({
      section,
      key: { text: key.trim().toLowerCase(), start, end: start + key.trimEnd().length },
      value: { text: value, start: from, end: from + value.length },
    });
    isOpen = true;
  }
  for (const { value } of entries) if (value.text === '""') value.text = '';
  return { entries, sections, faults };
}

/** More names in one value than these are no value that anybody meant. */
const MOST_NAMES = 100;

/** A longer value is none, either. */
const LONGEST = 4096;

/** Returns a value with what `%(name)s` and `%%` stand for; undefined for what ConfigParser does not take, such as a circle. */
export function interpolated(
  value: string,
  valueFor: (key: string) => string | undefined,
): string | undefined {
  let names = 0;
  const put = (text: string): string | undefined => {
    let isWhole = true;
    const made = text.replace(/%(?:(%)|\(([^)]+)\)s|)/g, (_, percent?: string, name?: string) => {
      if (percent) return '%';
      names += 1;
      const other = name === undefined || names > MOST_NAMES ? undefined : valueFor(name.toLowerCase());
      const inner = other === undefined ? undefined : put(other);
      if (inner === undefined) isWhole = false;
      return inner ?? '';
    });
    return isWhole && made.length <= LONGEST ? made : undefined;
  };
  return put(value);
}
