import type { Expression } from './expressions.ts';
import type { Statement } from './parse.ts';

/** A value that exists, but is not known before the template runs. */
export const EXISTS = Symbol('exists');

/** A value that may not exist. */
export const UNCLEAR = Symbol('unclear');

/** A name in a template that has no value; `start` and `end` are its offsets in the template. */
export interface MissingName {
  readonly start: number;
  readonly end: number;
  /** The last part of the name, and the names that have a value there. */
  readonly key: string | number;
  readonly among: readonly string[];
  /** Whether Jinja stops there, prints something else, or omits a list or loop. */
  readonly effect: Effect;
  /** Whether a condition decides about it whose value is not known before the template runs. */
  readonly isConditional: boolean;
}

type Effect = 'stops' | 'marks' | 'omits';

/** An expression without a value, which is an error only where a value is needed. */
class Missing {
  readonly at: Expression;
  readonly key: string | number;
  readonly among: readonly string[];
  /** Whether it is an empty list or text, which a filter made of a missing value. */
  readonly isEmpty: boolean;

  constructor(at: Expression, key: string | number, among: readonly string[], isEmpty = false) {
    this.at = at;
    this.key = key;
    this.among = among;
    this.isEmpty = isEmpty;
  }
}

/** Names that are always there. Source: Jinja, src/jinja2/defaults.py (DEFAULT_NAMESPACE), runtime.py (LoopContext). */
const GLOBALS = ['range', 'dict', 'lipsum', 'cycler', 'joiner', 'namespace', 'self', 'loop'];

/** Filters that make an empty list or text of a missing value. */
const OF_LISTS = ['list', 'join', 'sort'];

/** Other filters that treat a missing value as an empty list. */
const OF_NOTHING = ['length', 'count', 'first', 'last', 'map', 'select', 'reject', 'sum'];

/** Filters that stop at a missing value. */
const OF_NUMBERS = ['abs', 'float', 'int', 'round'];

/** Methods that change a list or a map. */
const CHANGES = [
  'append',
  'clear',
  'extend',
  'insert',
  'pop',
  'remove',
  'reverse',
  'setdefault',
  'sort',
  'update',
];

/** Nested loops can repeat any number of times. */
const MOST_STEPS = 20_000;

type Values = Map<string, unknown>;

/**
 * Runs a template with variables, whose values may be EXISTS or UNCLEAR. Returns the names without a value that it needs, each
 * once per location. Below a condition or loop that is not understood, it reports none.
 * Source: Jinja, src/jinja2/environment.py (getattr, getitem), runtime.py (Undefined).
 */
export function missingNames(
  template: string,
  statements: readonly Statement[],
  variables: Readonly<Record<string, unknown>>,
): readonly MissingName[] {
  const run = new Run(template);
  const globals = GLOBALS.map((name) => [name, UNCLEAR] as const);
  run.all(statements, new Map<string, unknown>([...globals, ...Object.entries(variables)]));
  return [...run.found.values()];
}

type Applied = Extract<Expression, { readonly name: string }>;

class Run {
  readonly found = new Map<number, MissingName>();
  readonly #template: string;
  /** Whether the statements may not run: for a value that may not exist, or for one that is not known. */
  #isQuiet = false;
  #isConditional = false;
  #steps = 0;

  constructor(template: string) {
    this.#template = template;
  }

