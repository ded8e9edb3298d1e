import { parse } from 'yaml';
import { readPlainYaml } from '../../inventory/plain-yaml/reader.ts';
import { shown } from '../../knowledge/hide.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { type Path, pathText } from '../../source/leaf.ts';
import { isValueMap } from '../../source/origin.ts';
import { Source } from '../../source/source.ts';

/** A map of JSON or YAML, of which nothing is known. */
export type Plain = Readonly<Record<string, unknown>>;

/** How deep values may be nested that are looked into: no inventory and no configuration comes near. */
const DEEPEST = 50;

/** Whether two values of JSON are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Returns the keys under which two maps have something else, in the order of the later one. */
export function otherKeys(before: Plain, after: Plain): string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => !isSame(before[key], after[key]));
}

/** Returns the entries of a list that another lacks; of those that are in it several times, as many as it has less. */
export function missing<T>(list: readonly T[], other: readonly unknown[]): T[] {
  const left = other.map((entry) => JSON.stringify(entry));
  return list.filter((entry) => {
    const index = left.indexOf(JSON.stringify(entry));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Returns things with names before and after, in the order of the later ones; one of the two lacks what is new or gone. */
export function among<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): [name: string, before: T | undefined, after: T | undefined][] {
  return [...new Set([...after.keys(), ...before.keys()])].map((name) => [
    name,
    before.get(name),
    after.get(name),
  ]);
}

/** Whether a value of JSON is nested no deeper than can be looked into without exhausting the stack. */
export function isShallow(value: unknown, levels = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}

/** Reads a file of YAML that holds a map, as a configuration does; undefined for anything else. */
export function readMap(text: string | undefined): Plain | undefined {
  if (text === undefined) return undefined;
  // As builds write it, mostly: a diff of a large site reads thousands, by the package of all YAML in ten times the time.
  const plain = readPlainYaml(new Source('', text));
  let value: unknown;
  try {
    const isPlain = plain && !hasOddKey(plain);
    value = isPlain ? JSON.parse(JSON.stringify(plain)) : parse(text, { logLevel: 'error' });
  } catch {
    return undefined; // no YAML, or of more aliases than anybody writes
  }
  return isValueMap(value) && isShallow(value) ? value : undefined;
}

/** Whether a key may be no text in YAML, such as `1.10` or `null`: to `yaml` it is what JavaScript makes of its value. */
function hasOddKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasOddKey);
  return Object.entries(value).some(
    ([key, item]) => /^(?:[-+.~\d]|(?:null|true|false)$)/i.test(key) || hasOddKey(item),
  );
}

/** A key that changes; a side is undefined where the key is not set, and both are where a secret is in one of them. */
export interface ValueChange {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The change in a few words, which begin with the key. */
  readonly text: string;
}

/** Returns the keys that differ in two values of a part of a node: maps are gone into, and lists count as a whole. */
export function valueChanges(before: unknown, after: unknown, part: string): ValueChange[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((id): ValueChange[] => {
    const [from, to] = [old.get(id), now.get(id)];
    if (isSame(from, to)) return [];
    const path: Path = JSON.parse(id);
    const key = pathText(path);
    const isSecret = [from, to].some((value) => holdsSecret([part, ...path], value));
    if (isSecret) return [{ key, before: undefined, after: undefined, text: `${key} changes` }];
    return [{ key, before: from, after: to, text: `${key}: ${turn(from, to)}` }];
  });
}

function leavesOf(
  value: unknown,
  path: Path = [],
  leaves = new Map<string, unknown>(),
): Map<string, unknown> {
  if (value === undefined) return leaves;
  const entries = isValueMap(value) ? Object.entries(value) : [];
  if (entries.length === 0) leaves.set(JSON.stringify(path), value);
  for (const [key, item] of entries) leavesOf(item, [...path, key], leaves);
  return leaves;
}

/** Whether a value is or holds what is not to be read over a shoulder: a secret, or the mark that stands for one. */
function holdsSecret(path: Path, value: unknown): boolean {
  if (value === undefined) return false;
  return JSON.stringify(value).includes('@@secret:') || !isSame(shown(value, path), value);
}

const MOST = 3;

