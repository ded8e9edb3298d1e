import { remember, type Source } from '../source/origin.ts';
import { type Cell, type Name, Origins } from '../source/origins.ts';
import type { Value, ValueMap } from '../source/value.ts';
import { bareMap } from '../values/bare-map.ts';
import { blockScalar } from './plain-block-scalar.ts';
import { doubleQuoted, plainScalar, singleQuoted, UNSURE } from './plain-scalar.ts';

/** Tabs, carriage returns, and what else would need a second look. */
const UNUSUAL = /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ufefe\uff00-\uffff]/;

/** A plain scalar, or a plain key, outside of brackets and within them: to the end of the line at most. */
const BLOCK_PLAIN = /(?:[^ \n?:,[\]{}#&*!|>'"%@`-]|-(?![ \n-]|$))(?:[^ \n:]|:(?![ \n]|$)| +(?![ \n:#]|$))*/y;
const FLOW_PLAIN =
  /(?:[^ \n?:,[\]{}#&*!|>'"%@`-]|-(?![ \n,[\]{}-]|$))(?:[^ \n:,[\]{}]|:(?![ \n,[\]{}]|$)| +(?![ \n:#,[\]{}]|$))*/y;
const DOUBLE_QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y;
const SINGLE_QUOTED = /'(?:[^'\n]|'')*'(?!')/y;

/** A line that begins a document. */
const BEGINNING = /--- *(?: #.*)?(?:\n|$)/y;

/** YAML has a bound for keys, somewhat further. */
const LONGEST_KEY = 1000;

/** Deeper nesting is left to those who say that it is too deep. */
const DEEPEST = 60;

const NEWLINE = 0x0a;
const BLANK = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const LESS = 0x3c;
const GREATER = 0x3e;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const BAR = 0x7c;
const CLOSE_MAP = 0x7d;

/**
 * Reads the text of an inventory as most are written: one document, a map, of maps, lists and scalars, without anchors
 * and tags. Gives the values that the reader of all YAML gives, with the same places, in a twentieth of the time. Gives
 * undefined for anything else, and for what has a fault: that reader knows what to say.
 */
export function readPlainYaml(source: Source): ValueMap | undefined {
  if (UNUSUAL.test(source.text)) return undefined;
  try {
    return new PlainReader(source).read();
  } catch (error) {
    // A line of several million characters is more than the patterns here have room for.
    if (error === UNSURE || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Goes over a text once. What a piece is, and where it ends, stands in the fields when it has been read. */
class PlainReader {
  readonly #source: Source;
  readonly #text: string;
  /** Where the piece ends that was read last: a scalar, a list or map in brackets, a key. */
  #end = 0;
  /** Where what has been read last ends with all that belongs to it, such as the comment and the end of its line. */
  #wholeEnd = 0;
  /** Where the next line begins that is neither empty nor a comment, without its blanks; the end of the text. */
  #next = 0;
  /** The column of that place, counted from 0; -1 at the end of the text. */
  #column = 0;
  /** The column of the deepest comment before that place which belongs to nothing that has been read; -1 for none. */
  #comment = -1;
  #depth = 0;
  /** The places in the maps and lists that are open: those of the innermost last. */
  readonly #cells: Cell[] = [];
  /** How many brackets are open. */
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

  /** Goes from the beginning of a line to the next that says something. */
  #toNextLine(from: number): void {
    const text = this.#text;
    this.#comment = -1;
    for (let line = from; ; ) {
      let at = line;
      while (text.charCodeAt(at) === BLANK) at += 1;
      const code = text.charCodeAt(at);
      if (code === NEWLINE) line = at + 1;
      else if (code === HASH) {
        this.#comment = Math.max(this.#comment, at - line);
        line = this.#lineEnd(at);
      } else {
        this.#next = at;
        this.#column = at < text.length ? at - line : -1;
        return;
      }
    }
  }

  /** Where the line behind the one of a place begins. */
  #lineEnd(at: number): number {
    const end = this.#text.indexOf('\n', at);
    return end < 0 ? this.#text.length : end + 1;
  }

  /**
   * Goes over the rest of the line of a value, and to what comes next. Comments below it that are further in than the map
   * or list that it is in belong to it.
   */
  #finish(indent: number): void {
    const text = this.#text;
    let line = this.#endOfLine(this.#end);
    this.#wholeEnd = line;
    for (;;) {
      let at = line;
      while (text.charCodeAt(at) === BLANK) at += 1;
      const code = text.charCodeAt(at);
      if (code === NEWLINE) line = at + 1;
      else if (code === HASH && at - line > indent) {
        line = this.#lineEnd(at);
        this.#wholeEnd = line;
      } else break;
    }
    this.#toNextLine(line);
  }

  /** Where the next line begins; nothing but a comment may stand before it. */
  #endOfLine(from: number): number {
    const text = this.#text;
    let at = from;
    while (text.charCodeAt(at) === BLANK) at += 1;
    const code = text.charCodeAt(at);
    if (code === NEWLINE) return at + 1;
    if (at === text.length) return at;
    if (code !== HASH || at === from) throw UNSURE;
    return this.#lineEnd(at);
  }

  /** Reads the map that begins at the next line's first key. */
  #blockMap(indent: number): ValueMap {
    this.#deeper();
    const origins = new Origins(this.#source, this.#next, this.#next);
    const outer = this.#cells.length;
    const map = remember(bareMap<ValueMap>(), origins);
    do {
      const keyStart = this.#next;
      const key = this.#key(keyStart, BLOCK_PLAIN);
      if (key === undefined) throw UNSURE;
      if (key in map) throw UNSURE;
      const keyEnd = this.#end;
      const at = this.#colon(keyEnd);
      const code = this.#text.charCodeAt(at);
      if (code !== BLANK && code !== NEWLINE && at < this.#text.length) throw UNSURE;
      map[key] = this.#valueOf(key, keyStart, keyEnd, at, indent);
    } while (this.#column === indent);
    this.#close(origins, outer, indent);
    return map;
  }

  /** Reads what stands behind the colon of a key, on its line or below. */
  #valueOf(key: string, keyStart: number, keyEnd: number, from: number, indent: number): Value {
    const at = this.#skipBlanks(from);
    const code = this.#text.charCodeAt(at);
    if (code !== NEWLINE && code !== HASH && at < this.#text.length) {
      const value = this.#inline(at, indent);
      this.#place(key, at, this.#end, keyStart, keyEnd);
      return value;
    }
    this.#toNextLine(this.#lineEnd(at));
    const isList = this.#isDash(this.#next);
    if (this.#column > indent || (this.#column === indent && isList)) {
      const start = this.#next;
      const value = this.#below(indent);
      this.#place(key, start, this.#end, keyStart, keyEnd);
      return value;
    }
    this.#nothing(at, code === HASH);
    this.#place(key, keyStart, keyEnd, keyStart, keyEnd);
    return null;
  }

  /** Remembers where a value of the innermost map or list stands, and its key. */
  #place(name: Name, start: number, end: number, keyStart: number, keyEnd: number): void {
    this.#cells.push(name, this.#source, start, end, keyStart, keyEnd);
  }

  /** There is no value; comments behind it may be its own. */
  #nothing(at: number, hasComment: boolean): void {
    if (hasComment || this.#comment >= 0) throw UNSURE;
    this.#end = at;
    this.#wholeEnd = at;
  }

  /** Reads a value that begins on a line of its own: a list, a map, or one in brackets. */
  #below(indent: number): Value {
    if (this.#isDash(this.#next)) return this.#blockList(this.#column);
    const code = this.#text.charCodeAt(this.#next);
    if (code === OPEN_LIST || code === OPEN_MAP) return this.#inline(this.#next, indent);
    return this.#blockMap(this.#column);
  }

  /** Reads the list whose first dash is next. */
  #blockList(indent: number): Value[] {
    this.#deeper();
    const origins = new Origins(this.#source, this.#next, this.#next);
    const outer = this.#cells.length;
    const list = remember<Value[]>([], origins);
    do {
      const dash = this.#next;
      // One above the dash is of the entry, too.
      const hasComment = this.#comment >= 0;
      const at = this.#skipBlanks(dash + 1);
      const code = this.#text.charCodeAt(at);
      let start = at;
      let value: Value = null;
      if (code === NEWLINE || code === HASH || at >= this.#text.length) {
        this.#toNextLine(this.#lineEnd(at));
        if (this.#column > indent) {
          start = this.#next;
          value = this.#below(indent);
        } else this.#nothing(at, hasComment || code === HASH);
      } else if (this.#isDash(at)) {
        throw UNSURE;
      } else if (this.#isKey(at)) {
        this.#next = at;
        this.#column = indent + at - dash;
        value = this.#blockMap(this.#column);
      } else value = this.#inline(at, indent);
      this.#place(list.length, start, this.#end, start, this.#end);
      list.push(value);
    } while (this.#column === indent && this.#isDash(this.#next));
    this.#close(origins, outer, indent);
    return list;
  }

  /** Ends a map or list: what comes next is of one that it is in, and so are comments that are less far in than its keys. */
  #close(origins: Origins, outer: number, indent: number): void {
    if (this.#column > indent) throw UNSURE;
    origins.end = this.#wholeEnd;
    origins.fill(this.#cells.splice(outer));
    this.#end = this.#wholeEnd;
    if (indent > 0 && this.#comment >= indent) {
      this.#comment = -1;
      this.#wholeEnd = this.#next;
    }
    this.#depth -= 1;
  }

  /** Reads a value that begins within a line, and goes to the next line that says something. */
  #inline(at: number, indent: number): Value {
    const code = this.#text.charCodeAt(at);
    if (code === BAR || code === GREATER) {
      const { value, end } = blockScalar(this.#text, at, indent);
      this.#end = end;
      this.#wholeEnd = end;
      this.#toNextLine(end);
      return value;
    }
    const value = this.#value(at, code, BLOCK_PLAIN, indent);
    const end = this.#end;
    this.#finish(indent);
    this.#end = end;
    return value;
  }

  /** Reads a scalar, or a list or map in brackets. */
  #value(at: number, code: number, plain: RegExp, indent: number): Value {
    if (code === OPEN_MAP) return this.#flowMap(at, indent);
    if (code === OPEN_LIST) return this.#flowList(at, indent);
    if (code === QUOTE || code === APOSTROPHE) return this.#quoted(at, code);
    plain.lastIndex = at;
    if (!plain.test(this.#text)) throw UNSURE;
    this.#end = plain.lastIndex;
    return plainScalar(this.#text.slice(at, this.#end));
  }

  #quoted(at: number, code: number): string {
    const form = code === QUOTE ? DOUBLE_QUOTED : SINGLE_QUOTED;
    form.lastIndex = at;
    if (!form.test(this.#text)) throw UNSURE;
    this.#end = form.lastIndex;
    const inner = this.#text.slice(at + 1, this.#end - 1);
    return code === QUOTE ? doubleQuoted(inner) : singleQuoted(inner);
  }

  /** Reads a key. Gives undefined where there is none. */
  #key(at: number, plain: RegExp): string | undefined {
    const code = this.#text.charCodeAt(at);
    const isQuoted = code === QUOTE || code === APOSTROPHE;
    let key: string;
    if (isQuoted) key = this.#quoted(at, code);
    else {
      plain.lastIndex = at;
      if (!plain.test(this.#text)) return undefined;
      this.#end = plain.lastIndex;
      key = this.#text.slice(at, this.#end);
      if ((code === LESS && key === '<<') || (code === DOT && key.startsWith('...'))) throw UNSURE;
    }
    if (this.#end - at > LONGEST_KEY) throw UNSURE;
    return key;
  }

  /** Says whether a key of a map begins at a place, rather than a scalar. */
  #isKey(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    if (code === OPEN_MAP || code === OPEN_LIST || code === BAR || code === GREATER) return false;
    if (this.#key(at, BLOCK_PLAIN) === undefined) throw UNSURE;
    return this.#text.charCodeAt(this.#skipBlanks(this.#end)) === COLON;
  }

  /** Where the text goes on behind the colon of a key. */
  #colon(from: number): number {
    const at = this.#skipBlanks(from);
    if (this.#text.charCodeAt(at) !== COLON) throw UNSURE;
    return at + 1;
  }

  #flowMap(start: number, indent: number): ValueMap {
    this.#open();
    const origins = new Origins(this.#source, start, start);
    const outer = this.#cells.length;
    const map = remember(bareMap<ValueMap>(), origins);
    let at = this.#within(start + 1, indent);
    while (this.#text.charCodeAt(at) !== CLOSE_MAP) {
      const keyStart = at;
      const key = this.#key(keyStart, FLOW_PLAIN);
      if (key === undefined) throw UNSURE;
      if (key in map) throw UNSURE;
      const keyEnd = this.#end;
      const behind = this.#colon(keyEnd);
      if (!this.#endsWord(behind) && this.#text.charCodeAt(keyStart) !== QUOTE) throw UNSURE;
      at = this.#within(behind, indent);
      const code = this.#text.charCodeAt(at);
      if (code === COMMA || code === CLOSE_MAP) {
        map[key] = null;
        this.#place(key, keyStart, keyEnd, keyStart, keyEnd);
      } else {
        map[key] = this.#value(at, code, FLOW_PLAIN, indent);
        this.#place(key, at, this.#end, keyStart, keyEnd);
        at = this.#within(this.#end, indent);
      }
      at = this.#comma(at, CLOSE_MAP, indent);
    }
    return this.#closeFlow(map, origins, outer, at);
  }

  #flowList(start: number, indent: number): Value[] {
    this.#open();
    const origins = new Origins(this.#source, start, start);
    const outer = this.#cells.length;
    const list = remember<Value[]>([], origins);
    let at = this.#within(start + 1, indent);
    while (this.#text.charCodeAt(at) !== CLOSE_LIST) {
      const value = this.#value(at, this.#text.charCodeAt(at), FLOW_PLAIN, indent);
      this.#place(list.length, at, this.#end, at, this.#end);
      list.push(value);
      at = this.#comma(this.#within(this.#end, indent), CLOSE_LIST, indent);
    }
    return this.#closeFlow(list, origins, outer, at);
  }

  #open(): void {
    this.#deeper();
    this.#brackets += 1;
  }

  #closeFlow<T>(container: T, origins: Origins, outer: number, at: number): T {
    this.#end = at + 1;
    origins.end = at + 1;
    origins.fill(this.#cells.splice(outer));
    this.#depth -= 1;
    this.#brackets -= 1;
    return container;
  }

  /** Goes over the comma behind an entry, which may be the last. */
  #comma(at: number, close: number, indent: number): number {
    const code = this.#text.charCodeAt(at);
    if (code === close) return at;
    if (code !== COMMA) throw UNSURE;
    return this.#within(at + 1, indent);
  }

  /** Goes over blanks, line ends and comments between brackets. Lines must be further in than what they are in. */
  #within(from: number, indent: number): number {
    const text = this.#text;
    let at = from;
    let line = -1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === BLANK) at += 1;
      else if (code === NEWLINE) {
        at += 1;
        line = at;
      } else if (code === HASH) {
        // One that no blank stands before is a fault here, but for some at the beginning of a line.
        if (text.charCodeAt(at - 1) !== BLANK) throw UNSURE;
        at = text.indexOf('\n', at);
        if (at < 0) throw UNSURE;
      } else {
        if (line >= 0 && at - line <= indent && !this.#isLastBracket(code, at - line === indent))
          throw UNSURE;
        return at;
      }
    }
  }

  /** The bracket that closes all may stand where the line of the first one begins. */
  #isLastBracket(code: number, isAtIndent: boolean): boolean {
    return isAtIndent && this.#brackets === 1 && (code === CLOSE_MAP || code === CLOSE_LIST);
  }

  #endsWord(at: number): boolean {
    return this.#text.charCodeAt(at) === BLANK || '\n,[]{}'.includes(this.#text.charAt(at));
  }

  #isDash(at: number): boolean {
    if (this.#text.charCodeAt(at) !== DASH) return false;
    const code = this.#text.charCodeAt(at + 1);
    return code === BLANK || code === NEWLINE || at + 1 === this.#text.length;
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (this.#text.charCodeAt(at) === BLANK) at += 1;
    return at;
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw UNSURE;
  }
}
