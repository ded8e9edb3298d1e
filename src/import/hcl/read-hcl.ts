import type { Source, SourceLocation } from '../../source/source.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import { TextCursor } from '../model/text-cursor.ts';

/** A literal value of HCL, with its source location. */
export type HclValue = { readonly at: SourceLocation } & (
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' }
  | { readonly type: 'list'; readonly items: readonly HclValue[] }
  | { readonly type: 'object'; readonly items: readonly Attribute[] }
);

/** `name = value`, or an entry of an object. */
export interface Attribute {
  readonly name: string;
  readonly at: SourceLocation;
  readonly value: HclValue;
}

/** An error that stops the parser. */
export interface HclError {
  readonly code: 'tfvars-syntax' | 'tfvars-expression';
  readonly message: string;
  readonly help: string;
  readonly at: SourceLocation;
  /** Whether it is text outside any attribute: it can be a piece of a secret. */
  readonly isStray: boolean;
}

/** The contents of a text up to the first error. Later errors can be caused by the first, so they are not reported. */
export interface HclBody {
  readonly attributes: readonly Attribute[];
  readonly error?: HclError | undefined;
  /** The attribute that contains the error, if any: its name and where it begins. */
  readonly within?: { readonly name: string; readonly start: number } | undefined;
}

/**
 * Reads a file of values: lines of `name = value` with literal values, in the native syntax of HCL, or one JSON object.
 * There is no small, maintained HCL parser for Node.js. Never throws: returns the attributes before the first error, and
 * the error. Source: hashicorp/hcl, hclsyntax/spec.md and json/spec.md.
 */
export function readHcl(source: Source): HclBody {
  // No file of the native syntax begins with a brace.
  const isJson = /^\uFEFF?\s*\{/.test(source.text);
  const reader = new HclReader(source, isJson);
  const error = reader.firstError(() => reader.readFile());
  return { attributes: reader.attributes, error, within: error && reader.within };
}

/** The maximum nesting depth; no valid file reaches it. */
const DEEPEST = 100;

const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const BLANKS = /(?:[ \t]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\r(?=\n))*/y;
const LINES = /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const JSON_BLANKS = /[ \t\r\n]*/y;
const STRING = /"((?:[^"\\$%\r\n]|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|([$%])\2\{|[$%](?!\{))*)"/y;
const JSON_STRING = /"(?:[^"\\\n]|\\.)*"/y;

