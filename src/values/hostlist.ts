/**
 * Texts with numbers in brackets, as Slurm, pdsh and powerman write many hosts: `cg[01-06,08]`. The numbers are as wide
 * as the first one of their range is written; of several brackets the last runs fastest.
 */
export interface Hostlist {
  readonly size: number;
  at(index: number): string;
}

/** What is wrong with a text in brackets, as the end of a sentence that begins with it. */
export interface HostlistFault {
  readonly fault: string;
}

/** From one number to another, both included, written with at least so many digits. */
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

/** More machines than these are no range, but a slip in a number. */
export const MOST_OF_RANGE = 10_000;

/** More digits than these are not counted exactly. */
const MOST_DIGITS = 12;

const DIGITS = { 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/i };

/** Says whether a text has a bracket, and so may stand for several. */
export function hasBrackets(text: string): boolean {
  return /[[\]]/.test(text);
}

/** Reads a text with numbers in brackets, decimal or hexadecimal. Gives what is wrong with it where it is not well-formed. */
export function parseHostlist(text: string, radix: 10 | 16 = 10): Hostlist | HostlistFault {
  const pieces: Piece[] = [];
  let rest = text;
  while (hasBrackets(rest)) {
    const [whole, before = '', inner = ''] = /^([^[\]]*)\[([^[\]]*)\]/.exec(rest) ?? [];
    if (whole === undefined) return { fault: 'has a bracket without its other one' };
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

/** Gives the names that the name of a range stands for; none where it is not one, or one of too many. */
export function namesOfRange(range: string): string[] {
  const list = parseHostlist(range);
  if ('fault' in list || list.size > MOST_OF_RANGE) return [];
  return Array.from({ length: list.size }, (_, index) => list.at(index));
}

function spanOf(part: string, radix: 10 | 16): Span | HostlistFault {
  const ends = part.split('-');
  const [first = '', last = first] = ends;
  if (ends.length > 2 || !DIGITS[radix].test(first) || !DIGITS[radix].test(last))
    return { fault: `has \`${part}\` in brackets, where a number stands, or two with - between` };
  if (Math.max(first.length, last.length) > MOST_DIGITS)
    return { fault: `has a number of more than ${MOST_DIGITS} digits in brackets` };
  if (last.length !== first.length && last.startsWith('0'))
    return { fault: `has \`${part}\` in brackets, whose two numbers are padded differently` };
  const [from, to] = [Number.parseInt(first, radix), Number.parseInt(last, radix)];
  if (to < from) return { fault: `has \`${part}\` in brackets, which runs backwards` };
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
