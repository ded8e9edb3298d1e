import { compileFunction } from 'node:vm';
import { Source, type SourceLocation } from '../../source/source.ts';
import { textBesideCode, textsBesideCode } from '../../values/package.ts';
import { Unquotable } from '../../values/quoting.ts';
import { PROGRAMS } from './programs.ts';
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

/** The kinds of template errors: in its JavaScript, while it runs, in a value, or a reference to a secret. */
type TemplateErrorCode = 'template-syntax' | 'template-fault' | 'template-value' | 'template-secret';

/** Thrown for an error in a template, with its location in the text and help. */
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

/** The file name of a template's program in stack traces. */
const PROGRAM = 'harvgen-template';

/** The arguments of a program. */
const ARGUMENTS = ['it', 'options'];

const PARSE_ERRORS: Readonly<Record<string, { message: string; help: string; width: number }>> = {
  'unclosed tag': { message: 'This tag has no end: %> is missing.', help: 'close it with %>', width: 2 },
  'unclosed comment': { message: 'This comment has no end.', help: 'close it with */', width: 2 },
  'unclosed string': {
    message: 'This string has no end.',
    help: 'close it; an apostrophe or quotation mark begins a string even in a comment',
    width: 1,
  },
};

/** A word of JavaScript, or a single other character. TOKEN also matches whole strings and operators. */
const WORD = /^(?:[\p{ID_Continue}$]+|.)/su;
const TOKEN = /^(?:[\p{ID_Continue}$]+|(["'`]).*?\1|[=!]==?|=>|&&|\|\||\?\?|\.{3}|.)/su;

function parseError(error: unknown, source: Source): unknown {
  const [, words = '', line, column] = /^(.*) at line (\d+) col (\d+):/.exec(messageOf(error)) ?? [];
  const known = PARSE_ERRORS[words];
  if (!known) return error;
  const start = offsetOf(swallowCodeLines(source.text), Number(line), Number(column));
  const at = { source, start, end: start + known.width };
  return new TemplateError('template-syntax', known.message, at, known.help, error);
}

function syntaxError(error: unknown, code: TemplateCode, source: Source): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const { program } = code;
  const tags = code.tags();
  const offset = refusedAt(program);
  const templateError = (message: string, help: string, span: Span) =>
    new TemplateError('template-syntax', message, { source, ...span }, help, error);
  const tag = tags.find(({ inProgram }) => isIn(offset, inProgram));
  if (tag?.code.includes('<%')) {
    const span = { start: tag.inText.start, end: tag.inText.start };
    return templateError('This tag does not end before the next one begins.', 'close it with %>', span);
  }
  const open = tag ? undefined : openBlock(tags);
  if (open) return templateError('This block has no end.', 'end it with <% } %>', open.inText);
  return templateError(
    `This is not JavaScript: ${sentence(error.message)}`,
    'check the brackets and quotes of the tag',
    tag ? spanAt(offset, tag, TOKEN) : nearest(offset, tags),
  );
}

function runError(error: unknown, code: TemplateCode, source: Source): unknown {
  const tags = code.tags();
  const offset = thrownAt(error, code.program, tags) ?? 0;
  const near = { source, ...nearest(offset, tags) };
  if (error instanceof Unwritable || error instanceof Unquotable) {
    const help = error instanceof Unwritable ? error.help : 'choose another value, or change the template';
    const kind = error instanceof Unwritable && error.isSecret ? 'template-secret' : 'template-value';
    return new TemplateError(kind, sentence(error.message), near, help, error);
  }
  const tag = tags.find(({ inProgram }) => isIn(offset, inProgram));
  const at = tag ? { source, ...spanAt(offset, tag, WORD) } : near;
  const help = 'docs/reference/template-data.md lists the contents of `it`';
  return new TemplateError('template-fault', `This fails: ${sentence(messageOf(error))}`, at, help, error);
}

/** Returns the offset at which JavaScript rejects a program, from a second attempt with Node's inspector. */
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
    // Without an inspector in Node, or without permission for it, the error is at the beginning.
  }
  return offset;
}

