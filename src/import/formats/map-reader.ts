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
import { concealValues } from '../model/secrets.ts';
import { FileReader } from './file-reader.ts';
import { keysRead, whyKeyLeft } from './keys.ts';

/** Returns a reader of YAML or JSON; `take` adds to its results, and any value in `secretKey` is hidden as a secret. */
export function readingMaps(
  take: (value: Value, reader: MapReader) => void,
  secretKey?: string,
): JoinedFormat['read'] {
  return (source, report) => {
    if (secretKey !== undefined) concealKey(source, secretKey);
    const value = readValue(source, report);
    if (value === undefined) return undefined;
    const reader = new MapReader(source, report);
    take(value, reader);
    return report.failed ? undefined : { ...reader.found, notes: reader.notes.sorted() };
  };
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
  cluster?: Gathered['cluster'];
  server?: Gathered['server'];
  release?: Gathered['release'];
};

/** Reads values of YAML or JSON with their source locations. Null and empty values are unset; a wrong type is an error. */
export class MapReader extends FileReader {
  readonly found: Found = {
    machines: [],
    bmcs: [],
    boots: [],
    groups: [],
    networks: [],
    vlans: [],
    vips: [],
  };

  wrong(what: string, expected: string, at: SourceLocation): undefined {
    return this.error('import-value', `${what} is not ${expected}.`, at, `write ${expected}, or remove it`);
  }

  /** Returns the maps of a list, or a single map as a list; `at` defaults to the whole file. */
  maps(value: Value | undefined, what: string, at?: SourceLocation): ValueMap[] {
    if (value === undefined || value === null) return [];
    if (isValueMap(value)) return [value];
    if (!Array.isArray(value)) {
      this.wrong(what, 'a list of maps', at ?? this.rootLocation(value));
      return [];
    }
    return value.flatMap((item, index) => {
      if (isValueMap(item)) return [item];
      if (item !== null) this.wrong(`An entry of ${what}`, 'a map', locationOf(value, index));
      return [];
    });
  }

  mapsIn(map: ValueMap, key: string): ValueMap[] {
    return this.maps(map[key], key, locationOf(map, key));
  }

  mapIn(map: ValueMap, key: string): ValueMap | undefined {
    const value = map[key];
    if (value === undefined || value === null) return undefined;
    if (isValueMap(value)) return value;
    return this.wrong(key, 'a map', locationOf(map, key));
  }

  /** Returns the text of a key; a number is returned as it is written. */
  text(map: ValueMap, key: string): Sourced<string> | undefined {
    return this.#textOf(map[key], map, key, key);
  }

  /** Returns the xname of a key in lower case; it can be of any component. */
  xname(map: ValueMap, key: string): Sourced<string> | undefined {
    const xname = this.text(map, key);
    return xname && { value: xname.value.toLowerCase(), at: xname.at };
  }

