import { listed } from '../../source/diagnostics/listed.ts';
import { ends, excerpt, LONGEST, sharedLength } from './excerpt.ts';

/** How many entries of a list are said before the rest is counted. */
const MOST = 3;

/**
 * Says what a value was and is, in a line of bounded length. Of lists, which entries came and went; of long texts, what
 * stands around the first difference.
 */
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
  const went = without(before, after);
  const came = without(after, before);
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

/** The entries of a list that another lacks; of those that are in it several times, as many as it has less. */
function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const left = new Map<string, number>();
  for (const entry of other) left.set(wholeText(entry), (left.get(wholeText(entry)) ?? 0) + 1);
  return list.filter((entry) => {
    const count = left.get(wholeText(entry)) ?? 0;
    left.set(wholeText(entry), count - 1);
    return count <= 0;
  });
}

function entriesText(list: readonly unknown[], others: readonly unknown[], what: 'new' | 'gone'): string {
  const texts = others.map(wholeText);
  const said = list.slice(0, list.length > MOST ? MOST - 1 : MOST);
  const rest = list.length - said.length;
  const words = [
    ...said.map((entry) => entryText(wholeText(entry), texts)),
    ...(rest > 0 ? [`${rest} more`] : []),
  ];
  return list.length === 0 ? '' : `${listed(words)} ${list.length === 1 ? 'is' : 'are'} ${what}`;
}

/** An entry by both of its ends; where another one has the same ends, by what distinguishes the two. */
function entryText(entry: string, others: readonly string[]): string {
  const text = ends(entry);
  const twin = others.find((other) => ends(other) === text);
  return twin === undefined ? text : excerpt(entry, sharedLength(entry, twin));
}

/** Both sides of a change; where one is too long, what stands around the first difference. */
function sides(before: unknown, after: unknown): [from: string, to: string] {
  const [from, to] = [wholeText(before), wholeText(after)];
  const isShort = from.length <= LONGEST && to.length <= LONGEST;
  if (isShort || before === undefined || after === undefined) return [excerpt(from), excerpt(to)];
  // Quotes on one side alone would be the first difference.
  const [old, now] = isQuoted(from) === isQuoted(to) ? [from, to] : [quoted(before), quoted(after)];
  const at = sharedLength(old, now);
  return [excerpt(old, at), excerpt(now, at)];
}

function wholeText(value: unknown): string {
  if (value === undefined) return 'not set';
  const isPlain = typeof value === 'string' && /^[A-Za-z0-9/][\w.:/@+-]*$/.test(value) && !isOther(value);
  return isPlain ? value : quoted(value);
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}

function isQuoted(text: string): boolean {
  return text.startsWith('"');
}

/** Whether a text without its quotes is a value of another type. */
function isOther(text: string): boolean {
  return !Number.isNaN(Number(text)) || /^(true|false|null|yes|no|on|off)$/i.test(text);
}
