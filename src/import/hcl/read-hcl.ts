import type { Source, SourceLocation } from '../../source/source.ts';
import { TextCursor } from '../formats/text-cursor.ts';

/** A literal value of HCL, with its source location. */
export type HclValue = { readonly at: SourceLocation } & (
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
  readonly isStray?: boolean;
}

/** The contents of a text up to the first error. Later errors can be caused by the first, so they are not reported. */
export interface HclBody {
  readonly attributes: readonly Attribute[];
  readonly error?: HclError;
  /** The attribute that contains the error, if any: its name and where it begins. */
  readonly within?: { readonly name: string; readonly start: number };
}

/** The maximum nesting depth; no valid file reaches it. */
const DEEPEST = 100;

/** Moves through a text of HCL and keeps the attributes read so far. */
export class Cursor extends TextCursor<HclError> {
  readonly attributes: Attribute[] = [];
  within: HclBody['within'];
  #depth = 0;

  /** Reads all of the text. Never throws: returns the attributes before the first error, and the error. */
  read(all: () => void): HclBody {
    const { attributes } = this;
    // Editors on Windows add a byte order mark.
    this.skip('\uFEFF');
    const error = this.firstError(all);
    return error ? { attributes, error, ...(this.within ? { within: this.within } : {}) } : { attributes };
  }

