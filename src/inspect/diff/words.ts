import { listed } from '../../source/diagnostics/words.ts';
import { missing } from './values.ts';

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

/** Both sides of a change; where one is too long, what stands around the first difference. */
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

/** Gives how many characters two texts have in common at their beginning. */
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
