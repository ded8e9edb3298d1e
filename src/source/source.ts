import { likelySecrets, type Span } from './likely.ts';

/** A text that was read, with the path to show for it. Turns offsets into lines and columns. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | undefined;
  /** Where secrets end, by where they begin: what many nodes share is met once for each. */
  readonly #secrets = new Map<number, number>();
  /** What finds what else is not to be shown, asked once a line is. */
  readonly #finders: ((text: string) => readonly Span[])[];

  /** Takes the path as it is to be shown, the text, and what finds pieces of it that are not to be shown. */
  constructor(file: string, text: string, ...finders: ((text: string) => readonly Span[])[]) {
    this.file = file;
    this.text = text;
    this.#finders = finders;
    if (file.endsWith('.yaml')) finders.push(likelySecrets);
  }

  position(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /**
   * Gives the text of a line as it may be shown, counted from 1, without its line end; undefined past the last one.
   * What is concealed, or most probably a secret, stands there as asterisks: what cannot be read cannot be known better.
   */
  line(number: number): string | undefined {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return undefined;
    for (const find of this.#finders.splice(0)) for (const place of find(this.text)) this.conceal(place);
    let text = this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$/, '');
    for (const [secretStart, secretEnd] of this.#secrets) {
      const from = Math.max(secretStart - start, 0);
      const to = Math.min(secretEnd - start, text.length);
      if (from < to) text = text.slice(0, from) + '*'.repeat(to - from) + text.slice(to);
    }
    return text;
  }

  /** Keeps a piece of the text from being shown: a secret in clear text would reach the log of every build. */
  conceal({ start, end }: { start: number; end: number }): void {
    this.#secrets.set(start, Math.max(end, this.#secrets.get(start) ?? end));
  }

  #starts(): number[] {
    this.#lineStarts ??= [0, ...Array.from(this.text.matchAll(/\n/g), ({ index }) => index + 1)];
    return this.#lineStarts;
  }
}

/** A piece of a source, as offsets: from `start` up to, but not with, `end`. */
export interface SourceLocation {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** The pieces of each source that are said of a range of nodes. */
const RANGES = new WeakMap<Source, { place: SourceLocation; range: string }[]>();

/** Records that what stands at a place is said of each node of a range, such as cg[01-06]. */
export function markRange(place: SourceLocation, range: string): void {
  const ranges = RANGES.get(place.source);
  if (ranges) ranges.push({ place, range });
  else RANGES.set(place.source, [{ place, range }]);
}

/** Gives the range of nodes that something is said of; undefined for what is not said of a range. */
export function rangeAt({ source, start }: SourceLocation): string | undefined {
  return RANGES.get(source)?.find(({ place }) => place.start <= start && start < place.end)?.range;
}

/** Gives a place as a text that no other place has. */
export function locationKey({ source, start }: SourceLocation): string {
  return `${source.file}:${start}`;
}
