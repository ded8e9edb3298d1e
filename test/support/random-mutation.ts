import * as fc from 'fast-check';
import { isMap, type Json, type JsonMap } from './random-fields.ts';
import type { Files } from './random-files.ts';
import { RELEASES } from './random-plan.ts';

/**
 * Single errors and attacks at a random place of an inventory: in its values, and in its text. A place is chosen by its
 * content, not by its number, so that it stays the same while the inventory around it shrinks.
 */

/** Values with a meaning to a shell, iPXE, nginx, dnsmasq, YAML, a terminal or a file system; and to harvgen. */
const HOSTILE = [
  '$(reboot)',
  '`reboot`',
  '${net0/ip}',
  "x'; reboot; '",
  'x"; reboot; "',
  'x\nreboot',
  'x\r\n---\nreboot: 1',
  '../../etc/reboot',
  '{{ .Reboot }}',
  '<% reboot %>',
  '\u001b[2Jreboot',
  '\u0000',
  '\u2028',
  '-reboot',
  '@@secret:reboot@@',
  '${secret:}',
  '${secret:reboot',
  '${secret:reboot}',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '*',
  '.',
  '0',
  ' ',
  'Ä'.repeat(70),
  'x'.repeat(5000),
  '255.255.255.255',
  '0.0.0.0/0',
  'ff:ff:ff:ff:ff:ff',
  '/dev/../dev/sda',
  'https://user:pass@[::1]:99999/?a#b',
];

const OTHER_TYPES: readonly Json[] = [
  0,
  12345,
  true,
  false,
  'text',
  [],
  {},
  [[]],
  ['text'],
  [null],
  [{}],
  { text: 'text' },
  { '0': 'text' },
  { '': 'text' },
  null,
];

const NUMBERS = [
  -1,
  0,
  1,
  3,
  13,
  65_536,
  4_095,
  9_001,
  1e9,
  2 ** 53 + 1,
  1e308,
  0.5,
  -0,
  Infinity,
  Number.NaN,
];

/** A value in one of the files, with its container. */
interface Spot {
  readonly holder: JsonMap | Json[];
  readonly key: string | number;
  readonly path: string;
}

interface Change {
  readonly spot: Spot;
  /** Another place. */
  readonly other: Spot;
  /** Returns a place with a property, if there is one. */
  readonly pick: (isWanted: (value: Json, spot: Spot) => boolean) => Spot | undefined;
  readonly number: number;
}

