/** What no reader of plain YAML is sure of: thrown by what reads a piece, caught by what reads the file. */
export const UNSURE = Symbol('unsure');

const NUMBER =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;
const INTEGER = /^[-+]?[0-9]+$/;

/** Gives what a plain scalar of YAML 1.2 stands for. Unsure of whole numbers that cannot be kept. */
export function plainScalar(text: string): string | number | boolean | null {
  switch (text.charCodeAt(0)) {
    case 0x7e: // ~
      return text === '~' ? null : text;
    case 0x4e: // N
    case 0x6e: // n
      return text === 'null' || text === 'Null' || text === 'NULL' ? null : text;
    case 0x54: // T
    case 0x74: // t
      return text === 'true' || text === 'True' || text === 'TRUE' ? true : text;
    case 0x46: // F
    case 0x66: // f
      return text === 'false' || text === 'False' || text === 'FALSE' ? false : text;
    case 0x2b: // +
    case 0x2d: // -
    case 0x2e: // .
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x35:
    case 0x36:
    case 0x37:
    case 0x38:
    case 0x39:
      return NUMBER.test(text) ? numberOf(text) : text;
    default:
      return text;
  }
}

function numberOf(text: string): number {
  if (INTEGER.test(text)) return kept(Number.parseInt(text, 10));
  if (text.startsWith('0o')) return kept(Number.parseInt(text.slice(2), 8));
  if (text.startsWith('0x')) return kept(Number.parseInt(text.slice(2), 16));
  if (/nan$/i.test(text)) return Number.NaN;
  if (/inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number.parseFloat(text);
}

function kept(integer: number): number {
  if (!Number.isSafeInteger(integer)) throw UNSURE;
  return integer;
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

const ESCAPED = new Map(
  Object.entries({
    '0': '\0',
    a: '\x07',
    b: '\b',
    e: '\x1b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
    v: '\v',
    N: '\u0085',
    _: '\u00a0',
    L: '\u2028',
    P: '\u2029',
    ' ': ' ',
    '"': '"',
    '/': '/',
    '\\': '\\',
  }),
);

/** Gives what stands between double quotes on one line. Unsure of escapes that are none. */
export function doubleQuoted(inner: string): string {
  if (!inner.includes('\\')) return inner;
  return inner.replace(ESCAPE, (_, two?: string, four?: string, eight?: string, one = '') => {
    const digits = two ?? four ?? eight;
    const character = digits === undefined ? ESCAPED.get(one) : characterOf(Number.parseInt(digits, 16));
    if (character === undefined) throw UNSURE;
    return character;
  });
}

function characterOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Gives what stands between single quotes on one line. */
export function singleQuoted(inner: string): string {
  return inner.includes("'") ? inner.replaceAll("''", "'") : inner;
}
