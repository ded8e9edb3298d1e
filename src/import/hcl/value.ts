import type { Place } from '../../source/source.ts';
import { TextCursor } from '../formats/text-cursor.ts';

/** A value of HCL's subset for values that are written out, with its place. */
export type HclValue = { readonly at: Place } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' }
  | { readonly type: 'list'; readonly items: readonly HclValue[] }
  | { readonly type: 'object'; readonly items: readonly Attribute[] }
);

export type HclString = Extract<HclValue, { type: 'string' }>;

/** `name = value`, or an entry of an object. */
export interface Attribute {
  readonly name: string;
  /** The name's own place. */
  readonly at: Place;
  readonly value: HclValue;
}

/** What keeps a text from being read. */
export interface HclFault {
  readonly code: 'tfvars-syntax' | 'tfvars-expression';
  readonly message: string;
  readonly help: string;
  readonly at: Place;
  /** Whether it is text that belongs to nothing that could be read: it may be a piece of anything. */
  readonly isStray?: boolean;
}

/** What a text says, as far as the first thing that is wrong with it; the rest follows from that. */
export interface HclBody {
  readonly attributes: readonly Attribute[];
  readonly fault?: HclFault;
  /** The name of the attribute that the fault is in, where it is in one, and where the attribute begins. */
  readonly within?: { readonly name: string; readonly start: number };
}

/** A deeper nesting than anybody writes. */
const DEEPEST = 100;

/** Goes through a text of HCL, and keeps what has been read of it. */
export class Cursor extends TextCursor<HclFault> {
  readonly attributes: Attribute[] = [];
  /** The attribute that is being read. */
  within: HclBody['within'];
  #depth = 0;

  /** Reads all of the text. Never throws: gives what could be read, and the first fault. */
  read(all: () => void): HclBody {
    const { attributes } = this;
    // Editors on Windows put a byte order mark there.
    this.skip('\uFEFF');
    const fault = this.faultOf(all);
    return fault ? { attributes, fault, ...(this.within ? { within: this.within } : {}) } : { attributes };
  }

  /** Reads something one level further in. Throws ReadError where that is deeper than anybody means. */
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

  /** Throws ReadError for a text that is not what it should be; at the next character unless said. */
  fail(message: string, help: string, start = this.at, end = Math.max(this.at, start + 1)): never {
    this.refuse({ code: 'tfvars-syntax', message, help, at: this.from(start, end) });
  }

  /** Throws ReadError for text, at the next character, that belongs to nothing before it. */
  failStray(message: string, help: string): never {
    const at = this.from(this.at, this.at + 1);
    this.refuse({ code: 'tfvars-syntax', message, help, at, isStray: true });
  }

  /** Throws ReadError for a value that is to be worked out. */
  failExpression(message: string, help: string, start: number, end: number): never {
    this.refuse({ code: 'tfvars-expression', message, help, at: this.from(start, end) });
  }
}
