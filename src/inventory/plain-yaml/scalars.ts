/** Thrown by the reader of a piece, and caught by the reader of the file, for anything that is not plain YAML. */
export const UNSURE = Symbol('unsure');

const NUMBER =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;
const WHOLE_NUMBER = /^(?:[-+]?[0-9]+|0[ox].*)$/;

const WORDS = new Map<string, boolean | null>([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** Returns the value of a plain scalar of YAML 1.2. Throws UNSURE for whole numbers that lose digits. */
export function plainScalar(text: string): string | number | boolean | null {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  return /^[-+.0-9]/.test(text) && NUMBER.test(text) ? numberOf(text) : text;
}

function numberOf(text: string): number {
  if (/nan$/i.test(text)) return Number.NaN;
  if (/inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = Number(text);
  if (WHOLE_NUMBER.test(text) && !Number.isSafeInteger(number)) throw UNSURE;
  return number;
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** The characters after a backslash, and their values. */
const ESCAPES = ['0abefnrtvN_LP "/\\', '\0\x07\b\x1b\f\n\r\t\v\u0085\u00a0\u2028\u2029 "/\\'] as const;

/** Returns the value of a double-quoted text on one line. Throws UNSURE for invalid escapes. */
export function doubleQuoted(inner: string): string {
  if (!inner.includes('\\')) return inner;
  return inner.replace(ESCAPE, (_, two?: string, four?: string, eight?: string, one?: string) => {
    const code = Number.parseInt(two ?? four ?? eight ?? '', 16);
    const at = one === undefined ? -1 : ESCAPES[0].indexOf(one);
    if (one === undefined ? code > 0x10ffff : at < 0) throw UNSURE;
    return one === undefined ? String.fromCodePoint(code) : ESCAPES[1].charAt(at);
  });
}

/** The header of an ordinary block scalar: with the indentation of its first line, and at most one line end. */
const HEADER = /([|>])(-?) *\n/y;

/**
 * Reads the block scalar at an offset, and returns its value and end; its lines are indented deeper than `indent`. Throws UNSURE
 * for lines that consist of blanks, for an explicit indentation, and for kept empty lines at its end.
 */
export function blockScalar(
  text: string,
  at: number,
  indent: number,
): { readonly value: string; readonly end: number } {
  HEADER.lastIndex = at;
  const [, style, chomping] = HEADER.exec(text) ?? [];
  if (style === undefined) throw UNSURE;
  const lines: string[] = [];
  let inner = -1;
  let end = at;
  let filled = 0;
  for (let start = HEADER.lastIndex; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(start, newline < 0 ? text.length : newline);
    const column = line.search(/[^ ]/);
    if (column < 0 && line !== '') throw UNSURE;
    if (column >= 0) {
      if (inner < 0) inner = column;
      if (inner <= indent) throw UNSURE;
      if (column < inner) break;
      filled = lines.length + 1;
      end = next;
    }
    lines.push(line.slice(inner < 0 ? 0 : inner));
    start = next;
  }
  if (filled === 0) throw UNSURE;
  lines.length = filled;
  const value = style === '|' ? lines.join('\n') : folded(lines);
  return { value: value + (chomping === '' ? '\n' : ''), end };
}

/** Joins lines with a blank; lines that are indented deeper, and empty ones, keep their line ends. */
function folded(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line !== '');
  let value = '\n'.repeat(first);
  let separator = '';
  let wasIndented = false;
  for (const line of lines.slice(first)) {
    if (line.startsWith(' ')) {
      if (separator === ' ') separator = '\n';
      else if (!wasIndented && separator === '\n') separator = '\n\n';
      value += separator + line;
      separator = '\n';
      wasIndented = true;
    } else if (line === '') {
      if (separator === '\n') value += '\n';
      else separator = '\n';
    } else {
      value += separator + line;
      separator = ' ';
      wasIndented = false;
    }
  }
  return value;
}