const CHANGES: Readonly<Record<string, (change: Change) => void>> = {
  remove: ({ spot }) => remove(spot),
  misspell({ spot, number }) {
    const name = String(spot.key);
    const at = number % (name.length + 1);
    const typos = [
      name.slice(0, at) + name.slice(at + 1),
      `${name.slice(0, at)}x${name.slice(at)}`,
      name.toUpperCase(),
      name.replace('_', '-'),
      `${name}s`,
    ];
    rename(spot, typos[number % typos.length] as string);
  },
  'add an unknown key'({ spot, number }) {
    const value = valueAt(spot);
    const map = isMap(value) ? value : spot.holder;
    const names = ['frobnicate', '__proto__', 'constructor', '', '<<', '0'];
    if (!Array.isArray(map)) set(map, names[number % names.length] as string, 1);
  },
  'take another type'({ spot, number }) {
    put(spot, structuredClone(OTHER_TYPES[number % OTHER_TYPES.length]) as Json);
  },
  'wrap in a list or map'({ spot, number }) {
    put(spot, number % 2 ? [valueAt(spot)] : { value: valueAt(spot) });
  },
  nothing: ({ spot }) => put(spot, null),
  'the empty string': ({ spot }) => put(spot, ''),
  'a hostile string'({ spot, number }) {
    put(spot, HOSTILE[number % HOSTILE.length] as string);
  },
  'a hostile text in place of a text'({ pick, number }) {
    const spot = pick((value) => typeof value === 'string');
    if (spot) put(spot, HOSTILE[number % HOSTILE.length] as string);
  },
  'a hostile name'({ spot, number }) {
    rename(spot, HOSTILE[number % HOSTILE.length] as string);
  },
  'a number out of range'({ pick, spot, number }) {
    const one = pick((value) => typeof value === 'number');
    put((number % 4 && one) || spot, NUMBERS[number % NUMBERS.length] as number);
  },
  'another value of the same key'({ spot, pick }) {
    const from = pick((value, { key }) => key === spot.key && value !== valueAt(spot));
    if (from) put(spot, valueAt(from));
  },
  'a value from elsewhere'({ spot, other }) {
    put(spot, structuredClone(valueAt(other)));
  },
  'the name of another'({ spot, other }) {
    rename(spot, String(other.key));
  },
  'move elsewhere'({ spot, other }) {
    const value = structuredClone(valueAt(spot));
    const to = valueAt(other);
    remove(spot);
    if (isMap(to)) set(to, String(spot.key), value);
    else if (!Array.isArray(other.holder)) set(other.holder, String(spot.key), value);
  },
  'twice in a list'({ pick }) {
    const list = pick((value) => Array.isArray(value) && value.length > 0);
    const entries = list && (valueAt(list) as Json[]);
    entries?.push(structuredClone(entries[0] as Json));
  },
  'the other way round'({ pick }) {
    const list = pick((value) => Array.isArray(value) && value.length > 1);
    if (list) (valueAt(list) as Json[]).reverse();
  },
  'another letter'({ pick, number }) {
    const spot = pick((value) => typeof value === 'string');
    if (!spot) return;
    const text = valueAt(spot) as string;
    const at = number % (text.length + 1);
    const after = [text.slice(at), text.slice(at + 1), text.slice(at).toUpperCase()][number % 3];
    put(spot, `${text.slice(0, at)}${['', '0', '9', ' ', '.', '-', 'é'][number % 7]}${after}`);
  },
  'another release'({ pick, number }) {
    const spot = pick((_, { key }) => key === 'version');
    const all = [...RELEASES, 'v1.0.3', 'v0.3.0', 'v2.0.0', 'v999.999.999', '1.4.1', 'v1.4', 'latest'];
    if (spot) put(spot, all[number % all.length] as string);
  },
  'another address'({ pick, number }) {
    const isAddress = (value: Json) => /^\d+\.\d+\.\d+\.\d+$/.test(String(value));
    const spot = pick(isAddress);
    const from = pick((value) => isAddress(value) && spot !== undefined && value !== valueAt(spot));
    const others = ['192.168.178.255', '10.20.31.0', '8.8.8.8'];
    if (spot) put(spot, others[number % 6] ?? valueAt(from ?? spot));
  },
};

/** The mutation, its place, and a number for its other choices. */
const mutation = fc.noShrink(
  fc.record({
    kind: fc.constantFrom(...Object.keys(CHANGES)),
    salt: fc.nat(),
    number: fc.nat(100_000),
  }),
);

/** One mutation, and sometimes several: one error may be interpreted in the context of another. */
export const mutations = fc.oneof(
  { weight: 2, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 5, size: 'max' }) },
);

export type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

/** Returns files with mutations. */
export function mutated(files: Files<JsonMap>, all: readonly Mutation[]): Files<JsonMap> {
  const copy = structuredClone(files);
  for (const one of all) change(copy, one);
  return copy;
}

function change(files: Files<JsonMap>, { kind, salt, number }: Mutation): void {
  const spots = Object.values(files).flatMap((content) => [...spotsIn(content, '')]);
  const pick: Change['pick'] = (isWanted) =>
    choose(
      spots.filter((spot) => isWanted(valueAt(spot), spot)),
      ({ path }) => path,
      salt,
    );
  const spot = pick(() => true);
  const other = choose(spots, ({ path }) => path, salt + 1);
  if (spot && other) CHANGES[kind]?.({ spot, other, pick, number });
}

/** Chooses one of several by its name: the same one, as long as it exists, whatever the others are. */
function choose<T>(all: readonly T[], name: (one: T) => string, salt: number): T | undefined {
  let least = Infinity;
  let chosen: T | undefined;
  for (const one of all) {
    const rank = hash(`${salt} ${name(one)}`);
    if (rank >= least) continue;
    least = rank;
    chosen = one;
  }
  return chosen;
}

/** FNV-1a with a final mix: names that differ only in their last letters must not stay together. */
function hash(text: string): number {
  let result = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    result = Math.imul(result ^ text.charCodeAt(index), 0x01000193);
  }
  result = Math.imul(result ^ (result >>> 15), 0x2c1b3c6d);
  return (result ^ (result >>> 13)) >>> 0;
}