/** Returns the offset in the program at which an error was thrown, or at which its calls began; undefined if unknown. */
function thrownAt(error: unknown, program: string, tags: readonly Tag[]): number | undefined {
  const offsets = callSitesOf(error).flatMap((site) =>
    site.getFileName() === PROGRAM
      ? offsetOf(program, site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0)
      : [],
  );
  return offsets.find((offset) => tags.some(({ statement }) => isIn(offset, statement)));
}

/** Returns the calls that led to an error, the innermost first. Source: V8's stack trace API, `Error.prepareStackTrace`. */
function callSitesOf(error: unknown): readonly NodeJS.CallSite[] {
  if (!(error instanceof Error)) return [];
  const usual = Error.prepareStackTrace;
  let sites: readonly NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (thrown, calls) => {
    sites = calls;
    return usual ? usual(thrown, calls) : [thrown, ...calls].join('\n    at ');
  };
  try {
    // An error formats its stack on the first access.
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

/** Returns the code of the tag whose statement contains or precedes an offset of the program; otherwise the beginning. */
function nearest(offset: number, tags: readonly Tag[]): Span {
  return tags.findLast(({ statement }) => statement.start <= offset)?.inText ?? { start: 0, end: 0 };
}

/** Returns the innermost tag that begins a block without an end, by the usual syntax of blocks. */
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
  // The input of JSON.parse may be a secret, and its message quotes the beginning.
  return message.replace(/, (\.{3})?"[\s\S]*"(\.{3})?(?= is not valid JSON)/, ': this');
}

function sentence(text: string): string {
  return text.trimEnd().replace(/\.?$/, '.');
}

/** Renders data, which the template names `it`. Throws TemplateError. */
export type Template = (data: object) => string;

/** Compiles a template, whose name determines the quoting. Throws TemplateError, as does the returned template. */
export function compileTemplate(name: string, source: Source, asText: Writer = written): Template {
  const quote = quotingOf(name);
  const code = withError(
    () => toCode(source.text, asText, quote),
    (error) => parseError(error, source),
  );
  const run = withError(
    () => compileFunction(code.program, ARGUMENTS, { filename: PROGRAM }),
    (error) => syntaxError(error, code, source),
  );
  return (data) =>
    withError(
      () => run.call(code.self, data, {}) as string,
      (error) => runError(error, code, source),
    );
}

function withError<T>(make: () => T, toError: (error: unknown) => unknown): T {
  try {
    return make();
  } catch (error) {
    throw toError(error);
  }
}

const compiled = new Map<string, Template>();

/** Returns a built-in template by its path below `src/targets`, without `.eta`. Each is made once, on first use. */
export function builtIn(name: string): Template {
  let template = compiled.get(name);
  if (!template) {
    template = programOf(name) ?? compileTemplate(name, builtInSource(name));
    compiled.set(name, template);
  }
  return template;
}

/** Returns a template that the build has compiled; undefined in the sources. */
function programOf(name: string): Template | undefined {
  const program = PROGRAMS[name];
  if (program === undefined) return undefined;
  if (typeof program === 'string') return () => program;
  const quote = quotingOf(name);
  return (data) => {
    try {
      return program(data, { res: '', e: quote, f: written });
    } catch {
      // Fails again, with the location of the error: only the text has locations.
      return compileTemplate(name, builtInSource(name))(data);
    }
  };
}

/** Returns the text of a built-in template: of `<name>.eta`, or of a script without that extension. */
export function builtInSource(name: string): Source {
  const program = PROGRAMS[name];
  if (typeof program === 'string') return new Source(name, program);
  const file = program === undefined && builtInFiles().includes(name) ? name : `${name}.eta`;
  return new Source(file, textBesideCode(`targets/${file}`));
}

/** Returns the files of all built-in templates and scripts, sorted: `ipxe/node.ipxe.eta`, `host/common.sh`. */
export function builtInFiles(): string[] {
  const scripts = Object.keys(PROGRAMS).filter((name) => typeof PROGRAMS[name] === 'string');
  return [...textsBesideCode('targets/', /\.(eta|sh)$/), ...scripts].sort();
}

/** Returns the names of the built-in templates: the files without `.eta`. */
export function builtInNames(): string[] {
  return builtInFiles().map((file) => file.replace(/\.eta$/, ''));
}
