import { Origins, remember, type Value, type ValueMap } from '../../source/origin.ts';
import type { Source, SourceLocation } from '../../source/source.ts';
import { blockScalar, doubleQuoted, plainScalar, UNSURE } from './scalars.ts';

/** Tabs, carriage returns, and other characters that need the full reader, which also reports blanks that YAML reads as letters. */
const UNUSUAL =
  /[^\n\x20-\x7e\u00a1-\u167f\u1681-\u1fff\u200c-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\uffff]/;

/** A plain scalar or key, outside of brackets and within them; it ends at the latest with its line. */
const BLOCK_PLAIN = /(?:[^ \n?:,[\]{}#&*!|>'"%@`-]|-(?![ \n-]|$))(?:[^ \n:]|:(?![ \n]|$)| +(?![ \n:#]|$))*/y;
const FLOW_PLAIN =
  /(?:[^ \n?:,[\]{}#&*!|>'"%@`-]|-(?![ \n,[\]{}-]|$))(?:[^ \n:,[\]{}]|:(?![ \n,[\]{}]|$)| +(?![ \n:#,[\]{}]|$))*/y;
const DOUBLE_QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y;
const SINGLE_QUOTED = /'(?:[^'\n]|'')*'(?!')/y;

const BEGINNING = /--- *(?: #.*)?(?:\n|$)/y;

/** Maximum length of a key, somewhat below the limit of YAML. */
const LONGEST_KEY = 1000;

/** Maximum depth; the full reader reports deeper nesting. */
const DEEPEST = 60;

/**
 * Reads the text of an ordinary inventory: one document, a map of maps, lists and scalars, without anchors and tags. Returns the
 * same values and source locations as the full YAML reader, in a twentieth of the time. Returns undefined for anything else, and
 * for errors, which the full reader reports.
 */
export function readPlainYaml(source: Source): ValueMap | undefined {
  if (UNUSUAL.test(source.text)) return undefined;
  try {
    return new PlainReader(source).read();
  } catch (error) {
    // The patterns do not support a line of several million characters.
    if (error === UNSURE || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads a text in one pass. The fields contain the position of the last piece. */
class PlainReader {
  readonly #source: Source;
  readonly #text: string;
  /** The beginning and end of the last piece: a scalar, a list or map, a key. */
  #start = 0;
  #end = 0;
  /** The end of the last piece with everything that belongs to it, such as the comment and the end of its line. */
  #wholeEnd = 0;
  /** The beginning of the next line that is neither empty nor a comment, after its blanks; or the end of the text. */
  #next = 0;
  /** The column of that beginning, counted from 0; -1 at the end of the text. */
  #column = 0;
  /** The column of the deepest comment before that beginning that belongs to no piece yet; otherwise -1. */
  #comment = -1;
  #depth = 0;
  #brackets = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
  }

  read(): ValueMap {
    this.#toNextLine(0);
    BEGINNING.lastIndex = this.#next;
    if (this.#column === 0 && BEGINNING.test(this.#text)) this.#toNextLine(BEGINNING.lastIndex);
    if (this.#column !== 0) throw UNSURE;
    const map = this.#blockMap(0);
    if (this.#column >= 0) throw UNSURE;
    return map;
  }

  #toNextLine(from: number): void {
    this.#comment = -1;
    for (let line = from; ; line = this.#lineEnd(this.#next)) {
      this.#next = this.#skipBlanks(line);
      const character = this.#text[this.#next];
      if (character === '#') this.#comment = Math.max(this.#comment, this.#next - line);
      else if (character !== '\n') {
        this.#column = character === undefined ? -1 : this.#next - line;
        return;
      }
    }
  }

  #lineEnd(at: number): number {
    const end = this.#text.indexOf('\n', at);
    return end < 0 ? this.#text.length : end + 1;
  }

  /**
   * Skips the rest of a value's line, up to the next piece. Comments below it that are indented deeper than the map or list around
   * it belong to it.
   */
  #finish(indent: number): void {
    let line = this.#endOfLine(this.#end);
    this.#wholeEnd = line;
    for (;;) {
      const at = this.#skipBlanks(line);
      const isComment = this.#text[at] === '#';
      if (isComment ? at - line <= indent : this.#text[at] !== '\n') break;
      line = this.#lineEnd(at);
      if (isComment) this.#wholeEnd = line;
    }
    this.#toNextLine(line);
  }

  /** Returns the beginning of the next line; only a comment may precede it. */
  #endOfLine(from: number): number {
    const at = this.#skipBlanks(from);
    if (!this.#isLineEnd(at) || (this.#text[at] === '#' && at === from)) throw UNSURE;
    return this.#lineEnd(at);
  }

  /** Whether a line ends at an offset, apart from a comment. */
  #isLineEnd(at: number): boolean {
    const character = this.#text[at];
    return character === '\n' || character === '#' || character === undefined;
  }

  #blockMap(indent: number): ValueMap {
    const origins = this.#open(this.#next);
    const map: ValueMap = remember({}, origins);
    do {
      const keyStart = this.#next;
      const key = this.#newKey(map, keyStart, BLOCK_PLAIN);
      const keyEnd = this.#end;
      const at = this.#colon(keyEnd);
      if (!' \n'.includes(this.#text[at] ?? '')) throw UNSURE;
      map[key] = this.#after(at, indent, false);
      this.#setLocations(origins, key, keyStart, keyEnd);
    } while (this.#column === indent);
    this.#close(origins, indent);
    return map;
  }

  #blockList(indent: number): Value[] {
    const origins = this.#open(this.#next);
    const list: Value[] = remember([], origins);
    do {
      const value = this.#after(this.#next + 1, indent, true);
      origins.set(list.length, this.#location(), this.#location());
      list.push(value);
    } while (this.#column === indent && this.#isDash(this.#next));
    this.#close(origins, indent);
    return list;
  }

  /** Reads the value after the colon of a key, or after the dash of an entry: on the same line or below. */
  #after(from: number, indent: number, isEntry: boolean): Value {
    // A comment above a dash also belongs to the entry.
    const hadComment = isEntry && this.#comment >= 0;
    const at = this.#skipBlanks(from);
    let start = at;
    let value: Value = null;
    if (!this.#isLineEnd(at)) value = isEntry ? this.#entry(at, indent) : this.#inline(at, indent);
    else {
      this.#toNextLine(this.#lineEnd(at));
      if (this.#column > indent || (!isEntry && this.#column === indent && this.#isDash(this.#next))) {
        start = this.#next;
        value = this.#below(indent);
      } else {
        // There is no value; comments after it may belong to it.
        if (hadComment || this.#text[at] === '#' || this.#comment >= 0) throw UNSURE;
        this.#end = at;
        this.#wholeEnd = at;
      }
    }
    this.#start = start;
    return value;
  }

  #entry(at: number, indent: number): Value {
    if (this.#isDash(at)) throw UNSURE;
    if (!this.#isKey(at)) return this.#inline(at, indent);
    this.#column = indent + at - this.#next;
    this.#next = at;
    return this.#blockMap(this.#column);
  }

  /** Reads a value that begins on its own line: a list, a map, or one in brackets. */
  #below(indent: number): Value {
    if (this.#isDash(this.#next)) return this.#blockList(this.#column);
    return '[{'.includes(this.#text.charAt(this.#next))
      ? this.#inline(this.#next, indent)
      : this.#blockMap(this.#column);
  }

  #location(): SourceLocation {
    return { source: this.#source, start: this.#start, end: this.#end };
  }

  /** Records the locations of the last value and of its key; a missing value has that of its key. */
  #setLocations(origins: Origins, key: string, start: number, end: number): void {
    const keyLocation = { source: this.#source, start, end };
    origins.set(key, this.#start < this.#end ? this.#location() : keyLocation, keyLocation);
  }

  #open(start: number): Origins {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw UNSURE;
    return new Origins(this.#source, start, start);
  }

  /** Ends a map or list: the next piece, and comments that are indented less than its keys, belong to an outer one. */
  #close(origins: Origins, indent: number): void {
    if (this.#column > indent) throw UNSURE;
    origins.end = this.#wholeEnd;
    this.#end = this.#wholeEnd;
    if (indent > 0 && this.#comment >= indent) {
      this.#comment = -1;
      this.#wholeEnd = this.#next;
    }
    this.#depth -= 1;
  }

  /** Reads a value that begins within a line, and moves to the next line with content. */
  #inline(at: number, indent: number): Value {
    if ('|>'.includes(this.#text.charAt(at))) {
      const { value, end } = blockScalar(this.#text, at, indent);
      this.#end = end;
      this.#wholeEnd = end;
      this.#toNextLine(end);
      return value;
    }
    const value = this.#value(at, BLOCK_PLAIN, indent);
    const end = this.#end;
    this.#finish(indent);
    this.#end = end;
    return value;
  }

  #value(at: number, plain: RegExp, indent: number): Value {
    const character = this.#text[at];
    if (character === '{') return this.#flowMap(at, indent);
    if (character === '[') return this.#flowList(at, indent);
    if (character === '"' || character === "'") return this.#quoted(at, character);
    if (!this.#skip(plain, at)) throw UNSURE;
    return plainScalar(this.#text.slice(at, this.#end));
  }

  #quoted(at: number, quote: '"' | "'"): string {
    if (!this.#skip(quote === '"' ? DOUBLE_QUOTED : SINGLE_QUOTED, at)) throw UNSURE;
    const inner = this.#text.slice(at + 1, this.#end - 1);
    return quote === '"' ? doubleQuoted(inner) : inner.replaceAll("''", "'");
  }

  /** Skips a pattern at an offset; returns whether it matches. */
  #skip(form: RegExp, at: number): boolean {
    form.lastIndex = at;
    const isThere = form.test(this.#text);
    if (isThere) this.#end = form.lastIndex;
    return isThere;
  }

  #key(at: number, plain: RegExp): string | undefined {
    const character = this.#text[at];
    const isQuoted = character === '"' || character === "'";
    if (!isQuoted && !this.#skip(plain, at)) return undefined;
    const key = isQuoted ? this.#quoted(at, character) : this.#text.slice(at, this.#end);
    if (!isQuoted && (key === '<<' || key.startsWith('...'))) throw UNSURE;
    if (this.#end - at > LONGEST_KEY) throw UNSURE;
    return key;
  }

  #newKey(map: ValueMap, at: number, plain: RegExp): string {
    const key = this.#key(at, plain);
    if (key === undefined || Object.hasOwn(map, key)) throw UNSURE;
    // A key that objects inherit, such as constructor: the map must then inherit none.
    if (key in map) Object.setPrototypeOf(map, null);
    return key;
  }

  /** Whether a key of a map begins at an offset, rather than a scalar. */
  #isKey(at: number): boolean {
    if ('{[|>'.includes(this.#text.charAt(at))) return false;
    if (this.#key(at, BLOCK_PLAIN) === undefined) throw UNSURE;
    return this.#text[this.#skipBlanks(this.#end)] === ':';
  }

  #colon(from: number): number {
    const at = this.#skipBlanks(from);
    if (this.#text[at] !== ':') throw UNSURE;
    return at + 1;
  }

  #flowMap(start: number, indent: number): ValueMap {
    const origins = this.#open(start);
    const map: ValueMap = remember({}, origins);
    this.#brackets += 1;
    let at = this.#within(start + 1, indent);
    while (this.#text[at] !== '}') {
      const keyStart = at;
      const key = this.#newKey(map, keyStart, FLOW_PLAIN);
      const keyEnd = this.#end;
      const after = this.#colon(keyEnd);
      if (!' \n,[]{}'.includes(this.#text[after] ?? '') && this.#text[keyStart] !== '"') throw UNSURE;
      at = this.#within(after, indent);
      const isEmpty = this.#text[at] === ',' || this.#text[at] === '}';
      map[key] = isEmpty ? null : this.#value(at, FLOW_PLAIN, indent);
      this.#start = isEmpty ? this.#end : at;
      this.#setLocations(origins, key, keyStart, keyEnd);
      at = this.#comma(isEmpty ? at : this.#within(this.#end, indent), '}', indent);
    }
    this.#closeFlow(origins, at);
    return map;
  }

  #flowList(start: number, indent: number): Value[] {
    const origins = this.#open(start);
    const list: Value[] = remember([], origins);
    this.#brackets += 1;
    let at = this.#within(start + 1, indent);
    while (this.#text[at] !== ']') {
      const value = this.#value(at, FLOW_PLAIN, indent);
      this.#start = at;
      origins.set(list.length, this.#location(), this.#location());
      list.push(value);
      at = this.#comma(this.#within(this.#end, indent), ']', indent);
    }
    this.#closeFlow(origins, at);
    return list;
  }

  #closeFlow(origins: Origins, at: number): void {
    this.#end = at + 1;
    origins.end = at + 1;
    this.#depth -= 1;
    this.#brackets -= 1;
  }

  /** Skips the comma after an entry, which may be the last. */
  #comma(at: number, close: string, indent: number): number {
    if (this.#text[at] === close) return at;
    if (this.#text[at] !== ',') throw UNSURE;
    return this.#within(at + 1, indent);
  }

  /** Skips blanks, line ends and comments between brackets. Lines must be indented deeper than the value around them. */
  #within(from: number, indent: number): number {
    let line = -1;
    for (let at = from; ; ) {
      at = this.#skipBlanks(at);
      const character = this.#text[at];
      if (character === '\n') {
        at += 1;
        line = at;
      } else if (character === '#') {
        // A comment without a blank before it is an error here, except in some cases at the beginning of a line.
        if (this.#text[at - 1] !== ' ') throw UNSURE;
        at = this.#text.indexOf('\n', at);
        if (at < 0) throw UNSURE;
      } else {
        // The bracket that closes the outermost one may be in the column where the first line begins.
        const isLast =
          at - line === indent && this.#brackets === 1 && (character === ']' || character === '}');
        if (line >= 0 && at - line <= indent && !isLast) throw UNSURE;
        return at;
      }
    }
  }

  #isDash(at: number): boolean {
    return this.#text[at] === '-' && ' \n'.includes(this.#text[at + 1] ?? '');
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (this.#text[at] === ' ') at += 1;
    return at;
  }
}
