/** Texts of which each differs from the one before by one number alone, which is one more. */
export interface Run {
  /** Says whether a text is the one at an index, counted from 0. */
  isAt(text: string, index: number): boolean;
  /** Gives the texts as one, with their numbers in brackets. */
  bracketed(count: number): string;
}

const NUMBERS = { 10: /\d+/g, 16: /[0-9a-f]+/gi };

/** More digits than these are not counted exactly. */
const MOST_DIGITS = 12;

/** Gives the run that two texts begin, whose numbers are decimal or hexadecimal; undefined where they begin none. */
export function numbersOf(first: string, second: string, radix: 10 | 16): Run | undefined {
  for (const { 0: digits, index } of first.matchAll(NUMBERS[radix])) {
    if (digits.length > MOST_DIGITS) continue;
    const start = Number.parseInt(digits, radix);
    const before = first.slice(0, index);
    const after = first.slice(index + digits.length);
    const numberAt = (count: number) => (start + count).toString(radix).padStart(digits.length, '0');
    const textAt = (count: number) => before + numberAt(count) + after;
    // What has brackets of its own is no text that could stand in a range; capitals are lower case in one.
    if (/[[\]]/.test(first) || textAt(0) !== first || textAt(1) !== second) continue;
    return {
      isAt: (text, count) => text === textAt(count),
      bracketed: (count) => `${before}[${digits}-${numberAt(count - 1)}]${after}`,
    };
  }
  return undefined;
}
