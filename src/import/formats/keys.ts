import { textBesideCode } from '../../values/package.ts';
import { nearest } from '../../values/text.ts';

/** What a format does with the keys of one kind of map, or of one kind of line. */
interface KeyTable {
  /** Keys that need no note although no code reads them, separated by blanks; `*` for all. */
  readonly silent?: string;
  /** What the code calls a key: names of a file, separated by blanks, by that. */
  readonly read?: Readonly<Record<string, string>>;
  /** Keys that are not imported by their reason: a list separated by blanks. */
  readonly left?: Readonly<Record<string, string>>;
  /** The same as patterns; the first match applies. */
  readonly forms?: Readonly<Record<string, string>>;
}

interface FormatKeys {
  /** Reasons that several tables have, by name. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, KeyTable>>;
}

let loaded: FormatKeys | undefined;

/** Returns keys.json beside this file, which few commands need: reads it once. */
function formatKeys(): FormatKeys {
  loaded ??= JSON.parse(textBesideCode('import/formats/keys.json')) as FormatKeys;
  return loaded;
}

/** Returns a list of words that is written as one text. */
function wordsOf(text = ''): readonly string[] {
  return text.split(' ');
}

/** Whether a key of a table needs no note. */
export function isSilent(table: string, key: string): boolean {
  const words = wordsOf(formatKeys().tables[table]?.silent);
  return words.includes(key) || words.includes('*');
}

/** Returns what the code calls a key of a table; undefined for a key that it does not read. */
export function meaningOf(table: string, key: string): string | undefined {
  const { read = {} } = formatKeys().tables[table] ?? {};
  return Object.keys(read).find((meaning) => wordsOf(read[meaning]).includes(key));
}

/** Returns the meaning of the key of a table that a word is a typo of. */
export function nearestMeaning(table: string, word: string): string | undefined {
  const known = Object.values(formatKeys().tables[table]?.read ?? {}).flatMap(wordsOf);
  const key = nearest(word, known, 0.25);
  return key === undefined ? undefined : meaningOf(table, key);
}

/** Returns why a key of a table is not imported; undefined for an unknown key. */
export function whyLeft(table: string, key: string): string | undefined {
  const { left = {}, forms = {} } = formatKeys().tables[table] ?? {};
  const reason =
    Object.keys(left).find((name) => wordsOf(left[name]).includes(key)) ??
    Object.keys(forms).find((name) => new RegExp(forms[name] ?? '').test(key));
  return reason === undefined ? undefined : reasonText(reason);
}

/** Whether a table of keys in sections, such as `ceph/pool`, has a key of a section. */
export function isSectionOf(table: string, section: string): boolean {
  const { read = {}, left = {} } = formatKeys().tables[table] ?? {};
  const keys = [read, left].flatMap(Object.values).flatMap(wordsOf);
  return keys.some((key) => key.startsWith(`${section}/`));
}

/** Returns the text of a reason by its name; a reason without a name is its own text. */
export function reasonText(reason: string): string {
  return formatKeys().reasons[reason] ?? reason;
}
