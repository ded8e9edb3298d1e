import { textBesideCode } from '../../values/package.ts';

/** What keys.json beside this file contains: which keys of a format are read, and why others are not imported. */
interface FormatKeys {
  /** Reasons that several tables have, by name. */
  readonly reasons: Readonly<Record<string, string>>;
  /** The keys of a kind of map that are read, and those that are not by their reason, each separated by blanks. */
  readonly keys: Readonly<
    Record<string, { readonly read: string; readonly left?: Readonly<Record<string, string>> }>
  >;
  /** Patterns of keys that are not imported, by their reason; the first match applies. */
  readonly words: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The keys of BMI with their sections: their destinations, and those that are not imported. */
  readonly bmi: {
    readonly read: Readonly<Record<string, string>>;
    readonly left: Readonly<Record<string, readonly string[]>>;
    /** These reasons apply to the whole section. */
    readonly leftSections: Readonly<Record<string, readonly string[]>>;
  };
  /** The keys of dnsmasq that name other files, with a description of those. */
  readonly dnsmasqFiles: Readonly<Record<string, string>>;
  /** The column names of tables: lower case, letters and digits only. */
  readonly csv: Readonly<Record<string, string>>;
}

let read: FormatKeys | undefined;

/** Returns the tables of keys, which few commands need: reads them once. */
export function formatKeys(): FormatKeys {
  read ??= JSON.parse(textBesideCode('import/formats/keys.json')) as FormatKeys;
  return read;
}

/** Returns the keys of a kind of map that are read. */
export function keysRead(table: string): readonly string[] {
  return formatKeys().keys[table]?.read.split(' ') ?? [];
}

/** Returns why a key of a kind of map is not imported; undefined for an unknown key. */
export function whyKeyLeft(table: string, key: string): string | undefined {
  const left = Object.entries(formatKeys().keys[table]?.left ?? {});
  const [reason] = left.find(([, keys]) => keys.split(' ').includes(key)) ?? [];
  return reason === undefined ? undefined : reasonText(reason);
}

/** Returns the text of a reason by its name; a reason without a name is its own text. */
export function reasonText(reason: string): string {
  return formatKeys().reasons[reason] ?? reason;
}

/** Returns why a word of a table is not imported; undefined for an unknown word. */
export function whyWordLeft(table: string, word: string): string | undefined {
  const [reason] =
    Object.entries(formatKeys().words[table] ?? {}).find(([, form]) => new RegExp(form).test(word)) ?? [];
  return reason === undefined ? undefined : reasonText(reason);
}
