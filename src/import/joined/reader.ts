import { parseYamlValue } from '../../inventory/parse.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import {
  keyPlaceOf,
  type Place,
  placeOf,
  type Source,
  selfPlace,
  writtenPlaceOf,
} from '../../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../../source/value.ts';
import { ipv4Number } from '../../values/ipv4.ts';
import { parseMac } from '../../values/mac.ts';
import { quoteVisibly } from '../names.ts';
import type { Notes } from '../notes.ts';
import { concealLikely, concealValues } from '../secrets.ts';
import type { Said } from './gathered.ts';

/**
 * Reads a file of YAML or JSON, whose secrets are not shown beside any fault. Gives undefined where a fault was reported, and
 * null for a file with nothing in it.
 */
export function readValue(source: Source, report: Report): Value | undefined {
  concealLikely(source);
  const value = parseYamlValue(source, report);
  if (value !== undefined) concealValues(value);
  return value;
}

/** What the keys of a map are that are not carried: each with the reason. */
export type Left = Readonly<Record<string, string>>;

/**
 * Takes the values of maps that come from YAML or JSON, each with its place. What is null or empty is not there. A value of a
 * wrong type is an error; one that is no use is noted.
 */
export class Reader {
  readonly notes: Notes;
  readonly #report: Report;

  /** Takes where notes go, and faults. */
  constructor(notes: Notes, report: Report) {
    this.notes = notes;
    this.#report = report;
  }

  /** Reports a value that is not what it has to be. */
  wrong(what: string, expected: string, at: Place): void {
    this.#report.error({
      code: 'import-value',
      message: `${what} is not ${expected}.`,
      at,
      help: `it has to be ${expected}, or to be left out`,
    });
  }

  /** The maps of a list, or the one map where there is no list. */
  maps(value: Value | undefined, what: string, at: Place): ValueMap[] {
    if (value === undefined || value === null) return [];
    if (isValueMap(value)) return [value];
    if (!Array.isArray(value)) {
      this.wrong(what, 'a list of maps', at);
      return [];
    }
    return value.flatMap((item, index) => {
      if (isValueMap(item)) return [item];
      if (item !== null) this.wrong(`An entry of ${what}`, 'a map', placeOf(value, index));
      return [];
    });
  }

  /** The maps of the list that a key has. */
  mapsIn(map: ValueMap, key: string): ValueMap[] {
    return this.maps(map[key], key, placeOf(map, key));
  }

  /** The map that a key has. */
  mapIn(map: ValueMap, key: string): ValueMap | undefined {
    const value = map[key];
    if (value === undefined || value === null) return undefined;
    if (isValueMap(value)) return value;
    this.wrong(key, 'a map', placeOf(map, key));
    return undefined;
  }

  /** The text of a key: a number is text as it is written. */
  text(map: ValueMap, key: string): Said<string> | undefined {
    return this.#textOf(map[key], map, key, key);
  }

  /** The xname of a key, in lower case, of whatever it is. */
  xname(map: ValueMap, key: string): Said<string> | undefined {
    const xname = this.text(map, key);
    return xname && { value: xname.value.toLowerCase(), at: xname.at };
  }

  /** The texts of the list that a key has; one text alone is a list of it. */
  texts(map: ValueMap, key: string): Said<string>[] {
    const value = map[key];
    if (!Array.isArray(value)) return this.text(map, key) ? [this.text(map, key) as Said<string>] : [];
    return value.flatMap((item, index) => this.#textOf(item, value, index, `An entry of ${key}`) ?? []);
  }

  /** A whole number of a key, also one in quotes. */
  number(map: ValueMap, key: string): Said<number> | undefined {
    const text = this.text(map, key);
    return text && this.#numberOf(text, key);
  }

  /** The whole numbers of the list that a key has. */
  numbers(map: ValueMap, key: string): Said<number>[] {
    return this.texts(map, key).flatMap((text) => this.#numberOf(text, key) ?? []);
  }

  /** The MAC address of a key: what stands there in place of one is passed over. */
  mac(map: ValueMap, key: string): Said<string> | undefined {
    const text = this.text(map, key);
    return text && this.macOf(text);
  }

  /** The MAC addresses of the list that a key has. */
  macs(map: ValueMap, key: string): Said<string>[] {
    return this.texts(map, key).flatMap((text) => this.macOf(text) ?? []);
  }

  /**
   * A MAC address as inventories write it. SMD has `not available` and ff:ff:ff:ff:ff:ff where there is none, which BSS passes
   * over, too, and some have a comma behind them. Source: OpenCHAMI/bss, cmd/boot-script-service/sm.go.
   */
  macOf({ value, at }: Said<string>): Said<string> | undefined {
    const plain = value.replace(/[\s,]+$/, '');
    const bare = /^[0-9a-f]{12}$/i.test(plain) ? (plain.match(/../g) ?? []).join(':') : plain;
    const mac = parseMac(bare);
    if (mac === undefined) this.notes.add('left', quoteVisibly(value), 'no MAC address of a NIC', at);
    return mac === undefined ? undefined : { value: mac, at };
  }

  /** The IPv4 address of a key; one with a prefix length counts without it. */
  ip(map: ValueMap, key: string): Said<string> | undefined {
    const text = this.text(map, key);
    return text && this.ipOf(text);
  }

  /** An IPv4 address; what else is there is noted. */
  ipOf({ value, at }: Said<string>): Said<string> | undefined {
    const plain = value.replace(/\/\d+$/, '');
    if (ipv4Number(plain) !== undefined && plain !== '0.0.0.0') return { value: plain, at };
    this.notes.add(
      'left',
      quoteVisibly(value),
      value.includes(':') ? 'IPv6: a site has IPv4' : 'no address of a machine',
      at,
    );
    return undefined;
  }

  /** Notes what a map says beyond the keys that are taken, unless it says nothing. */
  rest(map: ValueMap, taken: readonly string[], left: Left, whose: string): void {
    for (const key of Object.keys(map)) {
      if (taken.includes(key) || isNothing(map[key])) continue;
      const why = Object.hasOwn(left, key) ? left[key] : undefined;
      this.notes.add(
        'left',
        `${whose}${quoteVisibly(key)}`,
        why ?? 'nothing of a site has it',
        keyPlaceOf(map, key),
      );
    }
  }

  #textOf(
    value: Value | undefined,
    holder: object,
    key: string | number,
    what: string,
  ): Said<string> | undefined {
    if (value === undefined || value === null) return undefined;
    const at = placeOf(holder as Record<string, unknown>, String(key));
    if (typeof value === 'object') {
      if (!isNothing(value)) this.wrong(what, 'text', at);
      return undefined;
    }
    const { source, start, end } = writtenPlaceOf(holder, key);
    const text = typeof value === 'string' ? value.trim() : source.text.slice(start, end).trim();
    return text === '' ? undefined : { value: text, at };
  }

  #numberOf({ value, at }: Said<string>, key: string): Said<number> | undefined {
    if (/^\d{1,10}$/.test(value)) return { value: Number(value), at };
    const isNid = /^nids?$/i.test(key);
    this.wrong(key, isNid ? 'a whole number from 1 to 2147483647' : 'a whole number', at);
    return undefined;
  }
}

/** Says whether a value says nothing: null, or empty, or made of nothing but such. */
function isNothing(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** Gives the place of all that a file says. */
export function rootPlace(value: Value, source: Source): Place {
  return typeof value === 'object' && value !== null ? selfPlace(value) : { source, start: 0, end: 0 };
}
