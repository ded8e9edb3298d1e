import { parseYamlValue } from '../../inventory/parse.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { endOfBlock } from '../../source/guess-secrets.ts';
import {
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
  writtenText,
} from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { ipv4Number } from '../../values/addresses.ts';
import { parseMac } from '../../values/identifiers.ts';
import type { Gathered, GatheredBoot, Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { Notes } from '../model/notes.ts';
import { concealValues } from '../model/secrets.ts';
import { subnetAround } from '../model/subnets.ts';
import { FileReader } from './file-reader.ts';
import { isSilent, whyLeft } from './keys.ts';

/** A format of YAML or JSON. */
interface MapFormat extends Pick<JoinedFormat, 'name' | 'what' | 'isLike'> {
  /** The error for a file, or a map in it, that is something else, and its help. */
  readonly refusal: readonly [message: string | ((value: Value) => string), help: string];
  /** A key whose values are hidden as secrets. */
  readonly hides?: string;
  /** Changes the text of the file before it is parsed, with the same offsets. */
  readonly prepare?: (source: Source, notes: Notes) => Source;
  /** The types of its maps. */
  readonly types?: readonly MapType[];
  /**
   * Adds the data of a nonempty file to its results; returns a value that is something else, or undefined. By default, the
   * file is one map or a list of maps, each of one of the types.
   */
  readonly add?: (value: Value, file: MapFile) => Value | undefined;
}

/** Returns the reader of a format, with a note on each key that it does not read. */
export function mapFormat(format: MapFormat): JoinedFormat {
  const { name, what, isLike, hides, prepare, types = [] } = format;
  const add = format.add ?? ((value: Value, file: MapFile) => file.addTyped(value, types));
  const [message, help] = format.refusal;
  return {
    name,
    what,
    isLike,
    read(original, report) {
      const notes = new Notes();
      const source = prepare?.(original, notes) ?? original;
      if (hides !== undefined) concealKey(source, hides);
      const value = readValue(source, report);
      if (value === undefined) return undefined;
      const file = new MapFile(source, report, name, notes);
      const refused = value === null ? undefined : add(value, file);
      if (refused !== undefined) {
        const at = file.rootLocation(refused);
        file.refuse(typeof message === 'string' ? message : message(refused), help, { at });
      }
      file.noteOthers();
      return report.failed ? undefined : { ...file.found, notes: file.notes.sorted() };
    },
  };
}

/** Whether a text has one of the keys in YAML or JSON; `keys` are separated by bars. */
export function hasKey(text: string, keys: string): boolean {
  return new RegExp(`(?:^|[\\s{,])"?(?:${keys})"?\\s*:`).test(text);
}

/** Reads YAML or JSON and hides the values of secret keys; undefined after an error, null for an empty file. */
export function readValue(source: Source, report: Report): Value | undefined {
  const value = parseYamlValue(source, report);
  if (value !== undefined) concealValues(value);
  return value;
}

const QUOTED = /"(?:[^"\\]|\\.)*"/y;

/** Hides the values of a key, even if the file cannot be parsed: up to the closing quote, or the end of the block. */
function concealKey(source: Source, key: string): void {
  const { text } = source;
  const form = new RegExp(`(?<![\\w-])"?${key}"?[ \\t]*:\\s*`, 'g');
  for (let match = form.exec(text); match; match = form.exec(text)) {
    const { index } = match;
    const start = index + match[0].length;
    const column = index - (text.lastIndexOf('\n', index) + 1);
    QUOTED.lastIndex = start;
    const end = QUOTED.test(text) ? QUOTED.lastIndex : endOfBlock(text, column, start);
    source.conceal({ start, end });
    // Continues after the hidden text, so that each line is scanned once.
    form.lastIndex = Math.max(end, start);
  }
}

type Lists = 'machines' | 'bmcs' | 'boots' | 'groups' | 'networks' | 'vlans' | 'vips';

type Found = { readonly [K in Lists]: NonNullable<Gathered[K]>[number][] } & {
  -readonly [K in 'cluster' | 'server' | 'release']?: Gathered[K];
};

/** A type of map: what recognizes it, the table of its keys in keys.json, and what adds its data to the results. */
export interface MapType {
  /** Keys that only this type has, or a condition. */
  readonly has: readonly string[] | ((map: FileMap) => boolean);
  readonly table: string;
  add(map: FileMap): void;
}

/** Reads values of YAML or JSON with their source locations. Null and empty values are unset; a wrong type is an error. */
export class MapFile extends FileReader {
  readonly found: Found = {
    machines: [],
    bmcs: [],
    boots: [],
    groups: [],
    networks: [],
    vlans: [],
    vips: [],
  };
  readonly format: string;
  readonly #maps = new Map<ValueMap, FileMap>();

  constructor(source: Source, report: Report, format: string, notes?: Notes) {
    super(source, report, notes);
    this.format = format;
  }

  wrong(what: string, expected: string, at: SourceLocation): undefined {
    return this.error('import-value', `${what} is not ${expected}.`, at, `write ${expected}, or remove it`);
  }

