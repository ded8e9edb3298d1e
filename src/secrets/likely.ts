import { nearest } from '../inventory/nearest.ts';

/** A piece of a text, as offsets: from `start` up to, but not with, `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Keys of secrets, as the schemas have them and as people slip: what is nearly one is taken for one, too. */
const NAMES = ['token', 'password', 'passwd', 'passphrase', 'privatekey', 'secretaccesskey', 'identitytoken'];

/** Those that are too near to other words. */
const WHOLE_NAMES = ['pass', 'auth', 'secret'];

/** A key and what follows it, in YAML and in JSON, also in JSON that stands in double quotes itself. */
const KEY = /([A-Za-z_][\w-]*)(?:\\?["'])?[ \t]*:(?=[ \t\r\n"'\\])[ \t]*/g;

/** A text in quotes, to their end on the line: double ones with escapes, single ones, double ones within double ones. */
const QUOTED = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\\"(?:[^"\\]|\\\\(?:\\["\\]|[^"\\]))*\\")/;

/** A login in a URL; a private key, or what there is of one. */
const OTHERS = [
  /(?<=:\/\/[^\s/:@"']*:)(?!\$\{secret:)[^\s/@]+(?=@)/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/**
 * Gives what most probably is a secret in clear text, in a text that looks like YAML, whether it can be read or not. What
 * is shown of a file beside a fault goes to logs and tickets; there rather too much is left out than too little.
 */
export function likelySecrets(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(KEY)) {
    if (!isSecretKey(match[1] ?? '')) continue;
    const start = match.index + match[0].length;
    const end = endOfValue(text, match.index, start);
    const value = text.slice(start, end);
    if (!isReference(value)) spans.push({ start, end });
  }
  for (const form of OTHERS)
    for (const { index, 0: found } of text.matchAll(form))
      spans.push({ start: index, end: index + found.length });
  return spans;
}

/** Gives a text with `mask` in place of what most probably is a secret in it. */
export function maskLikely(text: string, mask = '***'): string {
  let masked = '';
  let end = 0;
  for (const span of likelySecrets(text).sort((a, b) => a.start - b.start)) {
    if (span.end <= end || span.start === span.end) continue;
    masked += text.slice(end, Math.max(span.start, end)) + mask;
    end = span.end;
  }
  return masked + text.slice(end);
}

function isSecretKey(key: string): boolean {
  const plain = key.toLowerCase().replace(/[-_]/g, '');
  return WHOLE_NAMES.includes(plain) || nearest(plain, NAMES, 0.25) !== undefined;
}

function isReference(value: string): boolean {
  return /^(&\S+[ \t]+)?\\?["']?\$\{\s*secret/i.test(value);
}

/** The end of the value of a key: of its quotes, of its block, or of the line; within `{ }`, of the entry. */
function endOfValue(text: string, key: number, start: number): number {
  const lineEnd = endOfLine(text, start);
  const line = text.slice(start, lineEnd);
  const [quoted] = QUOTED.exec(line) ?? [];
  if (quoted !== undefined) return start + quoted.length;
  if (/^\\?["']/.test(line)) return endOfBlock(text, key, lineEnd);
  if (isInFlow(text, key)) {
    const close = /[,}\]]/.exec(line);
    if (close && close.index > 0) return start + close.index;
  }
  return endOfBlock(text, key, lineEnd);
}

/** The lines below that are further in than the key belong to its value: a block, or quotes over several lines. */
function endOfBlock(text: string, key: number, lineEnd: number): number {
  const column = key - (text.lastIndexOf('\n', key - 1) + 1);
  let end = lineEnd;
  while (end < text.length) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next);
    if (line.trim() !== '' && line.search(/\S/) <= column) break;
    end = next;
  }
  return end;
}

function isInFlow(text: string, key: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', key - 1) + 1, key);
  return /[{[,][^\n]*$/.test(before);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
