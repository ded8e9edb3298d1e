/** What no reader of plain YAML is sure of: thrown by what reads a piece, caught by what reads the file. */
export const UNSURE = Symbol('unsure');

const NUMBER =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;
const WHOLE_NUMBER = /^(?:[-+]?[0-9]+|0[ox].*)$/;

const WORDS = new Map<string, boolean | null>([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** Gives what a plain scalar of YAML 1.2 stands for. Unsure of whole numbers that cannot be kept. */
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

/** What stands behind a backslash, and what it stands for. */
const ESCAPES = ['0abefnrtvN_LP "/\\', '\0\x07\b\x1b\f\n\r\t\v\u0085\u00a0\u2028\u2029 "/\\'] as const;

/** Gives what stands between double quotes on one line. Unsure of escapes that are none. */
export function doubleQuoted(inner: string): string {
  if (!inner.includes('\\')) return inner;
  return inner.replace(ESCAPE, (_, two?: string, four?: string, eight?: string, one?: string) => {
    const code = Number.parseInt(two ?? four ?? eight ?? '', 16);
    const at = one === undefined ? -1 : ESCAPES[0].indexOf(one);
    if (one === undefined ? code > 0x10ffff : at < 0) throw UNSURE;
    return one === undefined ? String.fromCodePoint(code) : ESCAPES[1].charAt(at);
  });
}
