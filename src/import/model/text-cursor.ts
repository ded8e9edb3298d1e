import type { Source, SourceLocation } from '../../source/source.ts';

/** Thrown and caught while one file is read; reading ends at the first error. */
class ReadError<T> extends Error {
  readonly details: T;

  constructor(details: T) {
    super('a file that cannot be parsed');
    this.details = details;
  }
}

/** A position in a text that moves forward while the text is read. */
export class TextCursor<T> {
  readonly source: Source;
  at = 0;

  constructor(source: Source) {
    this.source = source;
  }

  /** Returns the first error of reading, or undefined. */
  firstError(read: () => void): T | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      return error.details;
    }
  }

  /** Stops reading by throwing ReadError. */
  refuse(details: T): never {
    throw new ReadError(details);
  }

  get next(): string {
    return this.source.text.charAt(this.at);
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.text.length;
  }

  sees(text: string): boolean {
    return this.source.text.startsWith(text, this.at);
  }

  /** Skips a text if it is next, and returns whether it was. */
  skip(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Skips the match of a sticky expression at this position and returns it, or undefined if there is no match. */
  take(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const [found] = form.exec(this.source.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Returns the source location from an offset to another (default: the current position). */
  from(start: number, end = this.at): SourceLocation {
    return { source: this.source, start, end };
  }
}