/** Skips cycles: a mutation may make a value that contains itself, which YAML allows, too. */
function* spotsIn(value: Json, above: string, within: readonly Json[] = []): Iterable<Spot> {
  if (typeof value !== 'object' || value === null || within.includes(value)) return;
  for (const name of Object.keys(value)) {
    const path = `${above}.${name}`;
    const spot = { holder: value, key: Array.isArray(value) ? Number(name) : name, path };
    yield spot;
    yield* spotsIn(valueAt(spot), path, [...within, value]);
  }
}

function valueAt({ holder, key }: Omit<Spot, 'path'>): Json {
  return (holder as JsonMap)[key] as Json;
}

function put({ holder, key }: Spot, value: Json): void {
  set(holder as JsonMap, String(key), value);
}

function remove({ holder, key }: Spot): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** Renames a key, which keeps its position among the others; an entry of a list becomes that text. */
function rename({ holder, key }: Spot, name: string): void {
  if (Array.isArray(holder)) {
    holder[Number(key)] = name;
    return;
  }
  const entries = Object.entries(holder);
  for (const old of Object.keys(holder)) delete holder[old];
  for (const [old, value] of entries) set(holder, old === key ? name : old, value);
}

/** Defines a property, because an assignment would not create a key __proto__. */
function set(map: JsonMap, key: string, value: Json): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Texts to insert into a text. */
const SNIPPETS = [
  ...'\t\r\n"\'{}[]:,#&*!|>%@`?-~ \u0000\u0085\u2028\ufeff',
  '---\n',
  '\n---\n',
  '...\n',
  '*a',
  '&a ',
  '!x ',
  '!!str ',
  '<<: ',
  '? ',
  ': ',
  '- ',
  '\n- ',
  '\n\n',
  '%YAML 1.1\n---\n',
  '${secret:',
  '@@secret:x@@',
  '0x',
  '|2\n',
  '&a [*a]',
  '{'.repeat(300),
];

/** An edit of the lines of a file, at a line and a column of it. */
type LineEdit = (lines: string[], index: number, column: number, number: number) => void;

const onLine =
  (change: (line: string, column: number, number: number) => readonly string[]): LineEdit =>
  (lines, index, column, number) => {
    lines.splice(index, 1, ...change(lines[index] as string, column, number));
  };

const EDITS: Readonly<Record<string, LineEdit>> = {
  cut(lines, index, column) {
    lines.splice(index, Infinity, (lines[index] as string).slice(0, column));
  },
  behead(lines, index, column) {
    lines.splice(0, index + 1, (lines[index] as string).slice(column));
  },
  insert: onLine((line, column, number) => [
    line.slice(0, column) + SNIPPETS[number % SNIPPETS.length] + line.slice(column),
  ]),
  delete: onLine((line, column, number) => [line.slice(0, column) + line.slice(column + 1 + (number % 4))]),
  'repeat a line': onLine((line) => [line, line]),
  'delete a line': onLine(() => []),
  indent: onLine((line, _, number) => [' '.repeat(1 + (number % 3)) + line]),
  outdent: onLine((line, _, number) => [line.replace(/^ {1,2}/, number % 2 ? '' : ' ')]),
  tab: onLine((line) => [line.replace(/^ *|$/, '\t')]),
  comment: onLine((line) => [line.replace(/(?<=\S )|$/, '# ')]),
  'swap lines'(lines, index) {
    lines.splice(index, 2, ...lines.slice(index, index + 2).reverse());
  },
};

/** The edit, its line, and its column. */
export const edit = fc.noShrink(
  fc.record({
    kind: fc.constantFrom(...Object.keys(EDITS)),
    salt: fc.nat(),
    column: fc.nat(10_000),
    number: fc.nat(1000),
  }),
);

export type TextEdit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

/** Returns files with one edit of their text. */
export function edited(
  files: Files<string>,
  { kind, salt, column, number }: TextEdit,
): Record<string, string> {
  const all = Object.entries(files).flatMap(([path, text]) =>
    text.split('\n').map((line, index) => ({ path, line, index })),
  );
  const place = choose(all, ({ line }) => line, salt);
  if (!place) return files;
  const { path, line, index } = place;
  const lines = (files[path] as string).split('\n');
  EDITS[kind]?.(lines, index, column % (line.length + 1), number);
  return { ...files, [path]: lines.join('\n') };
}
