import type { Source, SourceLocation } from '../../source/source.ts';

/** Thrown and caught within the reading of one file, which ends at its first fault. */
class ReadError<Fault> extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super('a file that cannot be read');
    this.fault = fault;
  }
}

/** A place in a text that is being read, which goes forward. */
export class TextCursor<Fault> {
  readonly source: Source;
  at = 0;

  constructor(source: Source) {
    this.source = source;
  }

  /** Gives the first fault that reading comes to; undefined where there is none. */
  faultOf(read: () => void): Fault | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      return error.fault;
    }
  }

  /** Ends the reading by throwing ReadError. */
  refuse(fault: Fault): never {
    throw new ReadError(fault);
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

  /** Goes over a text, if it is the next one; says whether it was. */
  skip(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Goes over what a sticky expression matches here, and gives it; undefined where it does not match. */
  take(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const [found] = form.exec(this.source.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Gives the place from an offset to another, here unless said. */
  from(start: number, end = this.at): SourceLocation {
    return { source: this.source, start, end };
  }
}
