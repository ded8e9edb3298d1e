import { Lexer, parseDocument } from 'yaml';
import { maskLikely } from '../../source/likely.ts';
import { type Value, writtenPlaceOf } from '../../source/origin.ts';
import type { Place } from '../../source/source.ts';
import type { Content } from '../write-site.ts';

/** A text without what jinja fills in, of the same length, and how that comes back. */
export interface WithoutJinja {
  readonly text: string;
  /** Gives any piece of the text as it was. */
  restore(piece: string): string;
}

/** Characters that no text of anybody has, one for each expression: as many as Unicode leaves for private use. */
const FIRST = 0xe000;
const LAST = 0xf8ff;
const HIDDEN = /([\ue000-\uf8ff])\1*/g;

/**
 * Gives a text with a word in place of each expression of jinja: `{{ v1.region }}` without quotes would be a map in a map.
 * One that has too many, or such characters itself, stays as it is.
 */
export function hideJinja(text: string): WithoutJinja {
  const found = text.match(/\{\{[^\n]*?\}\}/g) ?? [];
  if (found.length > LAST - FIRST || /[\ue000-\uf8ff]/.test(text)) return { text, restore: (piece) => piece };
  let number = 0;
  return {
    text: text.replace(/\{\{[^\n]*?\}\}/g, (expression) =>
      String.fromCharCode(FIRST + number++).repeat(expression.length),
    ),
    restore: (piece) => piece.replace(HIDDEN, (_, one: string) => found[one.charCodeAt(0) - FIRST] ?? ''),
  };
}

/** A value of a YAML text that is to be another one. */
interface Change {
  readonly at: Place;
  readonly to: string;
}

/**
 * Gives a YAML text in which the values of `value`, which it was read as, are those of `content`: each at its place, in its
 * own quotes or block where they can hold it, else in double quotes. All else stays as it is, but for what comments have of
 * secrets. `secrets` are the values behind the references that `content` has.
 */
export function putBack(
  text: string,
  value: Value,
  content: Content | undefined,
  secrets: ReadonlyMap<string, string>,
): string {
  const changes = new Map<number, Change>();
  // An anchor's value is written once, whatever of its aliases asks for the change.
  for (const change of changesOf(value, content))
    if (!changes.has(change.at.start)) changes.set(change.at.start, change);
  let put = text;
  for (const { at, to } of [...changes.values()].sort((a, b) => b.at.start - a.at.start))
    put = put.slice(0, at.start) + written(text.slice(at.start, at.end), to, secrets) + put.slice(at.end);
  return withoutSecretComments(put);
}

function* changesOf(value: Value, content: Content | undefined): Iterable<Change> {
  if (typeof value !== 'object' || value === null || typeof content !== 'object' || content === null) return;
  for (const [key, item] of Object.entries(value)) {
    const to = (content as Readonly<Record<string, Content>>)[key];
    if (typeof item === 'object') yield* changesOf(item, to);
    else if (typeof to === 'string' && to !== item) yield { at: writtenPlaceOf(value, key), to };
  }
}

/** A scalar that says another value: as it was written, if that is read as the value, else in double quotes. */
function written(raw: string, to: string, secrets: ReadonlyMap<string, string>): string {
  // What a block ends with is the end of its line.
  const lineEnd = raw.endsWith('\n') ? '\n' : '';
  const alike = withReferences(raw, to, secrets);
  return alike?.endsWith(lineEnd) && isReadAs(alike, to) ? alike : JSON.stringify(to) + lineEnd;
}

/** A scalar as it is written, with the references of what it shall say in the places of their values. */
function withReferences(raw: string, to: string, secrets: ReadonlyMap<string, string>): string | undefined {
  let made = '';
  let end = 0;
  for (const [reference, name = ''] of to.matchAll(/\$\{secret:(\w+)\}/g)) {
    const secret = secrets.get(name);
    const at = secret === undefined ? -1 : raw.indexOf(secret, end);
    if (secret === undefined || at < 0) return undefined;
    made += raw.slice(end, at) + reference;
    end = at + secret.length;
  }
  return made + raw.slice(end);
}

/** Says whether a scalar is read as a value wherever it stands: within brackets, too, unless it is a block. */
function isReadAs(raw: string, value: string): boolean {
  const isBlock = /^[|>]/.test(raw);
  const document = parseDocument(isBlock ? `a: ${raw}` : `{ a: ${raw} }`, { logLevel: 'silent' });
  return document.errors.length === 0 && document.getIn(['a']) === value;
}

/** What the lexer of the library says of what follows, in tokens of their own: a document, a scalar, a fault. */
const SIGNS: ReadonlySet<string> = new Set(['\x02', '\x18', '\x1f']);
const SCALAR = '\x1f';

/** Secrets that were commented out stay out: nothing fills in a reference there. */
function withoutSecretComments(text: string): string {
  const tokens = [...new Lexer().lex(text)];
  return tokens
    .map((token, index) => {
      if (SIGNS.has(token)) return '';
      return token.startsWith('#') && tokens[index - 1] !== SCALAR ? maskLikely(token) : token;
    })
    .join('');
}
