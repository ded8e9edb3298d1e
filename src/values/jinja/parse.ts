import { Tokens, UNKNOWN } from './tokens.ts';

/** An expression of a template; `start` and `end` are its offsets in the template. */
export type Expression = { readonly start: number; readonly end: number } & (
  | { readonly type: 'constant'; readonly value: unknown }
  | { readonly type: 'name' | 'other' }
  | { readonly type: 'get'; readonly of: Expression; readonly key: Expression }
  /** The parts of `and`, `or` and `not`, of `a if b else c`, of a list, of a comparison, and of calculations. */
  | {
      readonly type:
        | 'and'
        | 'or'
        | 'not'
        | 'if'
        | 'list'
        | '=='
        | '!='
        | 'in'
        | 'not in'
        | '~'
        | 'calculation';
      readonly parts: readonly Expression[];
    }
  | {
      readonly type: 'call' | 'filter' | 'test';
      readonly name: string;
      readonly of: Expression;
      readonly args: readonly Expression[];
    }
);

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
      readonly otherwise: readonly Statement[];
    };

/**
 * Parses a template from an offset. Returns undefined for a template with statements other than `if`, `for`, `set` and `do`, and
 * for an invalid one. An expression that is not understood is of the type `other`. Source: Jinja, src/jinja2/parser.py.
 */
export function parseTemplate(template: string, from: number): readonly Statement[] | undefined {
  try {
    return new Blocks(template, from).until([]).statements;
  } catch (error) {
    if (error === UNKNOWN) return undefined;
    throw error;
  }
}

/** The most brackets around an expression, and blocks around a statement: a deeper one is not understood. */
const DEEPEST = 50;

class Blocks {
  readonly #template: string;
  #at: number;
  #depth = -1;

  constructor(template: string, from: number) {
    this.#template = template;
    this.#at = from;
  }