  rootLocation(value: Value): SourceLocation {
    return typeof value === 'object' && value !== null ? selfLocation(value) : this.at({ start: 0, end: 0 });
  }

  /** Returns the reader of a map: the same one for each call. */
  map(value: ValueMap, table: string): FileMap {
    const map = this.#maps.get(value) ?? new FileMap(this, value, table);
    this.#maps.set(value, map);
    return map;
  }

  /** Returns the maps of a list, or a single map as a list; `what` describes it in errors. */
  maps(value: Value | undefined, what: string, table: string, at?: SourceLocation): FileMap[] {
    if (value === undefined || value === null) return [];
    const names = isValueMap(value) ? Object.keys(value) : [];
    const isByName = (name: string) => isValueMap((value as ValueMap)[name]) && !isSilent(table, name);
    if (table !== '' && names.length > 0 && names.every(isByName))
      return this.#refuseNamed(what, names[0] ?? '', at ?? this.rootLocation(value)) ?? [];
    if (isValueMap(value)) return [this.map(value, table)];
    if (!Array.isArray(value)) this.wrong(what, 'a list of maps', at ?? this.rootLocation(value));
    return [value].flat().flatMap((item, index) => {
      if (isValueMap(item)) return [this.map(item, table)];
      if (Array.isArray(value) && item !== null)
        this.wrong(`An entry of ${what}`, 'a map', locationOf(value, index));
      return [];
    });
  }

  /** Reports a map by name in place of a list of maps: another system's, such as Warewulf's nodes. */
  #refuseNamed(what: string, name: string, at: SourceLocation): undefined {
    const message = `${what} is a map with names such as ${displayName(name)}, as in the nodes.conf of Warewulf: the format ${this.format} has a list here.`;
    const help = 'write the machines as a table with the columns name,mac,ip, and import it as csv';
    this.report.error({ code: 'import-kind', message, at, help });
  }

  /** Adds the maps of a list, or a single map, each by its type. Returns the first value that has none. */
  addTyped(value: Value, types: readonly MapType[]): Value | undefined {
    if (!Array.isArray(value) && !isValueMap(value)) return value;
    return this.maps(value, 'the list', '').find((map) => !map.addAs(types))?.value;
  }

  /** Adds a note on each nonempty key that no code has read, unless its table says otherwise. */
  noteOthers(): void {
    for (const map of this.#maps.values()) map.noteOthers();
  }

  /**
   * Returns a MAC address as in an inventory; other texts become notes. SMD writes `not available` or ff:ff:ff:ff:ff:ff for
   * none, which BSS also ignores. Some addresses end with a comma. Source: OpenCHAMI/bss, cmd/boot-script-service/sm.go.
   */
  macOf(input: Sourced<string>): Sourced<string> | undefined {
    const plain = input.value.replace(/[\s,]+$/, '');
    const bare = /^[0-9a-f]{12}$/i.test(plain) ? (plain.match(/../g) ?? []).join(':') : plain;
    const mac = parseMac(bare);
    if (mac === undefined) return this.left(input, 'not a MAC address of a NIC');
    return { value: mac, at: input.at };
  }

  /** Returns an IPv4 address without a prefix length; other texts become notes. */
  ipOf(input: Sourced<string>): Sourced<string> | undefined {
    const plain = input.value.replace(/\/\d+$/, '');
    if (ipv4Number(plain) !== undefined && plain !== '0.0.0.0') return { value: plain, at: input.at };
    const isIpv6 = input.value.includes(':');
    return this.left(input, isIpv6 ? 'IPv6: a site has IPv4' : 'not an IP address of a machine');
  }
}

/** Reads the keys of a map, and remembers which. */
export class FileMap {
  readonly file: MapFile;
  readonly value: ValueMap;
  readonly #read = new Set<string>();
  #table: string;

  constructor(file: MapFile, value: ValueMap, table: string) {
    this.file = file;
    this.value = value;
    this.#table = table;
  }

  get found(): Found {
    return this.file.found;
  }

  /** The location of the whole map. */
  get at(): SourceLocation {
    return selfLocation(this.value);
  }

  keyAt(key: string): SourceLocation {
    return keyLocationOf(this.value, key);
  }

  /** Whether the map has one of the keys. */
  has(...keys: readonly string[]): boolean {
    return keys.some((key) => Object.hasOwn(this.value, key));
  }

  get(key: string): Value | undefined {
    this.#read.add(key);
    return this.value[key];
  }

  isEmpty(key: string): boolean {
    return isNothing(this.value[key]);
  }

  /** Returns the names of a map by names, with their locations. */
  names(): Sourced<string>[] {
    return Object.keys(this.value).map((value) => ({ value, at: this.keyAt(value) }));
  }

  /** Returns the text of a key; a number is returned as it is written. */
  text(key: string): Sourced<string> | undefined {
    return this.#textOf(this.get(key), this.value, key, key);
  }

