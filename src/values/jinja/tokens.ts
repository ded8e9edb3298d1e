/** A token within a tag of a template: a text is in its quotes. */
interface Token {
  readonly type: 'text' | 'number' | 'name' | 'operator' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Thrown for syntax that is not understood. */
export const UNKNOWN = Symbol('unknown syntax');

const TOKEN =
  /\s*(?:('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|([0-9][0-9_]*(?:\.[0-9]+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\/\/|\*\*|[=!<>]=|[-+*/%~.,:|()[\]{}<>=]))/suy;

/** The end of a tag, where no bracket is open. */
const CLOSING = /\s*[-+]?[%}]\}/y;

/** A longer tag is not understood: it would need a deep stack. */
const MOST_TOKENS = 500;

/** The tokens of one tag of a template, to be read in order. */
export class Tokens {
  /** The offset after the closing brackets. */
  readonly after: number;
  readonly #tokens: Token[] = [];
  #next = 0;

  /**
   * Takes the offset after the opening brackets. Throws UNKNOWN for a tag without an end. Source: Jinja, src/jinja2/lexer.py.
   */
  constructor(template: string, from: number) {
    let at = /[-+]/.test(template.charAt(from)) ? from + 1 : from;
    for (let depth = 0; ; ) {
      CLOSING.lastIndex = at;
      if (depth === 0 && CLOSING.test(template)) break;
      TOKEN.lastIndex = at;
      const [, text, number, name, operator] = TOKEN.exec(template) ?? [];
      const content = text ?? number ?? name ?? operator;
      if (content === undefined || this.#tokens.length === MOST_TOKENS) throw UNKNOWN;
      const type = text ? 'text' : number ? 'number' : name ? 'name' : 'operator';
      if (/^[([{]$/.test(content)) depth += 1;
      if (/^[)\]}]$/.test(content)) depth -= 1;
      at = TOKEN.lastIndex;
      this.#tokens.push({ type, text: content, start: at - content.length, end: at });
    }
    this.#tokens.push({ type: 'end', text: '', start: at, end: at });
    this.after = CLOSING.lastIndex;
  }

  /** Returns the next token, or a later one; past the end, the last one. */
  peek(ahead = 0): Token {
    return (this.#tokens[this.#next + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  /** Reads the next token. Throws UNKNOWN for one of another type. */
  take(type?: Token['type']): Token {
    const token = this.peek();
    if (token.type === 'end' || (type && token.type !== type)) throw UNKNOWN;
    this.#next += 1;
    return token;
  }

  /** Whether these operators or words are next; if so, reads them. */
  is(...texts: readonly string[]): boolean {
    const isNext = texts.every(
      (text, index) => this.peek(index).text === text && this.peek(index).type !== 'text',
    );
    if (isNext) this.#next += texts.length;
    return isNext;
  }

  /** Returns the end of the last token that was read. */
  get end(): number {
    return this.peek(-1).end;
  }
}