  /** Reads statements up to one of these tags, or without a tag to the end of the template. */
  until(ends: readonly string[]): { statements: Statement[]; tag: string; tokens: Tokens | undefined } {
    const statements: Statement[] = [];
    this.#depth += 1;
    for (;;) {
      const start = this.#template.slice(this.#at).search(/\{[{%#]/);
      if (this.#depth > DEEPEST || (start < 0 && ends.length > 0)) throw UNKNOWN;
      if (start < 0) return { statements, tag: '', tokens: undefined };
      this.#at += start + 2;
      const opening = this.#template.charAt(this.#at - 1);
      if (opening === '#') {
        this.#skip(/#\}/g);
        continue;
      }
      const tokens = new Tokens(this.#template, this.#at);
      this.#at = tokens.after;
      const tag = opening === '{' ? 'print' : tokens.take('name').text;
      if (ends.includes(tag)) {
        this.#depth -= 1;
        return { statements, tag, tokens };
      }
      if (tag === 'raw') this.#skip(/\{%[-+]?\s*endraw\s*[-+]?%\}/g);
      else statements.push(this.#statement(tag, tokens));
    }
  }

  #skip(end: RegExp): void {
    end.lastIndex = this.#at;
    if (!end.test(this.#template)) throw UNKNOWN;
    this.#at = end.lastIndex;
  }

  #statement(tag: string, tokens: Tokens): Statement {
    if (tag === 'print' || tag === 'do') return { type: tag, value: wholeOf(tokens) };
    if (tag === 'if') return this.#if(tokens);
    const names = namesOf(tokens);
    if (tag === 'set' && tokens.is('=')) return { type: 'set', names, value: wholeOf(tokens) };
    if (tag !== 'for' || !tokens.is('in')) throw UNKNOWN;
    const value = listOf(tokens, or);
    const condition = tokens.is('if') ? expression(tokens, 0) : undefined;
    if (tokens.peek().type !== 'end') throw UNKNOWN;
    const { statements: body, tag: end } = this.until(['else', 'endfor']);
    const otherwise = end === 'else' ? this.until(['endfor']).statements : [];
    return { type: 'for', names, value, condition, body, otherwise };
  }

  #if(first: Tokens): Statement {
    const branches: [Expression | undefined, Statement[]][] = [];
    let condition: Expression | undefined = wholeOf(first);
    for (;;) {
      const { statements, tag, tokens } = this.until(['elif', 'else', 'endif']);
      branches.push([condition, statements]);
      if (tag === 'endif') return { type: 'if', branches };
      condition = tag === 'elif' && tokens ? wholeOf(tokens) : undefined;
    }
  }
}

function namesOf(tokens: Tokens): string[] {
  const names: string[] = [];
  do names.push(tokens.take('name').text);
  while (tokens.is(','));
  return names;
}

/** Returns the rest of a tag as one expression. */
function wholeOf(tokens: Tokens): Expression {
  const { start } = tokens.peek();
  try {
    const value = listOf(tokens, expression);
    if (tokens.peek().type === 'end') return value;
  } catch (error) {
    if (error !== UNKNOWN) throw error;
  }
  return { type: 'other', start, end: start };
}

type Read = (tokens: Tokens, depth: number) => Expression;

/** Reads one expression, or several with commas between them as a list. */
function listOf(tokens: Tokens, read: Read): Expression {
  const first = read(tokens, 0);
  const parts = [first];
  while (tokens.is(',')) parts.push(read(tokens, 0));
  return parts.length === 1 ? first : { type: 'list', parts, start: first.start, end: tokens.end };
}

function expression(tokens: Tokens, depth: number): Expression {
  if (depth > DEEPEST) throw UNKNOWN;
  const value = or(tokens, depth);
  if (!tokens.is('if')) return value;
  const parts = [or(tokens, depth), value];
  if (tokens.is('else')) parts.push(expression(tokens, depth + 1));
  return { type: 'if', parts, start: value.start, end: tokens.end };
}

type Operation = Extract<Expression, { readonly parts: unknown }>['type'];

/** Returns a reader of operations that have the same precedence; their type is the operator, or `type`. */
function operations(operators: readonly string[], read: Read, type?: Operation): Read {
  return (tokens, depth) => {
    let left = read(tokens, depth);
    for (;;) {
      const operator = operators.find((one) => tokens.is(...one.split(' ')));
      if (operator === undefined) return left;
      const parts = [left, read(tokens, depth)];
      left = { type: type ?? (operator as Operation), parts, start: left.start, end: tokens.end };
    }
  };
}

// The precedence of calculations is of no consequence: no result is known.
const calculation = operations(['+', '-', '*', '/', '//', '%', '**'], unary, 'calculation');
const joined = operations(['~'], calculation);
const ordered = operations(['<', '<=', '>', '>='], joined, 'calculation');
const comparison = operations(['==', '!=', 'in', 'not in'], ordered);
const and = operations(['and'], not);
const or = operations(['or'], and);

function not(tokens: Tokens, depth: number): Expression {
  const { start } = tokens.peek();
  if (!tokens.is('not')) return comparison(tokens, depth);
  return { type: 'not', parts: [not(tokens, depth)], start, end: tokens.end };
}

function unary(tokens: Tokens, depth: number): Expression {
  const { start } = tokens.peek();
  if (!tokens.is('-') && !tokens.is('+')) return postfix(tokens, primary(tokens, depth), depth);
  return { type: 'calculation', parts: [unary(tokens, depth)], start, end: tokens.end };
}

const CONSTANTS: Readonly<Record<string, unknown>> = {
  ...{ true: true, True: true, false: false, False: false, none: null, None: null },
};

function primary(tokens: Tokens, depth: number): Expression {
  const { start, end, text, type } = tokens.take();
  const constant = (value: unknown): Expression => ({ type: 'constant', value, start, end });
  if (type === 'text') return constant(text.slice(1, -1).replace(/\\(.)/gs, '$1'));
  if (type === 'number') return constant(Number(text.replaceAll('_', '')));
  if (type === 'name')
    return Object.hasOwn(CONSTANTS, text) ? constant(CONSTANTS[text]) : { type: 'name', start, end };
  if (text === '(' || text === '[') {
    const parts = items(tokens, text === '(' ? ')' : ']', depth);
    const [only] = parts;
    if (text === '(' && only && parts.length === 1) return only;
    return { type: 'list', parts, start, end: tokens.end };
  }
  if (text !== '{') throw UNKNOWN;
  if (tokens.is('}')) return { type: 'constant', value: {}, start, end: tokens.end };
  for (let open = 1; open > 0; ) {
    const { text: bracket, type } = tokens.take();
    if (type === 'operator') open += bracket === '{' ? 1 : bracket === '}' ? -1 : 0;
  }
  return { type: 'other', start, end: tokens.end };
}

function postfix(tokens: Tokens, first: Expression, depth: number): Expression {
  const { start } = first;
  let of = first;
  const args = () => (tokens.is('(') ? items(tokens, ')', depth) : []);
  for (;;) {
    if (tokens.is('.')) {
      const { text, type, ...at } = tokens.take();
      if (type !== 'name' && type !== 'number') throw UNKNOWN;
      const key = { type: 'constant', value: type === 'name' ? text : Number(text), ...at } as const;
      of = { type: 'get', of, key, start, end: tokens.end };
    } else if (tokens.is('[')) {
      const [key, ...others] = items(tokens, ']', depth);
      if (!key || others.length > 0) throw UNKNOWN;
      of = { type: 'get', of, key, start, end: tokens.end };
    } else if (tokens.peek().text === '(' && tokens.peek().type === 'operator') {
      of = { type: 'call', name: '', of, args: args(), start, end: tokens.end };
    } else if (tokens.is('|')) {
      of = { type: 'filter', name: tokens.take('name').text, of, args: args(), start, end: tokens.end };
    } else if (tokens.is('is')) {
      const isNot = tokens.is('not');
      of = { type: 'test', name: tokens.take('name').text, of, args: args(), start, end: tokens.end };
      if (isNot) of = { type: 'not', parts: [of], start, end: tokens.end };
    } else return of;
  }
}

/** Reads expressions, or named arguments, up to a closing bracket. */
function items(tokens: Tokens, closing: string, depth: number): Expression[] {
  const found: Expression[] = [];
  while (!tokens.is(closing)) {
    if (tokens.peek().type === 'name' && tokens.peek(1).text === '=') {
      tokens.take();
      tokens.take();
    }
    found.push(expression(tokens, depth + 1));
    if (!tokens.is(',') && tokens.peek().text !== closing) throw UNKNOWN;
  }
  return found;
}
