/** A token within a tag of a template: a text is in its quotes. */
export interface Token {
  readonly type: 'text' | 'number' | 'name' | 'operator' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Thrown for syntax that is not understood. */
export const UNKNOWN = Symbol('unknown syntax');

/** An error for which Jinja rejects a template; `start` and `end` are the offsets of its cause in the template. */
export class TemplateError {
  /** The error, such as `"(" without ")"`. */
  readonly what: string;
  readonly start: number;
  readonly end: number;

  constructor(what: string, { start, end }: { readonly start: number; readonly end: number }) {
    this.what = what;
    this.start = start;
    this.end = end;
  }
}

const TOKEN =
  /\s*(?:('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?<!\.)[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][-+]?[0-9][0-9_]*)?|[0-9]+)|([\p{L}\p{Nl}_][\p{L}\p{M}\p{N}\p{Pc}]*)|(\/\/|\*\*|[=!<>]=|[-+*/%~.,:|()[\]{}<>=;]))/suy;

/** The tags, by their opening brackets: the closing ones, which count only where no other bracket is open. */
const TAGS = {
  '{{': ['}}', /\s*-?\}\}/y],
  '{%': ['%}', /\s*[-+]?%\}/y],
} as const;

const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** A longer tag is not understood: it would need a deep stack. */
const MOST_TOKENS = 500;

/** The tokens of one tag of a template, to be read in order. */
export class Tokens {
  /** The offset after the closing brackets. */
  readonly after: number;
  readonly #tokens: Token[] = [];
  #next = 0;

  /**
   * Takes the offset after the opening brackets. Throws TemplateError for a tag without an end or with other characters, and
   * UNKNOWN for a placeholder of a secret. Source: Jinja, src/jinja2/lexer.py.
   */
  constructor(template: string, from: number, opening: keyof typeof TAGS) {
    const [closing, CLOSING] = TAGS[opening];
    const open: Token[] = [];
    let at = /[-+]/.test(template.charAt(from)) ? from + 1 : from;
    for (;;) {
      CLOSING.lastIndex = at;
      if (open.length === 0 && CLOSING.test(template)) break;
      const token = nextToken(template, at);
      if (this.#tokens.length === MOST_TOKENS) throw UNKNOWN;
      const last = open.at(-1);
      if (!token || (/^[)\]}]$/.test(token.text) && token.text !== BRACKETS.get(last?.text ?? '')))
        throw errorAt(template, at, last ?? { text: opening, start: from - 2, end: from }, closing);
      if (BRACKETS.has(token.text)) open.push(token);
      else if (/^[)\]}]$/.test(token.text)) open.pop();
      at = token.end;
      this.#tokens.push(token);
    }
    this.after = CLOSING.lastIndex;
    this.#tokens.push({ type: 'end', text: closing, start: this.after - 2, end: this.after });
  }

  /** Returns the next token, or a later one; past the end, the last one. */
  peek(ahead = 0): Token {
    return (this.#tokens[this.#next + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  /** Reads the next token. Throws TemplateError for the end of the tag, and for one of another type or text. */
  take(type?: Token['type'], text?: string): Token {
    const token = this.peek();
    if (token.type === 'end' || (type && token.type !== type) || (text !== undefined && token.text !== text))
      throw this.unexpected();
    this.#next += 1;
    return token;
  }

  /** Whether these operators or words are next; if so, reads them. */
  is(...texts: readonly string[]): boolean {
    const isNext = this.isNext(...texts);
    if (isNext) this.#next += texts.length;
    return isNext;
  }

  /** Whether these operators or words are next. */
  isNext(...texts: readonly string[]): boolean {
    return texts.every((text, index) => {
      const token = this.peek(index);
      return token.text === text && (token.type === 'name' || token.type === 'operator');
    });
  }

  /** Whether the tag ends. */
  get isEnd(): boolean {
    return this.peek().type === 'end';
  }

  /** Returns the end of the last token that was read. */
  get end(): number {
    return this.peek(-1).end;
  }

  /** Returns the error of the next token. */
  unexpected(): TemplateError {
    const token = this.peek();
    return new TemplateError(unexpected(token.text), token);
  }
}

function nextToken(template: string, at: number): Token | undefined {
  TOKEN.lastIndex = at;
  const [, text, number, name, operator] = TOKEN.exec(template) ?? [];
  const content = text ?? number ?? name ?? operator;
  if (content === undefined) return undefined;
  const type = text ? 'text' : number ? 'number' : name ? 'name' : 'operator';
  const end = TOKEN.lastIndex;
  return { type, text: content, start: end - content.length, end };
}

/** A text may be a secret. */
const unexpected = (text: string) => `an unexpected ${/^["']/.test(text) ? 'text' : `"${text}"`}`;

/** Returns the error of an offset without a token, or with a closing bracket of another kind than the last open one. */
function errorAt(
  template: string,
  offset: number,
  opening: Pick<Token, 'text' | 'start' | 'end'>,
  end: string,
): TemplateError | typeof UNKNOWN {
  const closing = BRACKETS.get(opening.text) ?? end;
  const start = offset + template.slice(offset).search(/\S|$/);
  if (/^\$\{/.test(template.slice(start, start + 2))) return UNKNOWN;
  const character = String.fromCodePoint(template.codePointAt(start) ?? 0);
  const at = { start, end: start + character.length };
  // On another line, an end is missing rather than something wrong.
  if (start === template.length || template.slice(opening.end, start).includes('\n'))
    return new TemplateError(without(opening.text, closing), opening);
  if (/["']/.test(character)) return new TemplateError('a text without its closing quote', at);
  const isWrong = BRACKETS.has(opening.text) && /[)\]}]/.test(character);
  return isWrong
    ? new TemplateError(without(opening.text, closing), opening)
    : new TemplateError(unexpected(character), at);
}

const without = (opening: string, closing: string) => `"${opening}" without "${closing}"`;
