import { isSecretKey } from '../values/secrets.ts';

/** A piece of a text, as offsets: from `start` up to, but not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * What may be a key, and what follows it: in YAML and in JSON, also in JSON that stands in double quotes itself; in a shell,
 * an assignment or an option. A key begins where no other character of one stands before it: none is tried twice.
 */
const KEY =
  /(?<![\w.-])([\w.-]+)(?:(?:\\?["'])?[ \t]*:(?=[ \t\r\n"'\\])[ \t]*|([ \t]*=[ \t]*)|([ \t]+(?=[^\s-])))/g;

/** A text in quotes, to their end on the line: double ones with escapes, single ones, double ones within double ones. */
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'(?!')|\\"(?:[^"\\\n]|\\\\(?:\\["\\]|[^"\\\n]))*\\"/y;

const UNQUOTED = /\S*/y;

/** What is assigned with blanks around the sign, as in an INI file: to the end of the line, or a comment. */
const REST_OF_LINE = /[^\n]*?(?=[ \t]+#|[ \t]*$)/my;

const END_OF_ENTRY = /[,}\]\n]/g;

/** A login in a URL, which reaches to the last @ before the path; what a server takes in place of a password; a private key. */
const OTHERS = [
  /(?<=:\/\/)[^\s/]+(?=@)/g,
  /(?<=\bBearer[ \t]{1,9})(?!\$\{\s*secret)[^\s"'\\,\]}]+/gi,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
];

/** A login whose password is a reference, or that is one as a whole. */
const REFERRING_LOGIN = /^(?:[^:@]*:)?(?:\$\{secret:[^}]*\})+$/;

/**
 * Gives what most probably is a secret in clear text, in a text that looks like YAML, whether it can be read or not. What
 * is shown of a file beside a fault goes to logs and tickets; there rather too much is left out than too little. What it
 * gives may overlap.
 */
export function likelySecrets(text: string): Span[] {
  const spans: Span[] = [];
  const lineAt = linesOf(text);
  KEY.lastIndex = 0;
  for (let match = KEY.exec(text); match; match = KEY.exec(text)) {
    const [whole, key = '', assignment, option] = match;
    if ((option !== undefined && !key.startsWith('--')) || !isSecretKey(key)) continue;
    const start = match.index + whole.length;
    if (isReference(text.slice(start, start + REFERENCE_LENGTH))) continue;
    const isWord = assignment !== undefined || option !== undefined;
    const unquoted = assignment?.includes(' ') ? REST_OF_LINE : UNQUOTED;
    const end = isWord
      ? endOfWord(text, start, unquoted)
      : endOfValue(text, match.index, start, lineAt(match.index));
    if (!isNothing(text.slice(start, end).trim())) spans.push({ start, end });
    // What is concealed as a whole is not looked into: a file of nothing but keys would be read again for each.
    KEY.lastIndex = Math.max(end, KEY.lastIndex);
  }
  for (const form of OTHERS) {
    for (const { index, 0: found } of text.matchAll(form))
      if (!REFERRING_LOGIN.test(found)) spans.push({ start: index, end: index + found.length });
  }
  return spans;
}

/** Gives a text with `mask` in place of what most probably is a secret in it. */
export function maskLikely(text: string, mask = '***'): string {
  const masked: string[] = [];
  let end = 0;
  for (const span of likelySecrets(text).sort((a, b) => a.start - b.start)) {
    if (span.end <= end || span.start === span.end) continue;
    masked.push(text.slice(end, Math.max(span.start, end)), mask);
    end = span.end;
  }
  return masked.join('') + text.slice(end);
}

const REFERENCE_LENGTH = 100;

/** Says whether a value, as it is written, begins with a reference to a secret or with a mark. */
export function isReference(value: string): boolean {
  return /^(&\S+[ \t]+)?\\?["']?(?:(?:Bearer|Basic)[ \t]+)?(\$\{\s*secret|@@secret:)/i.test(value);
}

/** Says whether a value, as it is written, is a switch or empty: no secret. */
export function isNothing(value: string): boolean {
  return /^\\?(["']?)(true|false|yes|no|on|off|null|~|)\\?\1(\s+#.*)?$/i.test(value);
}

function endOfWord(text: string, start: number, unquoted: RegExp): number {
  return endOfMatch(QUOTED, text, start) ?? endOfMatch(unquoted, text, start) ?? start;
}

function endOfMatch(form: RegExp, text: string, start: number): number | undefined {
  form.lastIndex = start;
  return form.test(text) ? form.lastIndex : undefined;
}

/** The end of the value of a key: of its quotes, of its block, or of the line; within `{ }`, of the entry. */
function endOfValue(
  text: string,
  key: number,
  start: number,
  line: ReturnType<ReturnType<typeof linesOf>>,
): number {
  const quoted = endOfMatch(QUOTED, text, start);
  if (quoted !== undefined) return quoted;
  if (line.isInFlow && !/[[{"'\\]/.test(text.charAt(start))) {
    END_OF_ENTRY.lastIndex = start;
    const close = END_OF_ENTRY.exec(text);
    if (close && close.index > start && close[0] !== '\n') return close.index;
  }
  return endOfBlock(text, key - line.start, start);
}

/** The end of a value that begins on the line of its key: it goes on where lines are further in than the key's column. */
export function endOfBlock(text: string, column: number, start: number): number {
  let end = endOfLine(text, start);
  const isBelow = text.slice(start, end).trim() === '';
  while (end < text.length) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next);
    const inner = line.search(/\S/);
    // The entries of a list may stand below their key.
    const isEntry = isBelow && inner === column && /^-(\s|$)/.test(line.slice(inner));
    if (inner >= 0 && inner <= column && !isEntry) break;
    end = next;
  }
  return end;
}

/** Gives what finds the line that a place is in, without going over any line twice: places come in their order. */
function linesOf(text: string) {
  let start = 0;
  let end = endOfLine(text, 0);
  /** Where the first bracket or comma of the line stands. */
  let flow: number | undefined;
  return (place: number) => {
    for (; end < place; end = endOfLine(text, start)) {
      start = end + 1;
      flow = undefined;
    }
    flow ??= start + text.slice(start, end).search(/[{[,]|$/);
    return { start, isInFlow: flow < place };
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
