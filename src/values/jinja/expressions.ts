import { TemplateError, type Tokens, UNKNOWN } from './tokens.ts';

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

/** The most brackets around an expression, and blocks around a statement: a deeper one is not understood. */
export const DEEPEST = 50;

type Read = (tokens: Tokens, depth: number) => Expression;

/**
 * Reads one expression, or several with commas between them as a list; the last one may have a comma, too. `ends` is the word
 * after it. Source: Jinja, src/jinja2/parser.py (parse_tuple).
 */
export function listOf(tokens: Tokens, read: Read = expression, ends?: string): Expression {
  const first = read(tokens, 0);
  const parts = [first];
  while (tokens.is(',') && !tokens.isEnd && !(ends && tokens.isNext(ends))) parts.push(read(tokens, 0));
  return parts.length === 1 ? first : { type: 'list', parts, start: first.start, end: tokens.end };
}

/** Reads an expression, also one with a condition: `a if b else c`. */
export function expression(tokens: Tokens, depth = 0): Expression {
  if (depth > DEEPEST) throw UNKNOWN;
  let value = or(tokens, depth);
  while (tokens.is('if')) {
    const parts = [or(tokens, depth), value];
    if (tokens.is('else')) parts.push(expression(tokens, depth + 1));
    value = { type: 'if', parts, start: value.start, end: tokens.end };
  }
  return value;
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
      // Python compares `a == b == c` in pairs.
      const chained = !type && operators.includes('==') && operators.includes(left.type);
      const own = chained ? 'calculation' : (type ?? (operator as Operation));
      left = { type: own, parts, start: left.start, end: tokens.end };
    }
  };
}

// The precedence of calculations is of no consequence: no result is known.
const calculation = operations(['+', '-', '*', '/', '//', '%', '**'], unary, 'calculation');
const joined = operations(['~'], calculation);
const ordered = operations(['<', '<=', '>', '>='], joined, 'calculation');
const comparison = operations(['==', '!=', 'in', 'not in'], ordered);
const and = operations(['and'], not);
/** Reads an expression without a condition. */
export const or = operations(['or'], and);

function not(tokens: Tokens, depth: number): Expression {
  const { start } = tokens.peek();
  if (depth > DEEPEST) throw UNKNOWN;
  if (!tokens.is('not')) return comparison(tokens, depth);
  return { type: 'not', parts: [not(tokens, depth + 1)], start, end: tokens.end };
}

function unary(tokens: Tokens, depth: number): Expression {
  const { start } = tokens.peek();
  if (depth > DEEPEST) throw UNKNOWN;
  if (!tokens.is('-') && !tokens.is('+'))
    return filtered(tokens, postfix(tokens, primary(tokens, depth), depth), depth);
  return { type: 'calculation', parts: [unary(tokens, depth + 1)], start, end: tokens.end };
}

const CONSTANTS: Readonly<Record<string, unknown>> = {
  ...{ true: true, True: true, false: false, False: false, none: null, None: null },
};

function primary(tokens: Tokens, depth: number): Expression {
  const { start, end, text, type } = tokens.peek();
  const isOpening = type === 'operator' && (text === '(' || text === '[' || text === '{');
  if (type === 'operator' && !isOpening) throw tokens.unexpected();
  tokens.take();
  const constant = (value: unknown): Expression => ({ type: 'constant', value, start, end: tokens.end });
  if (type === 'text') {
    let value = unquoted(text);
    while (tokens.peek().type === 'text') value += unquoted(tokens.take().text);
    // Such as \n: only quotes and backslashes are understood.
    return value.includes(ESCAPE) ? { type: 'other', start, end: tokens.end } : constant(value);
  }
  if (type === 'number') return constant(Number(text.replaceAll('_', '')));
  if (type === 'name')
    return Object.hasOwn(CONSTANTS, text) ? constant(CONSTANTS[text]) : { type: 'name', start, end };
  if (text === '{') return map(tokens, start, depth);
  const isRound = text === '(';
  const parts = items(tokens, isRound ? ')' : ']', depth);
  const [only] = parts;
  if (isRound && only && parts.length === 1) return only;
  return { type: 'list', parts, start, end: tokens.end };
}