  /** Returns the texts of the list in a key; a single text is a list of one. */
  texts(map: ValueMap, key: string): Sourced<string>[] {
    const value = map[key];
    if (!Array.isArray(value)) return [this.text(map, key) ?? []].flat();
    return value.flatMap((item, index) => this.#textOf(item, value, index, `An entry of ${key}`) ?? []);
  }

  /** Returns the whole number of a key, with or without quotes. */
  number(map: ValueMap, key: string): Sourced<number> | undefined {
    const text = this.text(map, key);
    return text && this.#numberOf(text, key);
  }

  numbers(map: ValueMap, key: string): Sourced<number>[] {
    return this.texts(map, key).flatMap((text) => this.#numberOf(text, key) ?? []);
  }

  kernel(map: ValueMap): Pick<GatheredBoot, 'kernel' | 'initrd' | 'params'> {
    const text = (key: string) => this.text(map, key);
    return { kernel: text('kernel'), initrd: text('initrd'), params: text('params') };
  }

  /** Returns the MAC address of a key; other texts become notes. */
  mac(map: ValueMap, key: string): Sourced<string> | undefined {
    const text = this.text(map, key);
    return text && this.macOf(text);
  }

  macs(map: ValueMap, key: string): Sourced<string>[] {
    return this.texts(map, key).flatMap((text) => this.macOf(text) ?? []);
  }

  /**
   * Returns a MAC address as in an inventory. SMD writes `not available` or ff:ff:ff:ff:ff:ff for none, which BSS also ignores.
   * Some addresses end with a comma. Source: OpenCHAMI/bss, cmd/boot-script-service/sm.go.
   */
  macOf(input: Sourced<string>): Sourced<string> | undefined {
    const plain = input.value.replace(/[\s,]+$/, '');
    const bare = /^[0-9a-f]{12}$/i.test(plain) ? (plain.match(/../g) ?? []).join(':') : plain;
    const mac = parseMac(bare);
    if (mac === undefined) this.left(input, 'not a MAC address of a NIC');
    return mac === undefined ? undefined : { value: mac, at: input.at };
  }

  /** Returns the IPv4 address of a key as a list, without a prefix length. */
  ips(map: ValueMap, key: string): Sourced<string>[] {
    const text = this.text(map, key);
    return [(text && this.ipOf(text)) ?? []].flat();
  }

  /** Returns an IPv4 address; other texts become notes. */
  ipOf(input: Sourced<string>): Sourced<string> | undefined {
    const plain = input.value.replace(/\/\d+$/, '');
    if (ipv4Number(plain) !== undefined && plain !== '0.0.0.0') return { value: plain, at: input.at };
    return this.left(
      input,
      input.value.includes(':') ? 'IPv6: a site has IPv4' : 'not an IP address of a machine',
    );
  }

  /**
   * Adds a note on each nonempty key of a map that the code does not read. The table in keys.json has the keys; the second
   * word of its name is before each key in a note. `alsoRead` has further keys, separated by blanks.
   */
  rest(map: ValueMap, table: string, alsoRead = ''): void {
    const [, prefix = ''] = /^\S+ (.*)$/.exec(table) ?? [];
    const read = [...keysRead(table), ...alsoRead.split(' ')];
    this.restOf(map, read, (key) => whyKeyLeft(table, key), prefix);
  }

  /** Does the same by a list of keys; `whyLeft` returns why another one is not imported. */
  restOf(
    map: ValueMap,
    read: readonly string[],
    whyLeft: (key: string) => string | undefined = () => undefined,
    prefix = '',
  ): void {
    for (const key of Object.keys(map))
      if (!read.includes(key) && !isNothing(map[key]))
        this.left(
          `${prefix && `${prefix} `}${displayName(key)}`,
          whyLeft(key) ?? 'a site has no such key',
          keyLocationOf(map, key),
        );
  }

  rootLocation(value: Value): SourceLocation {
    return typeof value === 'object' && value !== null ? selfLocation(value) : this.at({ start: 0, end: 0 });
  }

  #textOf(
    value: Value | undefined,
    holder: object,
    key: string | number,
    what: string,
  ): Sourced<string> | undefined {
    if (value === undefined || value === null) return undefined;
    const at = locationOf(holder as Record<string, unknown>, String(key));
    if (typeof value === 'object') {
      if (!isNothing(value)) this.wrong(what, 'text', at);
      return undefined;
    }
    const text = typeof value === 'string' ? value.trim() : writtenText(holder, key);
    return text === '' ? undefined : { value: text, at };
  }

  #numberOf({ value, at }: Sourced<string>, key: string): Sourced<number> | undefined {
    if (/^\d{1,10}$/.test(value)) return { value: Number(value), at };
    const isNid = /^nids?$/i.test(key);
    return this.wrong(key, isNid ? 'a whole number from 1 to 2147483647' : 'a whole number', at);
  }
}

/** Whether a value is null or empty. */
export function isNothing(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
