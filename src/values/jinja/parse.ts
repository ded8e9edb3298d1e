import { argumentsOf, DEEPEST, type Expression, expression, filters, listOf, or } from './expressions.ts';
import { TemplateError, type Token, Tokens, UNKNOWN } from './tokens.ts';

/** A statement, or an expression to print. */
export type Statement =
  | { readonly type: 'print' | 'do'; readonly value: Expression }
  | { readonly type: 'set'; readonly names: readonly string[]; readonly value: Expression }
  | { readonly type: 'if'; readonly branches: readonly (readonly [Expression | undefined, Statement[]])[] }
  | {
      readonly type: 'for';
      readonly names: readonly string[];
      readonly value: Expression;
      readonly condition: Expression | undefined;
      readonly body: readonly Statement[];
      /** The statements of `else`; undefined without one. */
      readonly otherwise: readonly Statement[] | undefined;
    };

/** A parsed template, or its error. */
export interface Parsed {
  /** Undefined for an invalid template, one with statements other than `if`, `for`, `set` and `do`, and a huge one. */
  readonly statements?: readonly Statement[];
  readonly error?: TemplateError;
}

/**
 * Parses a template from an offset. An expression that is not understood is of the type `other`.
 * Source: Jinja, src/jinja2/parser.py. The only extension that cloud-init enables is `do`.
 */
export function parseTemplate(template: string, from: number): Parsed {
  const blocks = new Blocks(template, from);
  try {
    const { statements } = blocks.until([]);
    return blocks.isUnderstood ? { statements } : {};
  } catch (error) {
    if (error instanceof TemplateError) return { error };
    if (error === UNKNOWN) return {};
    throw error;
  }
}

type Tag = Pick<Token, 'text' | 'start' | 'end'>;

class Blocks {
  /** Whether all statements are of the types above. */
  isUnderstood = true;
  readonly #template: string;
  #at: number;
  /** The tags of the blocks around a statement, with the tags that can follow them. */
  readonly #open: { readonly tag: Tag; readonly ends: readonly string[] }[] = [];

  constructor(template: string, from: number) {
    this.#template = template;
    this.#at = from;
  }

  /** Reads statements up to one of these tags, which belong to another, or without a tag to the end of the template. */
  until(
    ends: readonly string[],
    of?: Tag,
  ): { statements: Statement[]; tag: string; tokens: Tokens | undefined } {
    const statements: Statement[] = [];
    if (of) this.#open.push({ tag: of, ends });
    if (this.#open.length > DEEPEST) throw UNKNOWN;
    for (;;) {
      const opening = this.#next();
      if (!opening && of) throw unclosed(of, ends);
      if (!opening) return { statements, tag: '', tokens: undefined };
      if (opening === '{#') {
        this.#skip(/#\}/g, '"{#" without "#}"');
        continue;
      }
      const [raw] = opening === '{%' ? (this.#match(/[-+]?\s*raw\s*-?%\}/y) ?? []) : [];
      if (raw) {
        this.#skip(/\{%[-+]?\s*endraw\s*[-+]?%\}/g, '{% raw %} without {% endraw %}');
        continue;
      }
      const tokens = new Tokens(this.#template, this.#at, opening);
      this.#at = tokens.after;
      const tag = opening === '{{' ? undefined : tokens.take('name');
      if (tag && ends.includes(tag.text)) {
        this.#open.pop();
        return { statements, tag: tag.text, tokens };
      }
      const statement = tag ? this.#statement(tag, tokens) : whole(tokens, 'print');
      if (statement) statements.push(statement);
      else this.isUnderstood = false;
    }
  }

  /** Goes behind the next opening brackets. */
  #next(): '{{' | '{%' | '{#' | undefined {
    const [opening] = this.#match(/\{[{%#]/g) ?? [];
    return opening as '{{' | '{%' | '{#' | undefined;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#template) ?? undefined;
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #skip(end: RegExp, what: string): void {
    const start = this.#template.lastIndexOf('{', this.#at - 1);
    if (!this.#match(end)) throw new TemplateError(what, { start, end: start + 2 });
  }

  /** Reads a statement after the name of its tag. Returns undefined for one that is not understood. */
  #statement(tag: Token, tokens: Tokens): Statement | undefined {
    switch (tag.text) {
      case 'do':
        return whole(tokens, 'do');
      case 'if':
        return this.#if(tag, tokens);
      case 'for':
        return this.#for(tag, tokens);
      case 'set':
        return this.#set(tag, tokens);
      case 'print':
        if (!tokens.isEnd) listOf(tokens);
        break;
      case 'macro':
        tokens.take('name');
        signature(tokens);
        return this.#block(tag, tokens);
      case 'call':
        if (tokens.isNext('(')) signature(tokens);
        expression(tokens);
        return this.#block(tag, tokens);
      case 'filter':
        leadingFilters(tokens);
        return this.#block(tag, tokens);
      case 'with':
        while (!tokens.isEnd) {
          targets(tokens);
          tokens.take('operator', '=');
          expression(tokens);
          if (!tokens.is(',') && !tokens.isEnd) throw tokens.unexpected();
        }
        return this.#block(tag, tokens);
      case 'autoescape':
        expression(tokens);
        return this.#block(tag, tokens);
      case 'block': {
        const { text } = tokens.take('name');
        tokens.is('scoped');
        tokens.is('required');
        return this.#block(tag, tokens, text);
      }
      // These need other templates.
      case 'extends':
      case 'include':
      case 'import':
      case 'from':
        while (!tokens.isEnd) tokens.take();
        break;
      default:
        throw this.#wrongTag(tag);
    }
    end(tokens);
    return undefined;
  }

  /** Returns the error of a tag that begins no statement, and does not belong to the innermost block. */
  #wrongTag(tag: Token): TemplateError {
    const inner = this.#open.at(-1);
    if (inner && this.#open.some(({ ends }) => ends.includes(tag.text)))
      return unclosed(inner.tag, inner.ends);
    const isEnd = /^(end.*|else|elif)$/.test(tag.text);
    return new TemplateError(`${isEnd ? 'an unexpected' : 'the unknown tag'} {% ${tag.text} %}`, tag);
  }

  /** Reads the statements of a block that is not understood. */
  #block(tag: Token, tokens: Tokens, name?: string): undefined {
    this.#body(tag, tokens, [`end${tag.text}`], name);
  }

  /** Reads the statements of a block to one of its next tags. */
  #body(tag: Tag, tokens: Tokens, ends: readonly string[], name?: string) {
    tokens.is(':');
    end(tokens);
    const body = this.until(ends, tag);
    if (body.tokens && body.tag.startsWith('end')) {
      if (name) body.tokens.is(name);
      end(body.tokens);
    }
    return body;
  }