/** The place of an escape that is not understood. */
const ESCAPE = '\0';
const unquoted = (text: string) =>
  text.slice(1, -1).replace(/\\(.)/gs, (_, one) => (/["'\\]/.test(one) ? one : ESCAPE));

/** Reads a map after its bracket. Only an empty one is understood. */
function map(tokens: Tokens, start: number, depth: number): Expression {
  if (tokens.is('}')) return { type: 'constant', value: {}, start, end: tokens.end };
  while (!tokens.is('}')) {
    expression(tokens, depth + 1);
    tokens.take('operator', ':');
    expression(tokens, depth + 1);
    if (!tokens.is(',') && !tokens.isNext('}')) throw tokens.unexpected();
  }
  return { type: 'other', start, end: tokens.end };
}

/** Reads the keys and calls after a value. */
function postfix(tokens: Tokens, first: Expression, depth: number): Expression {
  const { start } = first;
  let of = first;
  for (;;) {
    if (tokens.is('.')) {
      const { type } = tokens.peek();
      if (type !== 'name' && type !== 'number') throw tokens.unexpected();
      const { text, ...at } = tokens.take();
      const key = { ...at, type: 'constant', value: type === 'name' ? text : Number(text) } as const;
      of = { type: 'get', of, key, start, end: tokens.end };
    } else if (tokens.is('[')) {
      const key = subscript(tokens, depth);
      const at = { start, end: tokens.end };
      of = key ? { type: 'get', of, key, ...at } : { type: 'other', ...at };
    } else if (tokens.isNext('(')) {
      const args = argumentsOf(tokens, depth);
      of = { type: 'call', name: '', of, args, start, end: tokens.end };
    } else return of;
  }
}

/** Reads what is in the brackets after a value. Returns the key; undefined for a slice, and for several keys. */
function subscript(tokens: Tokens, depth: number): Expression | undefined {
  const keys: (Expression | undefined)[] = [];
  while (!tokens.is(']')) {
    keys.push(keyOrSlice(tokens, depth));
    if (tokens.isNext(',', ']') || (!tokens.is(',') && !tokens.isNext(']'))) throw tokens.unexpected();
  }
  return keys.length === 1 ? keys[0] : undefined;
}

function keyOrSlice(tokens: Tokens, depth: number): Expression | undefined {
  if (!tokens.isNext(':')) {
    const key = expression(tokens, depth + 1);
    if (!tokens.isNext(':')) return key;
  }
  for (let colons = 0; colons < 2 && tokens.is(':'); colons += 1)
    if (![':', ',', ']'].some((text) => tokens.isNext(text))) expression(tokens, depth + 1);
  return undefined;
}

/** Reads the filters, tests and calls after a value with its keys. */
function filtered(tokens: Tokens, first: Expression, depth: number): Expression {
  const { start } = first;
  let of = first;
  for (;;) {
    if (tokens.isNext('|')) of = filters(tokens, of, depth);
    else if (tokens.is('is')) {
      const isNot = tokens.is('not');
      const name = known(tokens, 'test', TESTS);
      const args = testArguments(tokens, depth);
      of = { type: 'test', name, of, args, start, end: tokens.end };
      if (isNot) of = { type: 'not', parts: [of], start, end: tokens.end };
    } else if (tokens.isNext('(')) {
      of = { type: 'call', name: '', of, args: argumentsOf(tokens, depth), start, end: tokens.end };
    } else return of;
  }
}

/** Reads filters with a `|` before each. */
export function filters(tokens: Tokens, first: Expression, depth: number): Expression {
  let of = first;
  while (tokens.is('|')) {
    const name = known(tokens, 'filter', FILTERS);
    const args = tokens.isNext('(') ? argumentsOf(tokens, depth) : [];
    of = { type: 'filter', name, of, args, start: first.start, end: tokens.end };
  }
  return of;
}

/**
 * The filters and tests of Jinja, to which cloud-init adds none. Sources: Jinja, src/jinja2/filters.py (FILTERS), tests.py (TESTS);
 * cloud-init, cloudinit/templater.py.
 */
const FILTERS = new Set(
  (
    'abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape format groupby ' +
    'indent int items join last length list lower map max min pprint random reject rejectattr replace reverse round safe select ' +
    'selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode urlize wordcount wordwrap xmlattr'
  ).split(' '),
);
const TESTS = new Set(
  (
    'boolean callable defined divisibleby eq equalto escaped even false filter float ge greaterthan gt in integer iterable le ' +
    'lessthan lower lt mapping ne none number odd sameas sequence string test true undefined upper'
  ).split(' '),
);

/** Reads the name of a filter or test. Throws a TemplateError if Jinja has none of that name. */
function known(tokens: Tokens, what: string, names: ReadonlySet<string>): string {
  const { text, start } = tokens.take('name');
  let name = text;
  while (tokens.is('.')) name += `.${tokens.take('name').text}`;
  if (!names.has(name)) throw new TemplateError(`the unknown ${what} ${name}`, { start, end: tokens.end });
  return name;
}

/** Reads the argument of a test, with or without brackets. */
function testArguments(tokens: Tokens, depth: number): Expression[] {
  if (tokens.isNext('(')) return argumentsOf(tokens, depth);
  const { type, text } = tokens.peek();
  const isArgument =
    type === 'operator'
      ? /^[[{]$/.test(text)
      : type !== 'end' && !(type === 'name' && /^(else|or|and)$/.test(text));
  if (!isArgument) return [];
  if (tokens.isNext('is')) throw tokens.unexpected();
  return [postfix(tokens, primary(tokens, depth + 1), depth)];
}

/** Reads the arguments of a call with their brackets. */
export function argumentsOf(tokens: Tokens, depth: number): Expression[] {
  const found: Expression[] = [];
  tokens.take('operator', '(');
  while (!tokens.is(')')) {
    if (!tokens.is('*') && !tokens.is('**') && tokens.peek().type === 'name' && tokens.peek(1).text === '=') {
      tokens.take();
      tokens.take();
    }
    found.push(expression(tokens, depth + 1));
    if (!tokens.is(',') && !tokens.isNext(')')) throw tokens.unexpected();
  }
  return found;
}

/** Reads expressions up to a closing bracket. */
function items(tokens: Tokens, closing: string, depth: number): Expression[] {
  const found: Expression[] = [];
  while (!tokens.is(closing)) {
    found.push(expression(tokens, depth + 1));
    if (!tokens.is(',') && !tokens.isNext(closing)) throw tokens.unexpected();
  }
  return found;
}
