import type { Source, SourceLocation } from '../../source/source.ts';
import { TextCursor } from '../formats/text-cursor.ts';

/** A value of HCL's subset for values that are written out, with its place. */
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

/** What keeps a text from being read. */
export interface HclFault {
  readonly code: 'tfvars-syntax' | 'tfvars-expression';
  readonly message: string;
  readonly help: string;
  readonly at: SourceLocation;
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

/**
 * Reads the part of HCL's native syntax that files of values are made of: `name = value`, where a value is written out.
 * No library of Node.js that is small and looked after reads HCL. Never throws: gives what could be read, and the first
 * fault. Source: hashicorp/hcl, hclsyntax/spec.md.
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

/** Goes over blanks and comments; over line ends, too, where they mean nothing. */
function skipBlanks(cursor: Cursor, over?: 'lines'): void {
  for (;;) {
    if (over && cursor.skip('\n')) continue;
    if (cursor.sees('/*') && !cursor.source.text.includes('*/', cursor.at + 2))
      cursor.fail('A comment does not end.', 'end it with */', cursor.at, cursor.at + 2);
    if (cursor.take(BLANKS) === undefined) return;
  }
}

function readAttribute(cursor: Cursor): Attribute {
  const start = cursor.at;
  const name = cursor.take(NAME);
  if (name === undefined)
    return cursor.failStray(
      'Here a variable should begin, as `name = value`, and this is no name.',
      'a name is letters, digits, _ and -, without quotes; put a comment behind #',
    );
  cursor.within = { name, start };
  const at = cursor.from(start);
  skipBlanks(cursor);
  if (cursor.sees('==') || !cursor.skip('=')) {
    const isBlock = cursor.next === '{' || cursor.next === '"';
    // The name is not said: where a slip has taken what stood before it, it is a piece of a value, maybe of a secret.
    cursor.fail(
      isBlock
        ? 'This begins a block, and a tfvars file has variables alone: this may be another file of the project.'
        : 'Behind this name there is no =.',
      isBlock ? 'give the terraform.tfvars, not a .tf file' : 'write name = value',
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
  failBehind(
    cursor,
    'Behind the value something else stands on its line.',
    'put each variable on a line of its own, without a comma',
  );
}

/** Throws ReadError for what stands behind a value. */
function failBehind(cursor: Cursor, message: string, help: string): never {
  if (OPERATOR.test(cursor.next)) failOperator(cursor);
  return cursor.failStray(message, help);
}

function failOperator(cursor: Cursor): never {
  return cursor.failExpression(
    'A value is to be worked out, and harvgen works none out.',
    'write the value that it comes to',
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
      'A value is a name, a reference or a function: Terraform takes none here.',
      'write the value out; text stands in double quotes',
      start,
      at.end,
    );
  if (/[-(!]/.test(cursor.next)) failOperator(cursor);
  return cursor.fail(
    'Here a value should stand, and there is none.',
    'write a string in double quotes, a number, true, false, null, a list in [ ] or a map in { }',
    start,
  );
}

/** Goes over blanks, and says whether the closing bracket comes next. Throws ReadError at the end of the text. */
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
    failBehind(
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
    failBehind(
      cursor,
      'Behind an entry of a map something else stands on its line.',
      'write a comma between entries, or put each on a line of its own',
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
      'Here a key should stand, as `key = value`.',
      'write a name or a string in double quotes',
    );
  const at = cursor.from(start);
  skipBlanks(cursor);
  if (cursor.sees('==') || !(cursor.skip('=') || cursor.skip(':')))
    cursor.fail('Behind the key of a map there is neither = nor :.', 'write key = value', start, at.end);
  skipBlanks(cursor);
  return { name, at, value: readValue(cursor) };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const PLAIN = /[^"\\$%\r\n]+/y;
const ESCAPE = /\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;

/**
 * Reads a string in double quotes, at its first one. Throws ReadError. Source: "Quoted template" in the specification of
 * HCL's native syntax.
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
  // `$${` and `%%{` stand for what would open a template.
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
    'A backslash stands before something that it does not go with.',
    'write \\\\ for a backslash; there are \\n, \\r, \\t, \\", \\\\, \\uXXXX and \\UXXXXXXXX',
    start,
  );
}

/** Throws ReadError for what a `$` or `%` opens. */
function failTemplate(cursor: Cursor, sign: string, start: number): never {
  return cursor.failExpression(
    `A value is a template, ${sign}{…}: Terraform takes none with variables here, and harvgen works none out.`,
    `write the value out; ${sign}${sign}{ stands for ${sign}{ itself`,
    start,
    start + 2,
  );
}

const MARKER = /<<-?[\p{ID_Start}_][\p{ID_Continue}-]*[ \t]*\r?\n/uy;
const LINE = /[^\n]*\n?/y;

/**
 * Reads a heredoc, at its `<<`. Of `<<-` the blanks that all of its lines begin with are left out, as HCL does. Throws
 * ReadError. Source: "Heredoc template" in the specification of HCL's native syntax; hclsyntax/parser_template.go.
 */
function readHeredoc(cursor: Cursor): HclString {
  const start = cursor.at;
  const opening = cursor.take(MARKER)?.trim();
  if (opening === undefined)
    return cursor.fail(
      'A heredoc has no word on its first line by which its end is told.',
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
      // The line end behind the marker ends the attribute.
      cursor.at = lineStart + line.trimEnd().length;
      const value = (isFlush ? flush(lines) : lines).join('');
      return { type: 'string', value, at: cursor.from(start) };
    }
    if (line === '')
      cursor.fail(
        'A heredoc does not end: no line is the word that it begins with.',
        'end it with that word on a line of its own',
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

/** Lines of blanks alone do not count for how far all are in, and stay as they are. */
function flush(lines: readonly string[]): string[] {
  const widths = lines.flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const width = Math.min(...widths, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => (line.trim() === '' ? line : line.slice(width)));
}
