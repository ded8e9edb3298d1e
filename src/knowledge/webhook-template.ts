/** The names that webhook templates may use. Source: getWebhookContext of the installer, every release from v1.1.0 on. */
export const WEBHOOK_NAMES: readonly string[] = ['Hostname', 'MACAddr', 'IPAddrV4', 'IPAddrV6'];

/** A name that is unknown to the installer, or the reason why the template is invalid, as a clause. */
export type WebhookTemplateError = { readonly unknown: string } | { readonly unreadable: string };

/** The fewest and most arguments of functions. Source: `builtins` in text/template/funcs.go of Go. */
const FUNCTIONS = new Map<string, readonly [least: number, most: number]>([
  ...['print', 'println', 'html', 'js', 'urlquery'].map((name) => [name, [0, Infinity]] as const),
  ...['and', 'or', 'index', 'printf'].map((name) => [name, [1, Infinity]] as const),
  ...['not', 'len'].map((name) => [name, [1, 1]] as const),
  ...['ne', 'lt', 'le', 'gt', 'ge'].map((name) => [name, [2, 2]] as const),
  ['slice', [1, 4]],
  ['eq', [2, Infinity]],
  // No value of a webhook template can be called.
  ['call', [Infinity, Infinity]],
]);

const SPACE = '[ \\t\\r\\n]';
const NAME = '[\\p{L}_][\\p{L}\\p{Nd}_]*';
const VARIABLE = '\\$[\\p{L}\\p{Nd}_]*';
const ESCAPED = '\\\\(?:[abfnrtv\\\\]|[0-3][0-7]{2}|x[\\da-fA-F]{2}|u[\\da-fA-F]{4}|U00[01][\\da-fA-F]{5})';
const NUMBER =
  '[+-]?(?:(?:\\d+\\.\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|\\d+[eE][+-]?\\d+|0[xX][\\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][\\d_]*)';

/** A token of an action, after its space. Source: text/template/parse/lex.go of Go. */
const TOKEN = new RegExp(
  [
    `(?<close>${SPACE}+-\\}\\}|${SPACE}*\\}\\})|${SPACE}*(?:`,
    `(?<quoted>"(?:[^"\\\\\\n]|\\\\"|${ESCAPED})*"|\`[^\`]*\`)|`,
    `(?<literal>${NUMBER}(?![\\p{L}\\p{Nd}_.])|'(?:[^'\\\\\\n]|\\\\'|${ESCAPED})')|`,
    `(?<variable>${VARIABLE})|(?<field>\\.${NAME})|(?<word>${NAME})|(?<mark>\\.|:=|[=|(),]))`,
  ].join(''),
  'uy',
);
const DECLARATION = new RegExp(`(${VARIABLE})${SPACE}*(?:,${SPACE}*(${VARIABLE})${SPACE}*)?(:=|=)`, 'uy');
/** The text after {{: a comment up to its end or without one, or the mark that trims the space before it. */
const BEGINNING = new RegExp(
  `(?:-${SPACE})?(?<comment>/\\*)(?:(?:(?!\\*/)[\\s\\S])*\\*/(?<end>(?:${SPACE}-)?\\}\\}))?|(?:-(?=${SPACE}))?`,
  'y',
);
/** The beginning of text without a token. */
const WRONG = /[ \t\r\n]*((?:(?!\}\})[^ \t\r\n]){1,20})/uy;
/** A quoted text that does not end. */
const UNCLOSED = /[ \t\r\n]*(?:"(?:\\.|[^"\\\n])*(?:\n|$)|`[^`]*$)/y;

/** The largest number of brackets inside each other. */
const DEEPEST = 100;

/** The type of a value: the map of names, the text of one of them, or unknown. */
type Kind = 'map' | 'text' | 'any';

interface Token {
  readonly type: string;
  readonly text: string;
  /** Where the token begins, and whether space is before it. */
  readonly start: number;
  readonly spaced: boolean;
}

/** An action that needs an {{end}}, and what applies again after it. */
interface Block {
  word: string;
  readonly dot: Kind;
  readonly variables: Readonly<Record<string, Kind>>;
}

class Refusal extends Error {
  readonly found: WebhookTemplateError;
  constructor(found: WebhookTemplateError) {
    super();
    this.found = found;
  }
}

function refuse(unreadable: string): never {
  throw new Refusal({ unreadable });
}

/**
 * Returns the first error of Go's text/template in a webhook template: of its syntax, and of its execution as far as that
 * depends on names, variables and numbers of arguments. Returns undefined for a valid one.
 */
