import type { Place, Source } from '../../source/source.ts';
import { Unquotable } from '../../values/quoting.ts';
import { type Span, swallowCodeLines, type Tag, type TemplateCode } from './code.ts';
import { Unwritable } from './writing.ts';

/**
 * Diagnostics of templates: what JavaScript cannot read, what fails or is of no use, a value that cannot be written, and a
 * reference to a secret, which nothing would fill in.
 */
export type TemplateFaultCode = 'template-syntax' | 'template-fault' | 'template-value' | 'template-secret';

/** Thrown for what is wrong with a template: what, where in its text, and what to do. */
export class TemplateFault extends Error {
  readonly code: TemplateFaultCode;
  readonly at: Place;
  readonly help: string;

  /** Takes the parts of the diagnostic, and as `cause` what has been thrown, if anything. */
  constructor(code: TemplateFaultCode, message: string, at: Place, help: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TemplateFault';
    this.code = code;
    this.at = at;
    this.help = help;
  }
}

/** What the program of a template is called where it runs. */
export const PROGRAM = 'harvgen-template';

/** The arguments of a program. */
export const ARGUMENTS = ['it', 'options'];

/** What Eta finds, by its words, and how wide it is. */
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

/** Makes a fault of an error of Eta's parser, or gives what is none. */
export function parseFault(error: unknown, source: Source): unknown {
  const [, words = '', line, column] = /^(.*) at line (\d+) col (\d+):/.exec(messageOf(error)) ?? [];
  const said = PARSE_FAULTS[words];
  if (!said) return error;
  const start = offsetOf(swallowCodeLines(source.text), Number(line), Number(column));
  const at = { source, start, end: start + said.width };
  return new TemplateFault('template-syntax', said.message, at, said.help, error);
}

/** Makes a fault of the error by which JavaScript has refused a template's program. */
export function syntaxFault(error: unknown, { program, tags }: TemplateCode, source: Source): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const offset = refusedAt(program);
  const fault = (message: string, help: string, span: Span) =>
    new TemplateFault('template-syntax', message, { source, ...span }, help, error);
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

/** Makes a fault of what a template's program has thrown. */
export function runFault(error: unknown, code: TemplateCode, source: Source): unknown {
  const offset = thrownAt(error, code) ?? 0;
  const near = { source, ...nearest(offset, code.tags) };
  if (error instanceof Unwritable || error instanceof Unquotable) {
    const help = error instanceof Unwritable ? error.help : 'choose another value, or write another one';
    const kind = error instanceof Unwritable && error.isSecret ? 'template-secret' : 'template-value';
    return new TemplateFault(kind, sentence(error.message), near, help, error);
  }
  const tag = code.tags.find(({ inProgram }) => isIn(offset, inProgram));
  const at = tag ? { source, ...spanAt(offset, tag, WORD) } : near;
  const help = '`it` is what the template gets: docs/templates.md has all that is in it';
  return new TemplateFault('template-fault', `This fails: ${sentence(messageOf(error))}`, at, help, error);
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
function thrownAt(error: unknown, { program, tags }: TemplateCode): number | undefined {
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

/** What stands at an offset of the program, in the template. */
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

/** Gives the offset of a line and column, both counted from 1. */
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