  /** Returns the xname of a key in lower case; it can be of any component. */
  xname(key: string): Sourced<string> | undefined {
    const xname = this.text(key);
    return xname && { value: xname.value.toLowerCase(), at: xname.at };
  }

  /** Returns the texts of the list in a key; a single text is a list of one. */
  texts(key: string): Sourced<string>[] {
    const value = this.get(key);
    if (!Array.isArray(value)) return [this.text(key) ?? []].flat();
    return value.flatMap((item, index) => this.#textOf(item, value, index, `An entry of ${key}`) ?? []);
  }

  /** Returns the whole number of a key, with or without quotes. */
  number(key: string): Sourced<number> | undefined {
    const text = this.text(key);
    return text && this.#numberOf(text, key);
  }

  numbers(key: string): Sourced<number>[] {
    return this.texts(key).flatMap((text) => this.#numberOf(text, key) ?? []);
  }

  kernel(): Pick<GatheredBoot, 'kernel' | 'initrd' | 'params'> {
    return { kernel: this.text('kernel'), initrd: this.text('initrd'), params: this.text('params') };
  }

  mac(key: string): Sourced<string> | undefined {
    const text = this.text(key);
    return text && this.file.macOf(text);
  }

  macs(key: string): Sourced<string>[] {
    return this.texts(key).flatMap((text) => this.file.macOf(text) ?? []);
  }

  ip(key: string): Sourced<string> | undefined {
    const text = this.text(key);
    return text && this.file.ipOf(text);
  }

  /** Returns the IPv4 address of a NIC as a list; its prefix length is that of a network. */
  ips(key: string): Sourced<string>[] {
    const text = this.text(key);
    const [, prefix] = /\/(\d+)$/.exec(text?.value ?? '') ?? [];
    const ip = text && this.file.ipOf(text);
    const subnet = ip && prefix !== undefined && subnetAround(ip.value, Number(prefix));
    if (subnet) this.found.networks.push({ at: ip.at, subnet: { value: subnet.text, at: ip.at } });
    return ip ? [ip] : [];
  }

  /** Returns the map of a key; by default, the table of its keys has the name of the format and of the key. */
  map(key: string, table = `${this.file.format} ${key}`): FileMap | undefined {
    const value = this.get(key);
    if (isValueMap(value)) return this.file.map(value, table);
    if (value === undefined || value === null) return undefined;
    return this.file.wrong(key, 'a map', locationOf(this.value, key));
  }

  maps(key: string, table = `${this.file.format} ${key}`): FileMap[] {
    return this.file.maps(this.get(key), key, table, locationOf(this.value, key));
  }

  /** Adds the map as the first type that recognizes it; returns whether any does. */
  addAs(types: readonly MapType[]): boolean {
    const type = types.find(({ has }) => (typeof has === 'function' ? has(this) : this.has(...has)));
    if (!type) return false;
    this.#table = type.table;
    type.add(this);
    return true;
  }

  /** Adds a note on the value of a key as something that a site cannot contain. */
  left(key: string, why: string): undefined {
    this.file.left(displayName(key), why, this.keyAt(key));
  }

  changed(key: string, how: string): undefined {
    this.file.changed(displayName(key), how, this.keyAt(key));
  }

  open(key: string, todo: string): undefined {
    this.file.open(displayName(key), todo, this.keyAt(key));
  }

  /** Skips the notes on single keys, because the whole map is not imported, and adds a note on that if there is a reason. */
  leaveWhole(of?: Sourced<string>, why?: string): undefined {
    this.#table = '*';
    if (of && why !== undefined) this.file.left(of, why);
  }

  /** The second word of the table's name is before each key in a note. */
  noteOthers(): void {
    const table = this.#table;
    const [, prefix = ''] = /^\S+( .*)$/.exec(table) ?? [];
    for (const { value: key, at } of this.names())
      if (!this.#read.has(key) && !this.isEmpty(key) && !isSilent(table, key))
        this.file.left(
          `${prefix && `${prefix.trim()} `}${displayName(key)}`,
          whyLeft(table, key) ?? 'a site has no such key',
          at,
        );
  }

  #textOf(
    value: Value | undefined,
    holder: object,
    key: string | number,
    what: string,
  ): Sourced<string> | undefined {
    if (value === undefined || value === null) return undefined;
    const at = locationOf(holder as ValueMap, String(key));
    if (typeof value === 'object') return isNothing(value) ? undefined : this.file.wrong(what, 'text', at);
    const text = typeof value === 'string' ? value.trim() : writtenText(holder, key);
    return text === '' ? undefined : { value: text, at };
  }

  #numberOf({ value, at }: Sourced<string>, key: string): Sourced<number> | undefined {
    if (/^\d{1,10}$/.test(value)) return { value: Number(value), at };
    const isNid = /^nids?$/i.test(key);
    return this.file.wrong(key, isNid ? 'a whole number from 1 to 2147483647' : 'a whole number', at);
  }
}

/** Whether a value is null or empty. */
export function isNothing(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
