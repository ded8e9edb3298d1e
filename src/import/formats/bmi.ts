import { posix } from 'node:path';
import type { Source } from '../../source/source.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { isSecretKey } from '../../values/secrets.ts';
import type { GatheredIscsi, GatheredServer, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { type FileError, FileReader, linesOf, type Piece } from './file-reader.ts';
import { isSectionOf, meaningOf, whyLeft } from './keys.ts';

/** The configuration of BMI, or M2. It lists no machines: HIL and BMI's boot files do. */
export const bmi: JoinedFormat = {
  name: 'bmi',
  what: 'the configuration of BMI (M2): bmiconfig.cfg, with its sections bmi, fs, iscsi and tftp',
  isLike: ({ text }) =>
    /^\[(?:bmi|identity|haas|net_isolator|netiso\.hil|rest_api|fs\.ceph|iscsi\.tgt)\]/m.test(text),
  read(source, report) {
    const { entries, sections, errors } = readIni(source);
    const reader = new BmiReader(source, report);
    // A value can span lines, and a line that looks like another key can be a piece of a password.
    for (const { key, value } of entries) if (isSecretKey(key.text)) source.conceal(value);
    // Without the equals sign, the line is an error, but its value is still a password.
    for (const { start, end } of errors) {
      const [, word = ''] = /^(\S+)\s/.exec(source.text.slice(start, end)) ?? [];
      if (isSecretKey(word)) source.conceal({ start: start + word.length + 1, end });
    }
    if (reader.reportErrors(errors)) return undefined;
    if (!sections.some(({ text }) => isSection(text)))
      return reader.refuse(
        'The file is not a configuration of BMI: it has none of the known sections.',
        'use the file that BMI_CONFIG names, such as /etc/bmi/bmiconfig.cfg',
        { hides: true },
      );
    reader.take(entries);
    return { machines: [], isSite: true, server: reader.server(), notes: reader.notes.sorted() };
  },
};

/** The destination of a key of BMI's configuration. */
type Carried = keyof GatheredIscsi | 'uid' | 'store' | 'pxelinux' | 'ipxe';

/**
 * Whether BMI's configuration has a section, in any of its versions. Source: CCI-MOC/ims, bmi_config.cfg and ims/common/constants.py with
 * their history: identity, filesystem, ceph, haas and http are the oldest, those with dots (fs.ceph, netiso.hil, iscsi.tgt) came between.
 */
function isSection(name: string): boolean {
  return whyLeft('bmi sections', name) !== undefined || isSectionOf('bmi', name);
}

class BmiReader extends FileReader {
  readonly #carried = new Map<Carried, Sourced<string>>();

  /** Keeps the values that a site needs, by their destination, and adds a note on each other key. */
  take(entries: readonly IniEntry[]): void {
    const keyOf = (section: string, key: string) => `${section}\0${key}`;
    const lasts = new Map(entries.map((entry) => [keyOf(entry.section, entry.key.text), entry]));
    for (const { section, key, value } of lasts.values()) {
      const keyAt = this.at(key);
      const of = `${displayName(section)} ${displayName(key.text)}`;
      const path = `${section}/${key.text}`;
      const meaning = meaningOf('bmi', path) as Carried | undefined;
      if (meaning === undefined) {
        const why = whyLeft('bmi sections', section);
        if (why !== undefined) this.left(displayName(section), why, keyAt);
        else this.left(of, whyLeft('bmi', path) ?? 'unknown key of BMI', keyAt);
        continue;
      }
      const at = this.at(value);
      const text = interpolated(value.text, (name) => {
        const other = lasts.get(keyOf(section, name)) ?? lasts.get(keyOf('DEFAULT', name));
        return other?.value.text;
      });
      if (text === undefined) {
        const message = `ConfigParser rejects the value of ${of}: a % must begin %(name)s or be written as %%.`;
        this.error('import-value', message, at, 'write the literal value, with %% for each %');
      } else if (text.startsWith('<')) {
        const todo = `it still has the value of the template, ${displayName(text)}`;
        this.open(of, todo, at);
      } else if (text.includes('\n')) {
        const why = 'it spans several lines, because the next lines begin with a blank';
        this.left(of, why, at);
      } else if (text !== '') this.#carried.set(meaning, { value: text, at });
    }
  }

  server(): GatheredServer {
    const [address, store] = [this.#carried.get('address'), this.#carried.get('store')];
    const isAddress = address && ipv4Number(address.value) !== undefined;
    if (address && !isAddress) this.open(address, 'not an IPv4 address: set that of the iSCSI server');
    if (store && !/^(?:true|.*(?:ceph|rbd).*)$/i.test(store.value))
      this.left(store, 'not a store of BMI, which keeps its images in Ceph only');
    const unchanged = (['snapshot', 'pool', 'id', 'conf', 'keyring'] as const).map((key) => [
      key,
      this.#carried.get(key),
    ]);
    const iscsi: GatheredIscsi = {
      ...Object.fromEntries(unchanged),
      address: isAddress ? address : undefined,
      driver: this.#driver(),
      prefix: this.#prefix(),
    };
    return { tftp: this.#tftp(), iscsi };
  }

  /** Returns tgt. In its first years, BMI ran IET, which harvgen does not configure. Source: CCI-MOC/ims, ims/einstein/operations.py. */
  #driver(): GatheredIscsi['driver'] {
    const driver = this.#carried.get('driver');
    if (!driver) return undefined;
    const [, name] = /(?:^|[^a-z])(tgt|iet)(?:$|[^a-z])/i.exec(driver.value) ?? [];
    const known = name?.toLowerCase();
    if (known === 'tgt') return { value: known, at: driver.at };
    const reason = known ? 'not configured by harvgen' : 'not an iSCSI driver of BMI';
    return this.left(driver, `${reason}: the default is tgt; or set lio`);
  }

  /** Returns the prefix of the site's names, which BMI never used: harvgen must not remove BMI's own `5img42`. */
  #prefix(): Sourced<string> | undefined {
    const uid = this.#carried.get('uid');
    if (!uid) return undefined;
    const plain = uid.value.toLowerCase().replace(/[^a-z0-9_]+/g, '');
    if (plain === '') return this.left(uid, 'not usable as the beginning of a name');
    const prefix = `${plain}-`;
    const why = `disks of the site have names such as ${prefix}NODE.IMAGE, and images ${prefix}image.IMAGE, so that several sites can share a pool. Names of BMI, such as ${displayName(`${plain}img42`)}, do not begin with this prefix, so harvgen does not change these disks. They can be imported as images`;
    this.changed('bmi uid', why, uid.at);
    return { value: prefix, at: uid.at };
  }

  /** Returns the TFTP root: the directory where BMI wrote its scripts. */
  #tftp(): Sourced<string> | undefined {
    const root = this.#folder('ipxe');
    const menus = this.#folder('pxelinux');
    const raw = this.#carried.get('pxelinux');
    if (!raw || !menus) return root;
    const changed = (text: string) => this.changed('tftp pxelinux', text, raw.at);
    if (!raw.value.endsWith('/'))
      changed(
        `BMI appended names without a slash: its files are ${raw.value}01-…, which pxelinux never requests. harvgen writes ${menus.value}/01-…`,
      );
    const home = root ?? { value: posix.dirname(menus.value), at: menus.at };
    const requested = posix.join(home.value, 'pxelinux.cfg');
    if (menus.value !== requested)
      changed(
        `pxelinux requests pxelinux.cfg from its own directory: harvgen writes these files to ${requested}`,
      );
    return home;
  }

  #folder(key: Carried): Sourced<string> | undefined {
    const path = this.#carried.get(key);
    if (!path) return undefined;
    const value = posix.normalize(path.value).replace(/(?<=.)\/$/, '');
    if (/^(?:\/[A-Za-z0-9._@+-]+)+$/.test(value)) return { value, at: path.at };
    return this.open(path, 'not a valid directory: set an absolute path of letters, digits and . _ / @ + -');
  }
}

