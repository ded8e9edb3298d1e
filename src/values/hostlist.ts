/**
 * Texts with numbers in brackets, the notation of Slurm, pdsh and powerman for many hosts: `cg[01-06,08]`. The first number
 * of a range sets the width of all. With several brackets, the last one varies fastest.
 */
export interface Hostlist {
  readonly size: number;
  at(index: number): string;
}

/** The error of a text with brackets, as a clause whose subject is that text. */
export interface HostlistError {
  readonly fault: string;
}

/** Consecutive numbers, padded with zeros to a minimum width. */
interface Span {
  readonly first: number;
  readonly count: number;
  readonly width: number;
}

interface Piece {
  readonly text: string;
  readonly spans: readonly Span[];
  readonly count: number;
}

/** The maximum size of a range. A larger one is probably a typo in a number. */
export const MOST_OF_RANGE = 10_000;

/** The maximum number of digits: larger numbers may lose precision. */
const MOST_DIGITS = 12;

const DIGITS = { 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/i };

/** Whether a text contains a bracket, and so may be a range. */
export function hasBrackets(text: string): boolean {
  return /[[\]]/.test(text);
}

/** Parses a text with numbers in brackets, decimal or hexadecimal. Returns the error if the text is malformed. */
export function parseHostlist(text: string, radix: 10 | 16 = 10): Hostlist | HostlistError {
  const pieces: Piece[] = [];
  let rest = text;
  while (hasBrackets(rest)) {
    const [whole, before = '', inner = ''] = /^([^[\]]*)\[([^[\]]*)\]/.exec(rest) ?? [];
    if (whole === undefined) return { fault: 'has an unmatched bracket' };
    const spans: Span[] = [];
    for (const part of inner.split(',')) {
      const span = spanOf(part, radix);
      if ('fault' in span) return span;
      spans.push(span);
    }
    pieces.push({ text: before, spans, count: spans.reduce((sum, { count }) => sum + count, 0) });
    rest = rest.slice(whole.length);
  }
  const upper = radix === 16 && text !== text.toLowerCase();
  return {
    size: pieces.reduce((product, { count }) => product * count, 1),
    at: (index) => {
      let left = index;
      let result = rest;
      for (const piece of [...pieces].reverse()) {
        const number = numberAt(piece, left % piece.count, radix);
        result = piece.text + (upper ? number.toUpperCase() : number) + result;
        left = Math.floor(left / piece.count);
      }
      return result;
    },
  };
}

/** Returns the names in a range; an empty list if the range is malformed or too large. */
export function namesOfRange(range: string): string[] {
  const list = parseHostlist(range);
  if ('fault' in list || list.size > MOST_OF_RANGE) return [];
  return Array.from({ length: list.size }, (_, index) => list.at(index));
}

function spanOf(part: string, radix: 10 | 16): Span | HostlistError {
  const ends = part.split('-');
  const [first = '', last = first] = ends;
  if (ends.length > 2 || !DIGITS[radix].test(first) || !DIGITS[radix].test(last))
    return { fault: `has \`${part}\` in brackets, which must contain numbers or ranges such as 01-06` };
  if (Math.max(first.length, last.length) > MOST_DIGITS)
    return { fault: `has a number of more than ${MOST_DIGITS} digits in brackets` };
  if (last.length !== first.length && last.startsWith('0'))
    return { fault: `has \`${part}\` in brackets, whose two numbers are padded differently` };
  const [from, to] = [Number.parseInt(first, radix), Number.parseInt(last, radix)];
  if (to < from) return { fault: `has \`${part}\` in brackets, whose first number is larger than its last` };
  return { first: from, count: to - from + 1, width: first.length };
}

function numberAt({ spans }: Piece, index: number, radix: 10 | 16): string {
  let left = index;
  for (const { first, count, width } of spans) {
    if (left < count) return (first + left).toString(radix).padStart(width, '0');
    left -= count;
  }
  throw new RangeError(`there is no number ${index}`);
}
