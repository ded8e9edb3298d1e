import { isSecretName } from '../values/identifiers.ts';
import { isSecretKey } from '../values/secrets.ts';
import type { Span } from '../values/spans.ts';

/**
 * A possible key and the separator after it: in YAML and JSON, also in double-quoted JSON; in a shell, an assignment or an
 * option. Starts only where no other character of a key precedes it, so that no key is tried twice.
 */
const KEY =
  /(?<![\w.-])([\w.-]+)(?:(?:\\?["'])?[ \t]*:(?=[ \t\r\n"'\\])[ \t]*|([ \t]*=[ \t]*)|([ \t]+(?=[^\s-])))/g;

/** A quoted text, to the end of the quotes on the line: double-quoted with escapes, single-quoted, nested double-quoted. */
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'(?!')|\\"(?:[^"\\\n]|\\\\(?:\\["\\]|[^"\\\n]))*\\"/y;

const UNQUOTED = /\S*/y;

/** A value with blanks around the equals sign, as in an INI file: to the end of the line, or a comment. Tries each blank once. */
const REST_OF_LINE = /(?:[^ \t\n]+|[ \t]+(?![ \t#\n]|$))*/y;

const END_OF_ENTRY = /[,}\]\n]/g;

/** A login in a URL, up to the last @ before the path; a bearer token; a private key; a token of a usual service, by its prefix. */
const OTHERS = [
  /(?<=:\/\/)[^\s/]+(?=@)/g,
  /(?<=\b(?:Bearer|bearer|BEARER)[ \t]{1,9})(?!\$\{secret:[a-z][a-z0-9_]*\})[^\s"'\\,\]}]+/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  /\b(?:do[opr]_v1_[a-f0-9]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|A[KS]IA[A-Z0-9]{16}\b|xox[abeprs]-[\w-]{20,}|hvs\.[\w-]{20,}|token-[a-z0-9]{5}:[a-z0-9]{40,}|K10[a-f0-9]{64}::[\w:]+)/g,
];

/** A login that is a reference, or whose password is one. */
const REFERRING_LOGIN = /^(?:[^:@]*:)?(?:\$\{secret:[a-z][a-z0-9_]*\})+$/;

/** A line or an entry whose key has no colon, or none with a blank after it: `token:value`, `password value`. */
const JOINED = /(?:^[ \t]*(?:-[ \t]+)*|(?<!\$)[{,][ \t]*)([\w.-]+)(?::|[ \t]+)(?=[^\s:#])([^\n,}\]]+)/gm;

/**
 * Returns the probable secrets of entries that lack a colon, or the blank after it. Only for code frames: in a command,
 * `passwd root` is not a secret.
 */
export function guessJoinedSecrets(text: string): Span[] {
  return Array.from(text.matchAll(JOINED)).flatMap(({ index, 0: whole, 1: key = '', 2: value = '' }) => {
    const end = index + whole.length;
    const start = end - value.length;
    const isReferring = isReference(text.slice(start, start + REFERENCE_LENGTH));
    return isSecretKey(key) && !isReferring ? [{ start, end }] : [];
  });
}

/**
 * Returns the probable secrets in clear text, in a text that looks like YAML, valid or not. Code frames go to logs and
 * tickets: it is better to hide too much there than too little. The spans may overlap.
 */
export function guessSecrets(text: string): Span[] {
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
    if (!isEmptyOrBoolean(text.slice(start, end).trim())) spans.push({ start, end });
    // Skips the concealed span. A file that contains only keys would otherwise be searched again for each.
    KEY.lastIndex = Math.max(end, KEY.lastIndex);
  }
  for (const form of OTHERS) {
    for (const { index, 0: found } of text.matchAll(form))
      if (!REFERRING_LOGIN.test(found)) spans.push({ start: index, end: index + found.length });
  }
  return spans;
}

/** Returns a text with `mask` in place of its probable secrets. */
export function maskSecrets(text: string, mask = '***'): string {
  const masked: string[] = [];
  let end = 0;
  for (const span of guessSecrets(text).sort((a, b) => a.start - b.start)) {
    if (span.end <= end || span.start === span.end) continue;
    masked.push(text.slice(end, Math.max(span.start, end)), mask);
    end = span.end;
  }
  return masked.join('') + text.slice(end);
}

const REFERENCE_LENGTH = 200;

const REFERENCE =
  /^(?:&\S+[ \t]+)?\\?["']?(?:(?:Bearer|Basic)[ \t]+)?(?:@@secret:|\$\{\s*secrets?\s*[:.]\s*(\w+)\s*\})/i;

/** Whether a value, as written, begins with a placeholder or a reference to a secret, whose name is not the value itself. */
export function isReference(value: string): boolean {
  const found = REFERENCE.exec(value);
  return found !== null && (found[1] === undefined || isSecretName(found[1]));
}

/** Whether a value, as written, is a boolean or empty, and therefore not a secret. */
export function isEmptyOrBoolean(value: string): boolean {
  return /^\\?(["']?)(true|false|yes|no|on|off|null|~|)\\?\1(\s+#.*)?$/i.test(value);
}

function endOfWord(text: string, start: number, unquoted: RegExp): number {
  return endOfMatch(QUOTED, text, start) ?? endOfMatch(unquoted, text, start) ?? start;
}

function endOfMatch(form: RegExp, text: string, start: number): number | undefined {
  form.lastIndex = start;
  return form.test(text) ? form.lastIndex : undefined;
}

/** Returns the end of the value of a key: of its quotes, block or line; within `{ }`, of the entry. */
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

/** Returns the end of a value that begins on the line of its key: it includes lines indented deeper than the key. */
export function endOfBlock(text: string, column: number, start: number): number {
  let end = endOfLine(text, start);
  const isBelow = text.slice(start, end).trim() === '';
  while (end < text.length) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next);
    const inner = line.search(/\S/);
    // The entries of a list may have the same indentation as their key.
    const isEntry = isBelow && inner === column && /^-(\s|$)/.test(line.slice(inner));
    if (inner >= 0 && inner <= column && !isEntry) break;
    end = next;
  }
  return end;
}

/** Returns a function that finds the line of an offset. Offsets must ascend, so that it reads each line once. */
function linesOf(text: string) {
  let start = 0;
  let end = endOfLine(text, 0);
  /** The offset of the first bracket or comma of the line. */
  let flow: number | undefined;
  return (offset: number) => {
    for (; end < offset; end = endOfLine(text, start)) {
      start = end + 1;
      flow = undefined;
    }
    flow ??= start + text.slice(start, end).search(/[{[,]|$/);
    return { start, isInFlow: flow < offset };
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Passwords that commands read without a name: those of chpasswd and curl. */
const UNNAMED = [
  /\b(?:echo|printf)\s[^|\n]{0,99}?[\w.-]{1,99}:([^\s"'|\\]{1,99})[^|]{0,99}\|[^|\n]{0,99}\bchpasswd\b/g,
  /\bchpasswd\b[^\n]{0,99}<<(?:<[ \t]*|-?[ \t]*["']?\w+["']?\n\s*)["']?[\w.-]+:([^\s"']+)/g,
  /\bcurl\b[^\n|;]{0,499}\s(?:-u|--user|--proxy-user)[ =]?["']?[^\s:"'$]+:([^\s"']+)/g,
];

/** A variable or an option with the name of a secret, and its value. */
const ASSIGNED = /(?<![\w.-])(?:--([\w-]+)[ =]|([A-Za-z_]\w*)=)("[^"\n]*"|'[^'\n]*'|[^\s"'`;|&)\]]+)/g;

/** A key of a YAML file at the beginning of its line, and its value. */
const SETTING = /^[ \t]*["']?([\w-]+)["']?():[ \t]+("[^"\n]*"|'[^'\n]*'|[^\s#"']+)/gm;

/** Returns the values in commands, or in a YAML file, that may be secrets, with their names, if any. Omits those of variables. */
export function assignedValues(text: string, isYaml = false): { name: string; value: string }[] {
  return [ASSIGNED, ...(isYaml ? [SETTING] : []), ...UNNAMED].flatMap((form) =>
    Array.from(text.matchAll(form), ([, option, variable, quoted]) => ({
      name: quoted === undefined ? '' : option || variable || '',
      value: (quoted ?? option ?? '').replace(/^["']|["']$/g, ''),
    })).filter(({ value }) => /^[^$`<{%!*\\]/.test(value)),
  );
}
