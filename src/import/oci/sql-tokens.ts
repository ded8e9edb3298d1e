import { ReadingFault } from './fault.ts';

/** A word, name, value or mark of SQL. */
export interface Token {
  /** `name` is quoted with `, `text` with ' or ", `bits` are written as hexadecimal or binary digits. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'bits' | 'mark';
  /** What it says, without quotes and escapes; a word as it is written. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}_$@][\p{L}\p{N}_$@]*/uy;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|0b[01]+)(?![\p{L}\p{N}_])|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/uy;
const BLANK = /[\s\ufeff]+/y;
const REST_OF_LINE = /[^\n]*/y;

/** What an escape in a text of MySQL stands for; every other one stands for what follows its backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

/**
 * Gives the tokens of a dump one after the other, as MySQL and MariaDB write them. Comments are passed over, those that a
 * server of some version would run, too: in a dump they hold settings, keys and triggers, and no rows.
 * Source: MySQL's reference manual, "Language Structure".
 */
export class SqlTokens {
  readonly #text: string;
  #at = 0;
  #ahead: Token | undefined;

  /** Takes the text of the dump. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The offset behind the last token that was taken. */
  get offset(): number {
    return this.#ahead?.start ?? this.#at;
  }

  /** Gives the next token without taking it; undefined at the end. */
  peek(): Token | undefined {
    this.#ahead ??= this.#read();
    return this.#ahead;
  }

  /** Takes the next token; undefined at the end. Throws ReadingFault. */
  next(): Token | undefined {
    const token = this.peek();
    this.#ahead = undefined;
    return token;
  }

  /** Passes over the rest of a statement, with its semicolon. */
  skipStatement(): void {
    for (let token = this.next(); token; token = this.next())
      if (token.kind === 'mark' && token.value === ';') return;
  }

  /** Passes over the rest of a line. */
  skipLine(): void {
    this.#ahead = undefined;
    this.#match(REST_OF_LINE);
  }

  /**
   * Passes over what stands between `DELIMITER ;;` and `DELIMITER ;`, which are commands of the client: procedures and
   * triggers, with statements of their own.
   */
  skipDelimited(): void {
    this.#ahead = undefined;
    const line = this.#match(REST_OF_LINE);
    if (line.trim() === ';') return;
    const back = /^[ \t]*DELIMITER[ \t]+;[ \t]*\r?$/gim;
    back.lastIndex = this.#at;
    this.#at = back.exec(this.#text) ? back.lastIndex : this.#text.length;
  }

  #read(): Token | undefined {
    this.#skipBlanks();
    const start = this.#at;
    const first = this.#text[start];
    if (first === undefined) return undefined;
    if (first === "'" || first === '"') return this.#quoted('text', first, start);
    if (first === '`') return this.#quoted('name', first, start);
    if (/[xXbB]/.test(first) && this.#text[start + 1] === "'") return this.#bits(start);
    const word = this.#match(WORD);
    if (word !== '') return { kind: 'word', value: word, start, end: this.#at };
    const number = this.#match(NUMBER);
    if (/^0[xXb]./.test(number)) {
      const value = textOfBits(number.slice(2), number[1] === 'b' ? 2 : 16);
      return { kind: 'bits', value, start, end: this.#at };
    }
    if (number !== '') return { kind: 'number', value: number, start, end: this.#at };
    this.#at = start + 1;
    return { kind: 'mark', value: first, start, end: this.#at };
  }

  #skipBlanks(): void {
    const text = this.#text;
    for (let from = -1; from !== this.#at; ) {
      from = this.#at;
      this.#match(BLANK);
      const isLine = text[this.#at] === '#' || /^--(?:\s|$)/.test(text.slice(this.#at, this.#at + 3));
      if (isLine) this.#match(REST_OF_LINE);
      else if (text.startsWith('/*', this.#at)) this.#skipComment();
    }
  }

  #skipComment(): void {
    const start = this.#at;
    const end = this.#text.indexOf('*/', start + 2);
    if (end < 0)
      throw new ReadingFault(
        'This comment has no end: the dump is cut off in it.',
        { start, end: start + 2 },
        AGAIN,
      );
    this.#at = end + 2;
  }

  #quoted(kind: 'text' | 'name', quote: string, start: number): Token {
    const text = this.#text;
    const pieces: string[] = [];
    let from = start + 1;
    for (let at = from; ; at += 1) {
      const letter = text[at];
      if (letter === undefined)
        throw new ReadingFault(
          `This ${kind} has no closing ${quote}: the dump is cut off in it, or a quote is missing.`,
          { start, end: start + 1 },
          AGAIN,
        );
      if (letter === '\\' && kind === 'text') {
        const escaped = text[at + 1] ?? '';
        pieces.push(text.slice(from, at), ESCAPES[escaped] ?? escaped);
        at += 1;
        from = at + 1;
      } else if (letter === quote && text[at + 1] === quote) {
        pieces.push(text.slice(from, at + 1));
        at += 1;
        from = at + 1;
      } else if (letter === quote) {
        pieces.push(text.slice(from, at));
        this.#at = at + 1;
        return { kind, value: pieces.join(''), start, end: this.#at };
      }
    }
  }

  /** `x'3130'`, `b'1'`. */
  #bits(start: number): Token {
    const base = /[bB]/.test(this.#text[start] ?? '') ? 2 : 16;
    const { value, end } = this.#quoted('text', "'", start + 1);
    return { kind: 'bits', value: textOfBits(value, base), start, end };
  }

  #match(form: RegExp): string {
    form.lastIndex = this.#at;
    const [found = ''] = form.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}

/** What to do where a dump is not whole. */
export const AGAIN = 'make the dump again, to its end: mysqldump harvester nodes > nodes.sql';

/** More digits than these are no number of a column of bits, which has 64 at most. */
const MOST_DIGITS = 64;

/**
 * Gives what hexadecimal or binary digits mean in a column of text: its letters. Where they are none, they are a number, as
 * in a column of bits.
 */
function textOfBits(digits: string, base: 2 | 16): string {
  const letters = base === 16 && digits.length % 2 === 0 ? Buffer.from(digits, 'hex').toString('latin1') : '';
  if (/^[\x20-\x7e]+$/.test(letters) || digits.length > MOST_DIGITS) return letters;
  const isNumber = (base === 2 ? /^[01]+$/ : /^[0-9a-fA-F]+$/).test(digits);
  return isNumber ? String(BigInt(`${base === 2 ? '0b' : '0x'}${digits}`)) : '';
}