export function webhookTemplateError(text: string): WebhookTemplateError | undefined {
  try {
    new Template(text).check();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.found;
    throw error;
  }
}

/** A template, read up to a position. Source: text/template/parse/parse.go and exec.go of Go. */
class Template {
  readonly #text: string;
  #at = 0;
  #token: Token = { type: '', text: '', start: 0, spaced: false };
  #dot: Kind = 'map';
  #variables: Block['variables'] = Object.assign(Object.create(null), { $: 'map' });
  readonly #blocks: Block[] = [];
  readonly #defined = new Set<string>();
  readonly #used = new Set<string>();
  #brackets = 0;

  constructor(text: string) {
    this.#text = text;
  }

  check(): void {
    // A }} without {{ is text, for example at the end of JSON.
    for (let open = this.#text.indexOf('{{'); open >= 0; open = this.#text.indexOf('{{', this.#at)) {
      this.#at = open + 2;
      // An action may depend on the unknown value of a secret.
      if (this.#text.slice(open, this.#text.indexOf('}}', open)).includes('${secret:')) return;
      const { comment, end } = this.#match(BEGINNING)?.groups ?? {};
      if (comment && !end) refuse('a {{ without its }}');
      if (comment) continue;
      this.#next();
      this.#action();
      if (this.#token.type !== 'close') this.#unexpected();
    }
    const block = this.#blocks.at(-1);
    if (block) refuse(`{{${block.word}}} without its {{end}}`);
    for (const name of this.#used) if (!this.#defined.has(name)) refuse(`no template ${name}`);
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text);
    if (found) this.#at = form.lastIndex;
    return found;
  }

  /** Reads the next token; returns the one before it. */
  #next(): Token {
    const before = this.#token;
    const found = this.#match(TOKEN);
    if (!found) {
      if (this.#text.indexOf('}}', this.#at) < 0 || this.#match(UNCLOSED)) refuse('a {{ without its }}');
      refuse(`${this.#match(WRONG)?.[1]} is not valid`);
    }
    const [type, text] = Object.entries(found.groups ?? {}).find(([, group]) => group !== undefined) ?? [];
    const start = this.#at - (text?.length ?? 0);
    this.#token = { type: type ?? '', text: text ?? '', start, spaced: start > found.index };
    return before;
  }

  #unexpected(): never {
    const { type, text } = this.#token;
    return refuse(type === 'close' ? 'an unexpected }}' : `an unexpected ${text}`);
  }

  /** Whether the token ends an action or a bracket. */
  #isEnd(): boolean {
    return this.#token.type === 'close' || this.#isMark(')');
  }