  all(statements: readonly Statement[], values: Values): void {
    for (const statement of statements) {
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) return;
      if (statement.type === 'if') this.#if(statement.branches, values);
      else if (statement.type === 'for') this.#for(statement, values);
      else {
        const value = this.#value(statement.value, values);
        if (statement.type === 'print') this.#need(value, 'marks');
        if (statement.type === 'set') bind(statement.names, value, values);
      }
    }
  }

  /** Runs something that may not run, depending on a value. */
  #below(value: unknown, what: () => void): void {
    const [wasQuiet, wasConditional] = [this.#isQuiet, this.#isConditional];
    this.#isQuiet ||= value === UNCLEAR;
    this.#isConditional ||= value === EXISTS;
    what();
    this.#isQuiet = wasQuiet;
    this.#isConditional = wasConditional;
  }

  #if([first, ...others]: (Statement & { type: 'if' })['branches'], values: Values): void {
    if (!first) return;
    const [condition, body] = first;
    const is = condition ? truthOf(this.#value(condition, values)) : true;
    if (is === true) this.all(body, values);
    else if (is === false) this.#if(others, values);
    else
      this.#below(is, () => {
        // One of the branches runs: it is unclear what is set afterwards.
        const [inner, rest] = [new Map(values), new Map(values)];
        this.all(body, inner);
        this.#if(others, rest);
        for (const [name, value] of [...inner, ...rest])
          if (values.get(name) !== value) values.set(name, UNCLEAR);
      });
  }

  #for(loop: Statement & { type: 'for' }, values: Values): void {
    const value = this.#value(loop.value, values);
    const items = itemsOf(value);
    if (!loop.otherwise) this.#need(value, 'omits');
    if (items?.length === 0) this.all(loop.otherwise ?? [], new Map(values));
    for (const item of items ?? [UNCLEAR]) {
      const inner = new Map(values);
      bind(loop.names, item, inner);
      this.#below(value, () => this.#if([[loop.condition, [...loop.body]]], inner));
      // The body may have changed a list or a map from outside.
      for (const name of values.keys())
        if (inner.get(name) === UNCLEAR && !loop.names.includes(name)) values.set(name, UNCLEAR);
    }
  }

  /** Reports an expression without a value, where one is needed. */
  #need(value: unknown, how: Effect): void {
    if (!(value instanceof Missing) || this.#isQuiet) return;
    const { at, key, among, isEmpty } = value;
    const effect = isEmpty ? 'omits' : how;
    const isConditional = this.#isConditional && this.found.get(at.start)?.isConditional !== false;
    this.found.set(at.start, { start: at.start, end: at.end, key, among, effect, isConditional });
  }

  #value(expression: Expression, values: Values): unknown {
    switch (expression.type) {
      case 'constant':
        return expression.value;
      case 'name': {
        const name = this.#template.slice(expression.start, expression.end);
        return values.has(name) ? values.get(name) : new Missing(expression, name, [...values.keys()]);
      }
      case 'get':
        return this.#get(expression, values);
      case 'call':
        return this.#call(expression, values);
      case 'filter':
        return this.#filter(expression, values);
      case 'test':
        return test(expression.name, this.#value(expression.of, values));
      case 'other':
        return UNCLEAR;
      default:
        return this.#operation(expression, values);
    }
  }

  #get(expression: Expression & { type: 'get' }, values: Values): unknown {
    const of = this.#value(expression.of, values);
    const key = this.#value(expression.key, values);
    this.#need(of, 'stops');
    if (of instanceof Missing || typeof of === 'symbol') return UNCLEAR;
    if (typeof key !== 'string' && typeof key !== 'number') return UNCLEAR;
    if (typeof of === 'string' && typeof key === 'number') return EXISTS;
    if (Array.isArray(of)) {
      const index = typeof key === 'number' && key < 0 ? of.length + key : key;
      return typeof index === 'number' && index in of ? of[index] : new Missing(expression, key, []);
    }
    const map = (typeof of === 'object' && of) || {};
    return Object.hasOwn(map, key)
      ? (map as Readonly<Record<string, unknown>>)[key]
      : new Missing(expression, key, Object.keys(map));
  }

  /** Returns the result of a call. Only the methods of maps are known; any value has methods. */
  #call({ of, args }: Applied, values: Values): unknown {
    const holder = this.#value(of.type === 'get' ? of.of : of, values);
    const [name, instead = null] = args.map((one) => this.#value(one, values));
    this.#need(holder, 'stops');
    const method = of.type === 'get' && of.key.type === 'constant' ? of.key.value : undefined;
    if (typeof method === 'string' && CHANGES.includes(method)) {
      let root = of;
      while (root.type === 'get') root = root.of;
      if (root.type === 'name') values.set(this.#template.slice(root.start, root.end), UNCLEAR);
      return UNCLEAR;
    }
    if (typeof holder !== 'object' || holder === null || holder instanceof Missing || Array.isArray(holder))
      return UNCLEAR;
    if (method === 'keys') return Object.keys(holder);
    if (method === 'values') return Object.values(holder);
    if (method === 'items') return Object.entries(holder);
    if (method !== 'get' || typeof name !== 'string') return UNCLEAR;
    return Object.hasOwn(holder, name) ? (holder as Readonly<Record<string, unknown>>)[name] : instead;
  }

  #filter({ of, name, args }: Applied, values: Values): unknown {
    const value = this.#value(of, values);
    const [instead = '', alsoForFalse] = args.map((one) => this.#value(one, values));
    if (name === 'default' || name === 'd')
      return (value instanceof Missing && !value.isEmpty) ||
        (alsoForFalse === true && truthOf(value) === false)
        ? instead
        : value;
    if (value instanceof Missing && OF_LISTS.includes(name))
      return new Missing(value.at, value.key, value.among, true);
    if (value instanceof Missing && OF_NOTHING.includes(name)) return UNCLEAR;
    this.#need(value, OF_NUMBERS.includes(name) ? 'stops' : 'marks');
    return value === EXISTS ? EXISTS : UNCLEAR;
  }

  #operation({ type, parts }: Expression & { parts: readonly Expression[] }, values: Values): unknown {
    if (type === 'list') return parts.map((one) => this.#value(one, values));
    const [first, ...others] = parts;
    const left = first && this.#value(first, values);
    const is = truthOf(left);
    if (type === 'not') return typeof is === 'boolean' ? !is : is;
    if (type === 'and' || type === 'or' || type === 'if') {
      // Only the part that is used is evaluated.
      if (type !== 'if' && is === (type === 'or')) return left;
      if (type === 'if' && is === false) others.shift();
      else if (type === 'if' && is === true) others.splice(1);
      const found: unknown[] = [];
      this.#below(is, () => found.push(...others.map((one) => this.#value(one, values))));
      if (typeof is === 'boolean') return others.length > 0 ? found[0] : UNCLEAR;
      const right = truthOf(found[0]);
      if (type === 'if' || right === UNCLEAR) return UNCLEAR;
      return right === (type === 'or') ? right : is;
    }
    const all = [left, ...others.map((one) => this.#value(one, values))];
    if (type === '==' || type === '!=') return inverted(equal(all[0], all[1]), type === '!=');
    if (type === 'in' || type === 'not in') return inverted(contains(all[0], all[1]), type === 'not in');
    for (const one of all) this.#need(one, type === 'calculation' ? 'stops' : 'marks');
    return unknown(all);
  }
}

function bind(names: readonly string[], value: unknown, values: Values): void {
  for (const [index, name] of names.entries()) {
    const part = Array.isArray(value) ? value[index] : UNCLEAR;
    values.set(name, names.length === 1 ? value : part);
  }
}

/** Whether a value is true in Python; EXISTS or UNCLEAR if that is not known. */
type Truth = boolean | typeof EXISTS | typeof UNCLEAR;

function inverted(is: Truth, isInverted: boolean): Truth {
  return typeof is === 'boolean' ? is !== isInverted : is;
}

function truthOf(value: unknown): Truth {
  if (value === EXISTS || value === UNCLEAR) return value;
  if (value instanceof Missing) return false;
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** Returns the items that a loop over a value has, or undefined if they are not known. */
function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (value instanceof Missing) return [];
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.keys(value) : undefined;
}

/** Returns the result of an operation that is not calculated here: only the machine knows it, or it is unclear. */
function unknown(values: readonly unknown[]): typeof EXISTS | typeof UNCLEAR {
  return values.includes(EXISTS) && !values.includes(UNCLEAR) ? EXISTS : UNCLEAR;
}

/** Whether two values are equal. A text with a secret is not known yet, and true is 1 in Python. */
function equal(left: unknown, right: unknown): Truth {
  if (
    typeof left === 'boolean'
      ? typeof right === 'number'
      : typeof left === 'number' && typeof right === 'boolean'
  )
    return UNCLEAR;
  const isKnown = [left, right].every((value) => {
    if (typeof value === 'string') return !value.includes('${secret:');
    if (value instanceof Missing) return !value.isEmpty;
    return value === null || typeof value === 'number' || typeof value === 'boolean';
  });
  return isKnown ? left === right : unknown([left, right]);
}

function contains(item: unknown, list: unknown): Truth {
  const all = itemsOf(list)?.map((one) => equal(item, one));
  if (!all) return unknown([item, list]);
  return all.includes(true) || (all.find((one) => typeof one !== 'boolean') ?? false);
}

function test(name: string, value: unknown): Truth {
  const isMissing = value instanceof Missing && !value.isEmpty;
  if (name === 'defined' && value !== UNCLEAR) return !isMissing;
  if (name === 'undefined' && value !== UNCLEAR) return isMissing;
  return name === 'none' && typeof value !== 'symbol' ? value === null : UNCLEAR;
}
