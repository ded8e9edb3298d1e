import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { Source, type SourceLocation } from '../../source/source.ts';
import { fileBesideCode } from '../../values/package.ts';
import { Unquotable } from '../../values/quoting.ts';
import {
  quotingOf,
  type Span,
  swallowCodeLines,
  type Tag,
  type TemplateCode,
  toCode,
  Unwritable,
  type Writer,
  written,
} from './tags.ts';

/** What is wrong with a template: its JavaScript, what it throws, a value, or a reference to a secret. */
type TemplateErrorCode = 'template-syntax' | 'template-fault' | 'template-value' | 'template-secret';

/** Thrown for what is wrong with a template: what, where in its text, and what to do. */
export class TemplateError extends Error {
  readonly code: TemplateErrorCode;
  readonly at: SourceLocation;
  readonly help: string;

  constructor(code: TemplateErrorCode, message: string, at: SourceLocation, help: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TemplateError';
    this.code = code;
    this.at = at;
    this.help = help;
  }
}

/** What the program of a template is called where it runs. */
const PROGRAM = 'harvgen-template';

/** The arguments of a program. */
const ARGUMENTS = ['it', 'options'];

const PARSE_FAULTS: Readonly<Record<string, { message: string; help: string; width: number }>> = {
  'unclosed tag': { message: 'This tag has no end: %> is missing.', help: 'close it with %>', width: 2 },
  'unclosed comment': { message: 'This comment has no end.', help: 'close it with */', width: 2 },
  'unclosed string': {
    message: 'This string has no end.',
    help: 'close it; in a comment, too, an apostrophe or a quotation mark begins a string',
    width: 1,
  },
};