/** A key of a section with its value, as ConfigParser returns it: without surrounding blanks and trailing comments. */
interface IniEntry {
  readonly section: string;
  /** In lower case. */
  readonly key: Piece;
  readonly value: { -readonly [K in keyof Piece]: Piece[K] };
}

const SECTION = /^\[([^\]]+)\]/;
const OPTION = /^([^:=\s][^:=]*)[:=](.*)$/;

/** The word `rem` at the start of a line also begins a comment. */
const COMMENT = /^(?:[#;]|\s*$|rem(?:\s|$))/i;

/** Maximum number of errors to report per file. */
const MOST_ERRORS = 20;

/**
 * Reads a file as ConfigParser of Python 2 does. A line is `key = value` or `key: value`. A line that begins with `#`, `;`
 * or the word rem is a comment, and so is text after a blank and `;`. A line that begins with a blank continues the value
 * before it. Keys are case-insensitive, sections are not. Source: CPython 2.7, Lib/ConfigParser.py (_read).
 */
export function readIni({ text }: Source) {
  // In the order of the file: the last of several equal keys applies.
  const entries: IniEntry[] = [];
  const sections: Piece[] = [];
  const errors: FileError[] = [];
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
      errors.push({
        message: 'This line is before the first section: ConfigParser rejects the file.',
        ...at,
        help: 'write the section header above it, such as [bmi]',
      });
      break;
    }
    const [, key = '', rest = ''] = OPTION.exec(line) ?? [];
    if (key === '') {
      if (errors.length >= MOST_ERRORS) break;
      errors.push({
        message: 'This line is neither a section nor a key with a value: ConfigParser rejects the file.',
        ...at,
        help: 'write it as key = value without a leading blank, or begin it with #',
      });
      continue;
    }
    // ConfigParser checks only the first semicolon.
    const semicolon = rest.indexOf(';');
    const uncommented = /\s/.test(rest.charAt(semicolon - 1)) ? rest.slice(0, semicolon) : rest;
    const value = uncommented.trim();
    const from = start + key.length + 1 + (value === '' ? 0 : uncommented.indexOf(value));
    entries.push({
      section,
      key: { text: key.trim().toLowerCase(), start, end: start + key.trimEnd().length },
      value: { text: value, start: from, end: from + value.length },
    });
    isOpen = true;
  }
  for (const { value } of entries) if (value.text === '""') value.text = '';
  return { entries, sections, errors };
}

/** Maximum number of names in one value; more are a loop. */
const MOST_NAMES = 100;

/** Maximum length of a value. */
const LONGEST = 4096;

/** Returns a value with `%(name)s` and `%%` replaced; undefined if ConfigParser rejects it, such as for a loop. */
export function interpolated(
  value: string,
  valueFor: (key: string) => string | undefined,
): string | undefined {
  let names = 0;
  const expand = (text: string): string | undefined => {
    let isWhole = true;
    const made = text.replace(/%(?:(%)|\(([^)]+)\)s|)/g, (_, percent?: string, name?: string) => {
      if (percent) return '%';
      names += 1;
      const other = name === undefined || names > MOST_NAMES ? undefined : valueFor(name.toLowerCase());
      const inner = other === undefined ? undefined : expand(other);
      if (inner === undefined) isWhole = false;
      return inner ?? '';
    });
    return isWhole && made.length <= LONGEST ? made : undefined;
  };
  return expand(value);
}