  #set(tag: Token, tokens: Tokens): Statement | undefined {
    const { names, isUnderstood } = targets(tokens);
    if (tokens.is('=')) {
      const set = whole(tokens, 'set');
      return isUnderstood ? { ...set, type: 'set', names } : undefined;
    }
    filters(tokens, BLOCK, 0);
    return this.#block(tag, tokens);
  }

  #for(tag: Token, tokens: Tokens): Statement | undefined {
    const { names, isUnderstood } = targets(tokens, 'in');
    if (!tokens.is('in')) throw tokens.unexpected();
    const value = listOf(tokens, or, 'recursive');
    const condition = tokens.is('if') ? expression(tokens) : undefined;
    const isRecursive = tokens.is('recursive');
    const { statements: body, tag: last, tokens: others } = this.#body(tag, tokens, ['else', 'endfor']);
    const otherwise = last === 'else' && others ? this.#body(tag, others, ['endfor']).statements : undefined;
    if (isRecursive || !isUnderstood) return undefined;
    return { type: 'for', names, value, condition, body, otherwise };
  }

  #if(tag: Token, first: Tokens): Statement {
    const branches: [Expression | undefined, Statement[]][] = [];
    let condition: Expression | undefined = listOf(first, or);
    let ends = ['elif', 'else', 'endif'];
    for (let rest = first; ; ) {
      const { statements, tag: last, tokens } = this.#body(tag, rest, ends);
      branches.push([condition, statements]);
      if (last === 'endif' || !tokens) return { type: 'if', branches };
      condition = last === 'elif' ? listOf(tokens, or) : undefined;
      if (last === 'else') ends = ['endif'];
      rest = tokens;
    }
  }
}

/** The text of a block, as an expression. */
const BLOCK = { type: 'other', start: 0, end: 0 } as const;

/** Reads filters without a `|` before the first one. */
function leadingFilters(tokens: Tokens): void {
  do {
    tokens.take('name');
    while (tokens.is('.')) tokens.take('name');
    if (tokens.isNext('(')) argumentsOf(tokens, 0);
  } while (tokens.is('|'));
}

function unclosed(tag: Tag, ends: readonly string[]): TemplateError {
  return new TemplateError(`{% ${tag.text} %} without {% ${ends.at(-1)} %}`, tag);
}

/** Reads the end of a tag. */
function end(tokens: Tokens): void {
  if (!tokens.isEnd) throw tokens.unexpected();
}

/** Reads the rest of a tag as one expression. */
function whole<T extends string>(tokens: Tokens, type: T): { readonly type: T; readonly value: Expression } {
  const { start } = tokens.peek();
  try {
    const value = listOf(tokens);
    end(tokens);
    return { type, value };
  } catch (error) {
    if (error !== UNKNOWN) throw error;
    return { type, value: { type: 'other', start, end: start } };
  }
}

/** Reads the names that get values; those of attributes, and names in brackets, are not understood. */
function targets(
  tokens: Tokens,
  ends?: string,
): { readonly names: string[]; readonly isUnderstood: boolean } {
  const names: string[] = [];
  let isUnderstood = true;
  do {
    if (names.length > 0 && ((ends && tokens.isNext(ends)) || tokens.isNext('=') || tokens.isNext(')')))
      break;
    if (tokens.is('(')) {
      isUnderstood = false;
      names.push(...targets(tokens).names);
      tokens.take('operator', ')');
    } else {
      names.push(tokens.take('name').text);
      if (tokens.is('.')) {
        isUnderstood = false;
        tokens.take('name');
      }
    }
  } while (tokens.is(','));
  return { names, isUnderstood };
}

/** Reads the parameters of a macro. */
function signature(tokens: Tokens): void {
  tokens.take('operator', '(');
  while (!tokens.is(')')) {
    tokens.take('name');
    if (tokens.is('=')) expression(tokens);
    if (tokens.isNext(',', ')') || (!tokens.is(',') && !tokens.isNext(')'))) throw tokens.unexpected();
  }
}