  #isMark(mark: string): boolean {
    return this.#token.type === 'mark' && this.#token.text === mark;
  }

  #action(): void {
    const word = this.#token.type === 'word' ? this.#token.text : '';
    if (!/^(if|with|range|else|end|break|continue|define|block|template)$/.test(word)) {
      this.#pipeline('{{');
      return;
    }
    this.#next();
    if (/^(if|with|range)$/.test(word)) {
      this.#open(word, Object.create(this.#variables));
      this.#condition(word);
    } else if (word === 'else') {
      const block = this.#blocks.at(-1);
      if (!block || !/^(if|with|range)$/.test(block.word)) refuse('{{else}} without its {{if}}');
      this.#dot = block.dot;
      const isAnother = this.#token.type === 'word' && /^(if|with)$/.test(block.word);
      if (isAnother && this.#token.text === block.word) this.#condition(this.#next().text);
      else block.word = 'else';
    } else if (word === 'end') {
      const { dot, variables } = this.#blocks.pop() ?? refuse('{{end}} without its {{if}}');
      this.#dot = dot;
      this.#variables = variables;
    } else if (/^(define|block|template)$/.test(word)) this.#template(word);
    else if (!this.#blocks.some((block) => block.word === 'range')) refuse(`{{${word}}} outside {{range}}`);
  }

  #open(word: string, variables: Block['variables']): void {
    this.#blocks.push({ word, dot: this.#dot, variables: this.#variables });
    this.#variables = variables;
  }

  #condition(word: string): void {
    const value = this.#pipeline(word);
    if (word === 'with') this.#dot = value;
    if (word !== 'range') return;
    if (value === 'text') refuse('{{range}} over a single text');
    this.#dot = value === 'map' ? 'text' : 'any';
  }

  #template(word: string): void {
    if (this.#token.type !== 'quoted') refuse(`${word} without a name in quotes`);
    (word === 'template' ? this.#used : this.#defined).add(this.#next().text.slice(1, -1));
    if (word === 'define' && this.#blocks.length > 0) refuse('{{define}} inside another block');
    if (word === 'block' || (word === 'template' && !this.#isEnd())) this.#pipeline(word);
    if (word === 'template') return;
    this.#open(word, Object.assign(Object.create(null), { $: 'any' }));
    this.#dot = 'any';
  }

  /** Reads a pipeline up to the end of its action or bracket. Returns the type of its value. */
  #pipeline(after: string): Kind {
    const names = this.#declared(after);
    if (this.#isEnd()) refuse(after === '{{' ? 'nothing between {{ and }}' : `nothing after ${after}`);
    let value = this.#command();
    while (this.#isMark('|')) {
      this.#next();
      if (!this.#isEnd()) value = this.#command(1);
    }
    // A block may set another type.
    for (const name of names) Object.assign(this.#variables, { [name]: 'any' });
    return value;
  }

  /** Reads the variables that a pipeline sets, if any; returns their names. */
  #declared(after: string): string[] {
    if (this.#token.type !== 'variable') return [];
    const { start } = this.#token;
    DECLARATION.lastIndex = start;
    const [all, name = '', second, sign] = DECLARATION.exec(this.#text) ?? [];
    if (all === undefined) return [];
    const names = second === undefined ? [name] : [name, second];
    if (names.length > 1 && after !== 'range') refuse('two variables outside {{range}}');
    if (sign === '=') for (const one of names) this.#variable(one);
    this.#at = start + all.length;
    this.#next();
    return names;
  }

  #variable(name: string): Kind {
    return this.#variables[name] ?? refuse(`the variable ${name} is not set`);
  }

  /** Reads a command up to the next | or the end; takes the number of values that are piped into it. */
  #command(piped = 0): Kind {
    const { type, text } = this.#token;
    const isFunction = type === 'word' && !/^(true|false|nil)$/.test(text);
    if (text === 'nil' && type === 'word') refuse('nil alone');
    const value = isFunction ? undefined : this.#operand();
    if (isFunction) this.#next();
    let count = piped;
    for (; !this.#isEnd() && !this.#isMark('|'); count += 1) {
      if (!this.#token.spaced) this.#unexpected();
      this.#operand();
    }
    if (isFunction) return callOf(text, count);
    if (count > 0) refuse(`${text} takes no arguments`);
    return value ?? 'any';
  }

  /** Reads a value with its fields. Returns its type. */
  #operand(): Kind {
    const { type, text } = this.#token;
    if (type === 'field') return this.#fields(this.#dot, this.#next().text);
    const isDot = this.#isMark('.');
    const isBracket = this.#isMark('(');
    if (type === 'mark' && !isDot && !isBracket) this.#unexpected();
    this.#next();
    if (type === 'variable') return this.#fields(this.#variable(text));
    if (isBracket) return this.#fields(this.#bracket());
    if (this.#token.type === 'field' && !this.#token.spaced) this.#unexpected();
    if (isDot) return this.#dot;
    return type === 'word' && !/^(true|false|nil)$/.test(text) ? callOf(text, 0) : 'any';
  }

  #bracket(): Kind {
    this.#brackets += 1;
    if (this.#brackets > DEEPEST) refuse('brackets nested too deeply');
    const value = this.#pipeline('(');
    if (!this.#isMark(')')) refuse('a ( without its )');
    this.#next();
    this.#brackets -= 1;
    return value;
  }

  /** Reads the further fields of a value; takes its type and its first fields. */
  #fields(of: Kind, first = ''): Kind {
    let path = first;
    while (this.#token.type === 'field' && !this.#token.spaced) path += this.#next().text;
    if (path === '' || of === 'any') return of;
    if (of === 'text') refuse(`${path} of a text`);
    const name = path.slice(1);
    if (!WEBHOOK_NAMES.includes(name)) throw new Refusal({ unknown: name });
    return 'text';
  }
}

/** Refuses a call with a wrong number of arguments, or of an unknown function. */
function callOf(name: string, count: number): Kind {
  const isName = WEBHOOK_NAMES.some((one) => one.toLowerCase() === name.toLowerCase());
  const [least, most] =
    FUNCTIONS.get(name) ?? refuse(isName ? `${name} has no dot before it` : `${name} is not a function`);
  if (count < least || count > most) refuse(`${name} with too ${count < least ? 'few' : 'many'} arguments`);
  return 'any';
}