/** The escapes of a string; `$${` and `%%{` stand for `${` and `%{`. */
const ESCAPE = /\\(?:([nrt"\\])|u(.{4})|U(.{8}))|([$%])\4\{/g;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

class HclReader extends TextCursor<HclError> {
  readonly attributes: Attribute[] = [];
  within: HclBody['within'];
  readonly #isJson: boolean;
  #depth = 0;

  constructor(source: Source, isJson: boolean) {
    super(source);
    this.#isJson = isJson;
  }

  readFile(): void {
    // Editors on Windows add a byte order mark.
    this.skip('\uFEFF');
    this.#skipBlanks(LINES);
    if (!this.#isJson)
      for (; !this.isAtEnd; this.#skipBlanks(LINES)) {
        this.#readTopmost();
        this.#skipBlanks();
        if (!this.isAtEnd && this.next !== '\n') this.#failStray();
      }
    else {
      this.#readItems('{', '}', () => this.#readTopmost());
      this.#skipBlanks();
      const isValid = orUndefined(() => JSON.parse(this.source.text.replace(/^\uFEFF/, ''))) !== undefined;
      if (!this.isAtEnd || !isValid) this.#failStray(this.isAtEnd ? 0 : this.at);
    }
  }

  #readTopmost(): void {
    this.attributes.push(this.#readAttribute(true));
    this.within = undefined;
  }

  #readAttribute(isTopmost = false): Attribute {
    const start = this.at;
    const isQuoted = this.#isJson || (!isTopmost && this.next === '"');
    const name = isQuoted ? this.#readString() : this.take(isTopmost ? NAME : /[\p{ID_Continue}-]+/uy);
    if (name === undefined) return this.#failStray();
    if (isTopmost) this.within = { name, start };
    const at = this.from(start);
    this.#skipBlanks();
    // A name without a value can be a piece of a value, even of a secret: the message omits it.
    if (
      this.sees('==') ||
      !((!this.#isJson && this.skip('=')) || ((!isTopmost || this.#isJson) && this.skip(':')))
    )
      this.#fail(start, at.end);
    this.#skipBlanks();
    return { name, at, value: this.#readValue() };
  }

  #readValue(): HclValue {
    const start = this.at;
    const value = this.#readString();
    if (value !== undefined) return { type: 'string', value, at: this.from(start) };
    if (this.next === '[') {
      const items = this.#readItems('[', ']', () => this.#readValue());
      return { type: 'list', items, at: this.from(start) };
    }
    if (this.next === '{') {
      const items = this.#readItems('{', '}', () => this.#readAttribute());
      return { type: 'object', items, at: this.from(start) };
    }
    const number = this.take(NUMBER);
    if (number !== undefined) return { type: 'number', value: Number(number), at: this.from(start) };
    const word = this.take(NAME);
    const at = this.from(start);
    if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true', at };
    if (word === 'null') return { type: 'null', at };
    return this.#failValue(start);
  }

  /** Reads a list or a map, whose items a comma separates; a line end is enough in a map of the native syntax. */
  #readItems<T>(open: string, close: string, read: () => T): T[] {
    const start = this.at;
    this.skip(open);
    if (this.#depth >= DEEPEST) this.#fail(start, this.at);
    this.#depth += 1;
    const items: T[] = [];
    for (this.#skipBlanks(LINES); !this.skip(close); this.#skipBlanks(LINES)) {
      if (this.isAtEnd) this.#fail(start, start + 1);
      items.push(read());
      this.#skipBlanks(open === '[' ? LINES : BLANKS);
      const isSeparated = this.skip(',') || this.next === close || (open === '{' && this.next === '\n');
      if (!isSeparated && !this.isAtEnd) this.#failStray();
    }
    this.#depth -= 1;
    return items;
  }

  /** Reads a string in double quotes; returns undefined if none begins here. Strings of JSON are never templates. */
  #readString(): string | undefined {
    const start = this.at;
    if (this.next !== '"') return undefined;
    const text = this.take(this.#isJson ? JSON_STRING : STRING) ?? this.#failValue(start);
    const value = this.#isJson ? orUndefined((): string => JSON.parse(text)) : unescaped(text.slice(1, -1));
    return value === undefined || /\p{Cs}/u.test(value) ? this.#failValue(start) : value;
  }

  #skipBlanks(blanks = BLANKS): void {
    this.take(this.#isJson ? JSON_BLANKS : blanks);
  }

  /** Throws ReadError for text that is no `name = value`. */
  #fail(start: number, end: number, isStray = false): never {
    const [message, help] = this.#isJson
      ? ['This is not read: the file must be one JSON object.', 'write "name": value, with commas between']
      : [
          'This is not read: a terraform.tfvars must consist of lines with a name, = and a literal value.',
          'write name = value; use the terraform.tfvars, not a .tf file',
        ];
    this.refuse({ code: 'tfvars-syntax', message, help, at: this.from(start, end), isStray });
  }

  /** Throws ReadError for text outside any attribute. */
  #failStray(start = this.at): never {
    return this.#fail(start, start + 1, true);
  }

  /** Throws ReadError for a value that is not literal. */
  #failValue(start: number): never {
    this.refuse({
      code: 'tfvars-expression',
      message: 'This value is not read: harvgen reads literal values only.',
      help: 'write text in double quotes on one line, a number, true, false, null, a list in [ ] or a map in { }; $${ stands for ${',
      at: this.from(start, Math.max(this.at, start + 1)),
      isStray: false,
    });
  }
}

/** Returns a string without its escapes, or undefined if one stands for no character. */
function unescaped(text: string): string | undefined {
  const codeOf = (hex: string) => Number.parseInt(hex, 16);
  if (Array.from(text.matchAll(ESCAPE), ([, , , hex = '0']) => codeOf(hex)).some((code) => code > 0x10ffff))
    return undefined;
  return text.replace(ESCAPE, (_, letter?: string, short?: string, long?: string, sign?: string) =>
    sign === undefined
      ? letter === undefined
        ? String.fromCodePoint(codeOf(short ?? long ?? ''))
        : (LETTERS[letter] ?? letter)
      : `${sign}{`,
  );
}
