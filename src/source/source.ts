import type { Span } from '../values/spans.ts';
import { joinSpans } from '../values/spans.ts';
import { guessJoinedSecrets, guessSecrets } from './guess-secrets.ts';

/** A text with its path for display. Turns offsets into lines and columns. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | undefined;
  /** The end of each secret, by its start: nodes may share a secret, which then has one entry. */
  readonly #secrets = new Map<number, number>();
  /** The secrets in order, without overlaps; undefined after a change. */
  #hidden: Span[] | undefined;
  /** The lines that were shown, by number: many errors may be on one long line. */
  readonly #shown = new Map<number, string>();
  /** Functions that find other spans to conceal. They run once, when the first line is requested. */
  readonly #finders: ((text: string) => readonly Span[])[];

  /** Takes the path for display, the text, and functions that find spans of the text to conceal. */
  constructor(file: string, text: string, ...finders: ((text: string) => readonly Span[])[]) {
    this.file = file;
    this.text = text;
    this.#finders = finders;
    if (file.endsWith('.yaml')) finders.push(guessSecrets, guessJoinedSecrets);
  }

  position(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    const line = lastIndex(starts.length, (index) => (starts[index] ?? 0) <= offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  }

  /**
   * Returns the text of a line for display, counted from 1, without its line end; undefined past the last line. Replaces secrets
   * and probable secrets by asterisks, also in a file that does not parse.
   */
  line(number: number): string | undefined {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return undefined;
    const hidden = this.#spans();
    const known = this.#shown.get(number);
    if (known !== undefined) return known;
    const text = this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$/, '');
    const shown = withoutSpans(text, start, hidden);
    this.#shown.set(number, shown);
    return shown;
  }

  /** Hides a span of the text: a secret in clear text would otherwise be in the log of every build. */
  conceal({ start, end }: { start: number; end: number }): void {
    this.#secrets.set(start, Math.max(end, this.#secrets.get(start) ?? end));
    this.#hidden = undefined;
    this.#shown.clear();
  }

  /** Whether a span of the text contains a part of a secret or probable secret. */
  hides({ start, end }: Span): boolean {
    return this.#spans().some((span) => span.start < end && start < span.end);
  }

  #spans(): Span[] {
    for (const find of this.#finders.splice(0)) for (const span of find(this.text)) this.conceal(span);
    this.#hidden ??= joinSpans(Array.from(this.#secrets, ([start, end]) => ({ start, end })));
    return this.#hidden;
  }

  #starts(): number[] {
    this.#lineStarts ??= [0, ...Array.from(this.text.matchAll(/\n/g), ({ index }) => index + 1)];
    return this.#lineStarts;
  }
}

/** Returns the last index below a length for which a condition holds, which holds for no later index than another; at least 0. */
function lastIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Returns a text that begins at an offset with asterisks in place of spans, which are in order. */
function withoutSpans(text: string, start: number, spans: readonly Span[]): string {
  let shown = '';
  for (let index = lastIndex(spans.length, (at) => (spans[at]?.start ?? 0) <= start); ; index += 1) {
    const span = spans[index];
    if (!span || span.start >= start + text.length) return shown + text.slice(shown.length);
    shown += text.slice(shown.length, Math.max(span.start - start, 0));
    shown += '*'.repeat(Math.max(Math.min(span.end - start, text.length) - shown.length, 0));
  }
}

/** A span of a source, as offsets: from `start` up to, but not including, `end`. */
export interface SourceLocation {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** The source locations that apply to a range of nodes, by source. */
const RANGES = new WeakMap<Source, { location: SourceLocation; range: string }[]>();

/** Records that a source location applies to every node of a range, such as cg[01-06]. */
export function markRange(location: SourceLocation, range: string): void {
  const ranges = RANGES.get(location.source);
  if (ranges) ranges.push({ location, range });
  else RANGES.set(location.source, [{ location, range }]);
}

/** Returns the range of nodes that a source location applies to, or undefined. */
export function rangeAt({ source, start }: SourceLocation): string | undefined {
  return RANGES.get(source)?.find(({ location }) => location.start <= start && start < location.end)?.range;
}

/** Returns a text that identifies a source location. */
export function locationKey({ source, start }: SourceLocation): string {
  return `${source.file}:${start}`;
}
