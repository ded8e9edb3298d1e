import type { Diagnostic } from '../../source/diagnostics/report.ts';
import { locatedList, type Value } from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { orUndefined } from '../../values/or-undefined.ts';
import type { Sourced } from '../model/gathered.ts';
import { TextCursor } from '../model/text-cursor.ts';

/** `name = value`. A list records the source locations of its items. */
export interface Attribute {
  readonly name: string;
  readonly at: SourceLocation;
  readonly value: Sourced<Value>;
}

/** An error that stops the parser; the code `tfvars-expression` is for a value that is not literal. */
type HclError = Omit<Diagnostic, 'severity'>;

/** The contents of a text up to the first error. Later errors can be caused by the first, so they are not reported. */
export interface HclBody {
  readonly attributes: readonly Attribute[];
  readonly error: HclError | undefined;
  /** The attribute that contains the error, if any: its name and where it begins. */
  readonly within: { readonly name: string; readonly start: number } | undefined;
}

/**
 * Reads a file of values: lines of `name = value` with literal values, in the native syntax of HCL, or one JSON object.
 * There is no small, maintained HCL parser for Node.js. Never throws: returns the attributes before the first error, and
 * the error. Source: hashicorp/hcl, hclsyntax/spec.md and json/spec.md.
 */
export function readHcl(source: Source): HclBody {
  const reader = new HclReader(source);
  const error = reader.firstError(() => reader.readFile());
  return { attributes: reader.attributes, error, within: error && reader.within };
}

/** The maximum nesting depth; no valid file reaches it. */
const DEEPEST = 100;

const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const KEY = /[\p{ID_Continue}-]+/uy;
const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

/** The escapes of a string; `$${` and `%%{` stand for `${` and `%{`. */
const ESCAPE = /\\(?:([nrt"\\])|u(.{4})|U(.{8}))|([$%])\4\{/g;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

const NATIVE = {
  isJson: false,
  blanks: /(?:[ \t]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\r(?=\n))*/y,
  lines: /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y,
  string: /"((?:[^"\\$%\r\n]|\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|([$%])\2\{|[$%](?!\{))*)"/y,
  unquote: (text: string): string =>
    text
      .slice(1, -1)
      .replace(ESCAPE, (_, letter?: string, short?: string, long = '', sign?: string) =>
        sign
          ? `${sign}{`
          : letter
            ? (LETTERS[letter] ?? letter)
            : String.fromCodePoint(Number.parseInt(short ?? long, 16)),
      ),
  message: 'This is not read: a terraform.tfvars must consist of lines with a name, = and a literal value.',
  help: 'write name = value; use the terraform.tfvars, not a .tf file',
};

const JSON_SYNTAX: typeof NATIVE = {
  isJson: true,
  blanks: /[ \t\r\n]*/y,
  lines: /[ \t\r\n]*/y,
  string: /"(?:[^"\\\n]|\\.)*"/y,
  unquote: (text) => JSON.parse(text),
  message: 'This is not read: the file must be one JSON object.',
  help: 'write "name": value, with commas between',
};

class HclReader extends TextCursor<HclError> {
  readonly attributes: Attribute[] = [];
  within: HclBody['within'];
  // No file of the native syntax begins with a brace.
  readonly #syntax = /^\uFEFF?\s*\{/.test(this.source.text) ? JSON_SYNTAX : NATIVE;
  #depth = 0;

  readFile(): void {
    // Editors on Windows add a byte order mark.
    this.skip('\uFEFF');
    this.take(this.#syntax.lines);
    if (this.#syntax.isJson) {
      this.#readItems('{', '}', () => this.#readTopmost());
      this.take(this.#syntax.lines);
      const isValid = orUndefined(() => JSON.parse(this.source.text.replace(/^\uFEFF/, ''))) !== undefined;
      if (!this.isAtEnd || !isValid) this.#fail(this.isAtEnd ? 0 : this.at);
    }
    while (!this.isAtEnd) {
      this.#readTopmost();
      if (!this.isAtEnd && this.next !== '\n') this.#fail();
      this.take(this.#syntax.lines);
    }
  }

  #readTopmost(): void {
    this.attributes.push(this.#readAttribute(true));
    this.within = undefined;
  }

  #readAttribute(isTopmost = false): Attribute {
    const { isJson, blanks } = this.#syntax;
    const start = this.at;
    const isQuoted = isJson || (!isTopmost && this.next === '"');
    const name = isQuoted ? this.#readString() : this.take(isTopmost ? NAME : KEY);
    if (name === undefined) return this.#fail();
    if (isTopmost) this.within = { name, start };
    const at = this.from(start);
    this.take(blanks);
    const isSet =
      !this.sees('==') && ((!isJson && this.skip('=')) || ((isJson || !isTopmost) && this.skip(':')));
    // A name without a value can be a piece of a value, even of a secret: the message omits it.
    if (!isSet) this.#fail(start, at.end);
    this.take(blanks);
    return { name, at, value: this.#readValue() };
  }

  /** Reads a value and the blanks after it. */
  #readValue(): Sourced<Value> {
    const start = this.at;
    const list = this.next === '[' && this.#readItems('[', ']', () => this.#readValue());
    const value = list ? locatedList(this.from(start), list) : this.#readOther(start);
    const at = this.from(start);
    this.take(this.#syntax.blanks);
    return { value, at };
  }

  #readOther(start: number): Value {
    const text = this.#readString();
    if (text !== undefined) return text;
    const map = this.next === '{' && this.#readItems('{', '}', () => this.#readAttribute());
    if (map) return Object.fromEntries(map.map(({ name, value }) => [name, value.value]));
    const number = this.take(NUMBER);
    if (number !== undefined) return Number(number);
    const word = this.take(NAME);
    return word === 'null' ? null : word === 'true' || (word !== 'false' && this.#failValue(start));
  }

  /** Reads a list or a map, whose items a comma separates; a line end is enough in a map of the native syntax. */
  #readItems<T>(open: string, close: string, read: () => T): T[] {
    const { lines } = this.#syntax;
    const start = this.at;
    this.skip(open);
    if (this.#depth >= DEEPEST) this.#fail(start, this.at);
    this.#depth += 1;
    const items: T[] = [];
    for (this.take(lines); !this.skip(close); this.take(lines)) {
      if (this.isAtEnd) this.#fail(start);
      items.push(read());
      if (open === '[') this.take(lines);
      const isSeparated = this.skip(',') || this.next === close || (open === '{' && this.next === '\n');
      if (!isSeparated && !this.isAtEnd) this.#fail();
    }
    this.#depth -= 1;
    return items;
  }

  /** Reads a string in double quotes; returns undefined if none begins here. Strings of JSON are never templates. */
  #readString(): string | undefined {
    const start = this.at;
    if (this.next !== '"') return undefined;
    const text = this.take(this.#syntax.string);
    const value = text && orUndefined(() => this.#syntax.unquote(text));
    return value === undefined || /\p{Cs}/u.test(value) ? this.#failValue(start) : value;
  }

  /** Throws ReadError for text that is no `name = value`. */
  #fail(start = this.at, end = start + 1): never {
    const { message, help } = this.#syntax;
    this.refuse({ code: 'tfvars-syntax', message, help, at: this.from(start, end) });
  }

  /** Throws ReadError for a value that is not literal. */
  #failValue(start: number): never {
    this.refuse({
      code: 'tfvars-expression',
      message: 'This value is not read: harvgen reads literal values only.',
      help: 'write text in double quotes on one line, a number, true, false, null, a list in [ ] or a map in { }; $${ stands for ${',
      at: this.from(start, Math.max(this.at, start + 1)),
    });
  }
}
