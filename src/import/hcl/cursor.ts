import type { Place, Source } from '../../source/origin.ts';
import type { HclFault } from './value.ts';

/** Thrown within the readers of this folder alone: reading ends at the first fault. */
export class HclError extends Error {
  readonly fault: HclFault;

  /** Takes the fault. */
  constructor(fault: HclFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** A deeper nesting than anybody writes. */
const DEEPEST = 100;

/** A place in a text that is being read, which goes forward. */
export class Cursor {
  readonly source: Source;
  at = 0;
  #depth = 0;

  /** Takes the text, with the path to show for it. */
  constructor(source: Source) {
    this.source = source;
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.source.text.charAt(this.at);
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.text.length;
  }

  /** Says whether the text goes on with another one. */
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
  from(start: number, end = this.at): Place {
    return { source: this.source, start, end };
  }

  /** Reads something one level further in. Throws HclError where that is deeper than anybody means. */
  nested<T>(read: () => T): T {
    if (this.#depth >= DEEPEST)
      this.fail(
        `Lists and maps lie more than ${DEEPEST} deep in each other.`,
        'no variable of Terraform is so deep: look for a bracket too many',
      );
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** Throws HclError for a text that is not what it should be; at the next character unless said. */
  fail(message: string, help: string, start = this.at, end = Math.max(this.at, start + 1)): never {
    throw new HclError({ code: 'tfvars-syntax', message, help, at: this.from(start, end) });
  }

  /** Throws HclError for text, at the next character, that belongs to nothing before it. */
  failStray(message: string, help: string): never {
    const at = this.from(this.at, this.at + 1);
    throw new HclError({ code: 'tfvars-syntax', message, help, at, isStray: true });
  }

  /** Throws HclError for a value that is to be worked out. */
  failExpression(message: string, help: string, start: number, end: number): never {
    throw new HclError({ code: 'tfvars-expression', message, help, at: this.from(start, end) });
  }
}