/** Says what a value was and is, in a line of bounded length: of lists the entries, of long texts the first difference. */
export function turn(before: unknown, after: unknown): string {
  if (Array.isArray(before) && Array.isArray(after)) return listTurn(before, after);
  const [from, to] = sides(before, after);
  return `${from} → ${to}`;
}

/** Writes a value for a line of words: text without quotes, unless it would be taken for something else. */
export function valueText(value: unknown): string {
  return excerpt(wholeText(value));
}

function listTurn(before: readonly unknown[], after: readonly unknown[]): string {
  const [went, came] = [missing(before, after), missing(after, before)];
  if (went.length === 0 && came.length === 0) {
    const [from, to] = [wholeText(before), wholeText(after)];
    const isShort = from.length <= LONGEST && to.length <= LONGEST;
    return isShort ? `another order: ${from} → ${to}` : 'the same entries in another order';
  }
  if (went.length === 1 && came.length === 1) {
    const [from, to] = sides(went[0], came[0]);
    return `${to} instead of ${from}`;
  }
  return [entriesText(came, went, 'new'), entriesText(went, came, 'gone')].filter(Boolean).join('; ');
}

function entriesText(list: readonly unknown[], others: readonly unknown[], what: 'new' | 'gone'): string {
  if (list.length === 0) return '';
  const texts = others.map(wholeText);
  const said = list.slice(0, list.length > MOST ? MOST - 1 : MOST).map((entry) => {
    // By both of its ends; where another one has the same ends, by what distinguishes the two.
    const text = wholeText(entry);
    const twin = texts.find((other) => ends(other) === ends(text));
    return twin === undefined ? ends(text) : excerpt(text, sharedLength(text, twin));
  });
  const rest = list.length - said.length;
  const words = rest > 0 ? [...said, `${rest} more`] : said;
  return `${listed(words)} ${list.length === 1 ? 'is' : 'are'} ${what}`;
}

function sides(before: unknown, after: unknown): [from: string, to: string] {
  const [from, to] = [wholeText(before), wholeText(after)];
  const isShort = from.length <= LONGEST && to.length <= LONGEST;
  if (isShort || before === undefined || after === undefined) return [excerpt(from), excerpt(to)];
  // Quotes on one side alone would be the first difference.
  const isAlike = from.startsWith('"') === to.startsWith('"');
  const [old, now] = isAlike ? [from, to] : [JSON.stringify(before), JSON.stringify(after)];
  const at = sharedLength(old, now);
  return [excerpt(old, at), excerpt(now, at)];
}

function wholeText(value: unknown): string {
  if (value === undefined) return 'not set';
  if (typeof value !== 'string') return JSON.stringify(value);
  // Without its quotes a text may be a value of another type.
  const isOther = !Number.isNaN(Number(value)) || /^(true|false|null|yes|no|on|off)$/i.test(value);
  return /^[A-Za-z0-9/][\w.:/@+-]*$/.test(value) && !isOther ? value : JSON.stringify(value);
}

/** The longest value that a line of words shows whole: all of it is in the patch. */
const LONGEST = 72;

/** How much is shown before the place that matters. */
const LEAD = 24;

/** Gives the part of a JSON text around a place, with an ellipsis where it is cut; a short text whole. */
function excerpt(text: string, at = 0): string {
  if (text.length <= LONGEST) return text;
  const start = boundary(text, Math.max(0, Math.min(at - LEAD, text.length - LONGEST)));
  const end = boundary(text, start + LONGEST);
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

/** Gives both ends of a JSON text, which tell SSH keys apart: they begin alike, and end with whose they are. */
function ends(text: string): string {
  if (text.length <= LONGEST) return text;
  const head = text.slice(0, boundary(text, LEAD));
  return `${head}…${text.slice(boundary(text, text.length - (LONGEST - LEAD)))}`;
}

function sharedLength(a: string, b: string): number {
  const least = Math.min(a.length, b.length);
  let length = 0;
  while (length < least && a[length] === b[length]) length += 1;
  return length;
}

/** Gives the place at or before another at which no escape and no character is cut in two. */
function boundary(text: string, at: number): number {
  const [, slashes = '', rest = ''] =
    /(\\*)(u[0-9a-f]{0,3})?$/.exec(text.slice(Math.max(0, at - LEAD), at)) ?? [];
  if (slashes.length % 2 === 1 && at < text.length) return at - rest.length - 1;
  return /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '') ? at - 1 : at;
}