  /** Reads a nested value. Throws ReadError if the nesting is too deep. */
  nested<T>(read: () => T): T {
    if (this.#depth >= DEEPEST)
      this.fail(
        `Lists and maps are nested more than ${DEEPEST} levels deep.`,
        'remove the extra opening brackets',
      );
    this.#depth += 1;
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** Throws ReadError for invalid text (default: the next character). */
  fail(message: string, help: string, start = this.at, end = Math.max(this.at, start + 1)): never {
    this.refuse({ code: 'tfvars-syntax', message, help, at: this.from(start, end) });
  }

  /** Throws ReadError for text that is outside any attribute, at the next character. */
  failStray(message: string, help: string): never {
    const at = this.from(this.at, this.at + 1);
    this.refuse({ code: 'tfvars-syntax', message, help, at, isStray: true });
  }

  /** Throws ReadError for an expression that must be evaluated. */
  failExpression(message: string, help: string, start: number, end: number): never {
    this.refuse({ code: 'tfvars-expression', message, help, at: this.from(start, end) });
  }
}

/**
 * Reads the subset of HCL's native syntax for files of values: `name = value` with literal values. There is no small,
 * maintained HCL parser for Node.js. Never throws: returns the attributes before the first error, and the error.
 * Source: hashicorp/hcl, hclsyntax/spec.md.
 */
export function readHcl(source: Source): HclBody {
  const cursor = new Cursor(source);
  return cursor.read(() => {
    for (skipBlanks(cursor, 'lines'); !cursor.isAtEnd; skipBlanks(cursor, 'lines')) {
      cursor.attributes.push(readAttribute(cursor));
      expectEndOfLine(cursor);
      cursor.within = undefined;
    }
  });
}

const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const OPERATOR = /[-+*/%?.[(<>=!&|]/;
const BLANKS = /[ \t]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\r(?=\n)/y;

/** Skips blanks and comments, and also line ends where HCL ignores them. */
function skipBlanks(cursor: Cursor, over?: 'lines'): void {
  for (;;) {
    if (over && cursor.skip('\n')) continue;
    if (cursor.sees('/*') && !cursor.source.text.includes('*/', cursor.at + 2))
      cursor.fail('A comment is not closed.', 'close it with */', cursor.at, cursor.at + 2);
    if (cursor.take(BLANKS) === undefined) return;
  }
}

function readAttribute(cursor: Cursor): Attribute {
  const start = cursor.at;
  const name = cursor.take(NAME);
  if (name === undefined)
    return cursor.failStray(
      'A variable must begin here, as `name = value`, but this is not a name.',
      'write a name of letters, digits, _ and - without quotes; begin a comment with #',
    );
  cursor.within = { name, start };
  const at = cursor.from(start);
  skipBlanks(cursor);
  if (cursor.sees('==') || !cursor.skip('=')) {
    const isBlock = cursor.next === '{' || cursor.next === '"';
    // The message omits the name: after a typo it can be a piece of a value, even of a secret.
    cursor.fail(
      isBlock
        ? 'This begins a block, but a tfvars file contains only variables: it may be another file of the project.'
        : 'This name has no = after it.',
      isBlock ? 'use the terraform.tfvars, not a .tf file' : 'write name = value',
      start,
      at.end,
    );
  }
  skipBlanks(cursor);
  return { name, at, value: readValue(cursor) };
}

function expectEndOfLine(cursor: Cursor): void {
  skipBlanks(cursor);
  if (cursor.isAtEnd || cursor.next === '\n') return;
  failAfter(
    cursor,
    'The line contains other text after the value.',
    'write each variable on a separate line, without a comma',
  );
}

/** Throws ReadError for text after a value. */
function failAfter(cursor: Cursor, message: string, help: string): never {
  if (OPERATOR.test(cursor.next)) failOperator(cursor);
  return cursor.failStray(message, help);
}

function failOperator(cursor: Cursor): never {
  return cursor.failExpression(
    'A value is an expression: harvgen does not evaluate expressions.',
    'write the result of the expression',
    cursor.at,
    cursor.at + 1,
  );
}

function readValue(cursor: Cursor): HclValue {
  const start = cursor.at;
  if (cursor.next === '"') return readQuoted(cursor);
  if (cursor.sees('<<')) return readHeredoc(cursor);
  if (cursor.next === '[') return cursor.nested(() => readList(cursor));
  if (cursor.next === '{') return cursor.nested(() => readObject(cursor));
  const number = cursor.take(NUMBER);
  if (number !== undefined) return { type: 'number', value: Number(number), at: cursor.from(start) };
  const word = cursor.take(NAME);
  const at = cursor.from(start);
  if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true', at };
  if (word === 'null') return { type: 'null', at };
  if (word !== undefined)
    return cursor.failExpression(
      'A terraform.tfvars must have literal values: Terraform rejects names and functions such as file(…).',
      'write the literal value; put text in double quotes',
      start,
      at.end,
    );
  if (/[-(!]/.test(cursor.next)) failOperator(cursor);
  return cursor.fail(
    'A value is missing here.',
    'write a string in double quotes, a number, true, false, null, a list in [ ] or a map in { }',
    start,
  );
}

/** Skips blanks and returns whether the closing bracket is next. Throws ReadError at the end of the text. */
function closes(cursor: Cursor, what: string, close: string, start: number, over?: 'lines'): boolean {
  skipBlanks(cursor, over);
  if (cursor.isAtEnd) cursor.fail(`A ${what} is not closed.`, `close it with ${close}`, start, start + 1);
  return cursor.next === close;
}

function readList(cursor: Cursor): HclValue {
  const start = cursor.at;
  const items: HclValue[] = [];
  cursor.at += 1;
  while (!closes(cursor, 'list', ']', start, 'lines')) {
    items.push(readValue(cursor));
    if (closes(cursor, 'list', ']', start, 'lines') || cursor.skip(',')) continue;
    failAfter(
      cursor,
      'Two items of a list have no comma between them.',
      'write a comma between them, or close it with ]',
    );
  }
  cursor.at += 1;
  return { type: 'list', items, at: cursor.from(start) };
}

function readObject(cursor: Cursor): HclValue {
  const start = cursor.at;
  const items: Attribute[] = [];
  cursor.at += 1;
  while (!closes(cursor, 'map', '}', start, 'lines')) {
    items.push(readItem(cursor));
    if (closes(cursor, 'map', '}', start) || cursor.next === '\n' || cursor.skip(',')) continue;
    failAfter(
      cursor,
      'The line contains other text after an entry of a map.',
      'write a comma between entries, or put each on a separate line',
    );
  }
  cursor.at += 1;
  return { type: 'object', items, at: cursor.from(start) };
}

function readItem(cursor: Cursor): Attribute {
  const start = cursor.at;
  const name = cursor.next === '"' ? readQuoted(cursor).value : (cursor.take(NAME) ?? cursor.take(NUMBER));
  if (name === undefined)
    cursor.failStray(
      'A key is missing here: a map contains `key = value`.',
      'write a name or a string in double quotes',
    );
  const at = cursor.from(start);
  skipBlanks(cursor);
  if (cursor.sees('==') || !(cursor.skip('=') || cursor.skip(':')))
    cursor.fail('The key of a map has no = or : after it.', 'write key = value', start, at.end);
  skipBlanks(cursor);
  return { name, at, value: readValue(cursor) };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const PLAIN = /[^"\\$%\r\n]+/y;
const ESCAPE = /\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;

/**
 * Reads a string in double quotes, from its first one. Throws ReadError for an invalid string. Source: "Quoted template"
 * in the specification of HCL's native syntax.
 */
function readQuoted(cursor: Cursor): HclString {
  const start = cursor.at;
  cursor.at += 1;
  const pieces: string[] = [];
  while (!cursor.skip('"')) pieces.push(cursor.take(PLAIN) ?? readSpecial(cursor, start));
  return { type: 'string', value: pieces.join(''), at: cursor.from(start) };
}

function readSpecial(cursor: Cursor, start: number): string {
  if (cursor.isAtEnd || cursor.next === '\n' || cursor.next === '\r')
    cursor.fail(
      'A string is not closed on its line.',
      'close it with ", write a line break as \\n, or use a heredoc: <<EOF',
      start,
    );
  if (cursor.next === '\\') return readEscape(cursor);
  // `$${` and `%%{` are escapes for `${` and `%{`.
  const sign = cursor.next;
  if (cursor.skip(`${sign}${sign}{`)) return `${sign}{`;
  if (cursor.sees(`${sign}{`)) failTemplate(cursor, sign, cursor.at);
  cursor.at += 1;
  return sign;
}

function readEscape(cursor: Cursor): string {
  const start = cursor.at;
  const written = cursor.take(ESCAPE);
  if (written === undefined) cursor.at += 2;
  const [, letter = '', ...digits] = written ?? '';
  const point = Number.parseInt(digits.join(''), 16);
  if (point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)) return String.fromCodePoint(point);
  const escaped = digits.length === 0 ? ESCAPES[letter] : undefined;
  if (escaped !== undefined) return escaped;
  return cursor.fail(
    'A backslash begins an unknown escape sequence.',
    'write \\\\ for a backslash, or one of \\n, \\r, \\t, \\", \\\\, \\uXXXX or \\UXXXXXXXX',
    start,
  );
}

/** Throws ReadError for a template that begins with `$` or `%`. */
function failTemplate(cursor: Cursor, sign: string, start: number): never {
  return cursor.failExpression(
    `A value is a template, ${sign}{…}: Terraform rejects variables here, and harvgen does not evaluate templates.`,
    `write the literal value; or, for the characters ${sign}{, write ${sign}${sign}{`,
    start,
    start + 2,
  );
}

const MARKER = /<<-?[\p{ID_Start}_][\p{ID_Continue}-]*[ \t]*\r?\n/uy;
const LINE = /[^\n]*\n?/y;

/**
 * Reads a heredoc, from its `<<`. For `<<-`, removes the common indentation, as HCL does. Throws ReadError for an
 * invalid one. Source: "Heredoc template" in the specification of HCL's native syntax; hclsyntax/parser_template.go.
 */
function readHeredoc(cursor: Cursor): HclString {
  const start = cursor.at;
  const opening = cursor.take(MARKER)?.trim();
  if (opening === undefined)
    return cursor.fail(
      'A heredoc has no end marker on its first line.',
      'write <<EOF, end the line there, and end the heredoc with a line EOF',
      start,
      start + 2,
    );
  const isFlush = opening.startsWith('<<-');
  const marker = opening.slice(isFlush ? 3 : 2);
  const lines: string[] = [];
  for (;;) {
    const lineStart = cursor.at;
    const line = cursor.take(LINE) ?? '';
    if (line.trim() === marker) {
      // The line end after the marker ends the attribute.
      cursor.at = lineStart + line.trimEnd().length;
      const value = (isFlush ? flush(lines) : lines).join('');
      return { type: 'string', value, at: cursor.from(start) };
    }
    if (line === '')
      cursor.fail(
        'A heredoc is not closed: no line contains only its end marker.',
        'end it with a line that contains only the marker',
        start,
        start + opening.length,
      );
    lines.push(
      line.replace(/([$%])\1\{|([$%])\{/g, (_, doubled, sign, offset: number) =>
        doubled ? `${doubled}{` : failTemplate(cursor, sign, lineStart + offset),
      ),
    );
  }
}

/** Removes the common indentation. Blank lines do not count towards it and are kept unchanged. */
function flush(lines: readonly string[]): string[] {
  const widths = lines.flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const width = Math.min(...widths, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => (line.trim() === '' ? line : line.slice(width)));
}