/** A word of JavaScript, or a character that is in none; and besides words, strings and signs as a whole. */
const WORD = /^(?:[\p{ID_Continue}$]+|.)/su;
const TOKEN = /^(?:[\p{ID_Continue}$]+|(["'`]).*?\1|[=!]==?|=>|&&|\|\||\?\?|\.{3}|.)/su;

function parseFault(error: unknown, source: Source): unknown {
  const [, words = '', line, column] = /^(.*) at line (\d+) col (\d+):/.exec(messageOf(error)) ?? [];
  const said = PARSE_FAULTS[words];
  if (!said) return error;
  const start = offsetOf(swallowCodeLines(source.text), Number(line), Number(column));
  const at = { source, start, end: start + said.width };
  return new TemplateError('template-syntax', said.message, at, said.help, error);
}

function syntaxFault(error: unknown, code: TemplateCode, source: Source): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const { program } = code;
  const tags = code.tags();
  const offset = refusedAt(program);
  const fault = (message: string, help: string, span: Span) =>
    new TemplateError('template-syntax', message, { source, ...span }, help, error);
  const tag = tags.find(({ inProgram }) => isIn(offset, inProgram));
  if (tag?.code.includes('<%')) {
    const span = { start: tag.inText.start, end: tag.inText.start };
    return fault('This tag does not end before the next one begins.', 'close it with %>', span);
  }
  const open = tag ? undefined : openBlock(tags);
  if (open) return fault('This begins a block that nothing ends.', 'end it with <% } %>', open.inText);
  return fault(
    `This is not JavaScript: ${sentence(error.message)}`,
    'check the brackets and quotes of the tag',
    tag ? spanAt(offset, tag, TOKEN) : nearest(offset, tags),
  );
}

function runFault(error: unknown, code: TemplateCode, source: Source): unknown {
  const tags = code.tags();
  const offset = thrownAt(error, code.program, tags) ?? 0;
  const near = { source, ...nearest(offset, tags) };
  if (error instanceof Unwritable || error instanceof Unquotable) {
    const help = error instanceof Unwritable ? error.help : 'choose another value, or write another one';
    const kind = error instanceof Unwritable && error.isSecret ? 'template-secret' : 'template-value';
    return new TemplateError(kind, sentence(error.message), near, help, error);
  }
  const tag = tags.find(({ inProgram }) => isIn(offset, inProgram));
  const at = tag ? { source, ...spanAt(offset, tag, WORD) } : near;
  const help = '`it` is what the template gets: docs/reference/template-data.md has all that is in it';
  return new TemplateError('template-fault', `This fails: ${sentence(messageOf(error))}`, at, help, error);
}

/** Where JavaScript refuses a program: Node's inspector says it of a second try. */
function refusedAt(program: string): number {
  const tried = `process.getBuiltinModule('vm').compileFunction(${JSON.stringify(program)}, ${JSON.stringify(ARGUMENTS)})`;
  let offset = 0;
  try {
    const session = new (process.getBuiltinModule('node:inspector').Session)();
    session.connect();
    session.post('Runtime.evaluate', { expression: tried, silent: true }, (_, { exceptionDetails: at }) => {
      if (at) offset = offsetOf(program, at.lineNumber + 1, at.columnNumber + 1);
    });
    session.disconnect();
  } catch {
    // Where Node has no inspector, or its permissions allow none, the beginning has to do.
  }
  return offset;
}

/** Where in the program an error was thrown, or what called what did it; undefined where nothing says so. */
function thrownAt(error: unknown, program: string, tags: readonly Tag[]): number | undefined {
  const offsets = callSitesOf(error).flatMap((site) =>
    site.getFileName() === PROGRAM
      ? offsetOf(program, site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0)
      : [],
  );
  return offsets.find((offset) => tags.some(({ statement }) => isIn(offset, statement)));
}

/** The calls that have led to an error, the innermost first. Source: V8's stack trace API, `Error.prepareStackTrace`. */
function callSitesOf(error: unknown): readonly NodeJS.CallSite[] {
  if (!(error instanceof Error)) return [];
  const usual = Error.prepareStackTrace;
  let sites: readonly NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (said, calls) => {
    sites = calls;
    return usual ? usual(said, calls) : [said, ...calls].join('\n    at ');
  };
  try {
    // An error asks how its stack is written as somebody first looks at it.
    void error.stack;
    return sites;
  } finally {
    Error.prepareStackTrace = usual;
  }
}

function spanAt(offset: number, { code, inText, inProgram }: Tag, what: RegExp): Span {
  const within = offset - inProgram.start;
  const [found = ''] = what.exec(code.slice(within)) ?? [];
  return { start: inText.start + within, end: inText.start + within + found.length };
}

/** The code of the tag whose statement an offset of the program is in, or comes after; the beginning where there is none. */
function nearest(offset: number, tags: readonly Tag[]): Span {
  return tags.findLast(({ statement }) => statement.start <= offset)?.inText ?? { start: 0, end: 0 };
}

/** The tag that begins a block and is the innermost one that no other ends, as blocks are written. */
function openBlock(tags: readonly Tag[]): Tag | undefined {
  const open: Tag[] = [];
  for (const tag of tags) {
    if (tag.writes) continue;
    if (tag.code.startsWith('}')) open.pop();
    if (tag.code.endsWith('{')) open.push(tag);
  }
  return open.at(-1);
}

function isIn(offset: number, { start, end }: Span): boolean {
  return start <= offset && offset < end;
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let number = 1; number < line; number += 1) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // What JSON.parse was given may be a secret, and it quotes the beginning.
  return message.replace(/, (\.{3})?"[\s\S]*"(\.{3})?(?= is not valid JSON)/, ': this');
}

function sentence(text: string): string {
  return text.replace(/\.?\s*$/, '.');
}

/** Renders data, which the template calls `it`. Throws TemplateError. */
export type Template = (data: object) => string;

/** Compiles a template, whose name tells how to quote. Throws TemplateError, and so does the template it gives. */
export function compileTemplate(name: string, source: Source, asText: Writer = written): Template {
  const quote = quotingOf(name);
  const code = orFault(
    () => toCode(source.text, asText, quote),
    (error) => parseFault(error, source),
  );
  const run = orFault(
    () => compileFunction(code.program, ARGUMENTS, { filename: PROGRAM }),
    (error) => syntaxFault(error, code, source),
  );
  return (data) =>
    orFault(
      () => run.call(code.self, data, {}) as string,
      (error) => runFault(error, code, source),
    );
}

function orFault<T>(make: () => T, faultOf: (error: unknown) => unknown): T {
  try {
    return make();
  } catch (error) {
    throw faultOf(error);
  }
}

/** Where the built-in templates lie: beside the targets that render them. */
const FOLDER = fileBesideCode('targets/');

const compiled = new Map<string, Template>();

/** Gives a built-in template by its path below `src/targets`, without `.eta`. Each is compiled once, when it is first used. */
export function builtIn(name: string): Template {
  let template = compiled.get(name);
  if (!template) {
    template = compileTemplate(name, builtInSource(name));
    compiled.set(name, template);
  }
  return template;
}

/** Returns the text of a built-in template: of `<name>.eta`, or of a script that is there without it. */
export function builtInSource(name: string): Source {
  const file = existsSync(new URL(name, FOLDER)) ? name : `${name}.eta`;
  return new Source(file, readFileSync(new URL(file, FOLDER), 'utf8'));
}

/** Returns the files of all built-in templates and scripts, sorted: `ipxe/node.ipxe.eta`, `host/common.sh`. */
export function builtInFiles(): string[] {
  return readdirSync(fileURLToPath(FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(eta|sh)$/.test(path))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** Returns the names of the same: a template's is its file without `.eta`. */
export function builtInNames(): string[] {
  return builtInFiles().map((file) => file.replace(/\.eta$/, ''));
}
