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

/** The lines of a template's program in a stack trace, the innermost call first. */
const PROGRAM_LINES = new RegExp(`${PROGRAM}:(\\d+)`, 'g');

const BEGINNING: Span = { start: 0, end: 0 };

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
  const tags = code.tags();
  const line = programLine(error, tags);
  const templateError = (message: string, help: string, span: Span) =>
    new TemplateError('template-syntax', message, { source, ...span }, help, error);
  const tag = tags.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
  if (tag?.code.includes('<%')) {
    const span = { start: tag.inText.start, end: tag.inText.start };
    return templateError('This tag does not end before the next one begins.', 'close it with %>', span);
  }
  const open = tag ? undefined : openBlock(tags);
  if (open) return templateError('This block has no end.', 'end it with <% } %>', open.inText);
  return templateError(
    `This is not JavaScript: ${sentence(error.message)}`,
    'check the brackets and quotes of the tag',
    lineOfTag(line, tags),
  );
}

function runError(error: unknown, code: TemplateCode, source: Source): unknown {
  const tags = code.tags();
  const line = programLine(error, tags);
  if (error instanceof Unwritable || error instanceof Unquotable) {
    const at = { source, ...(tagAt(line, tags)?.inText ?? BEGINNING) };
    const help = error instanceof Unwritable ? error.help : 'choose another value, or change the template';
    const kind = error instanceof Unwritable && error.isSecret ? 'template-secret' : 'template-value';
    return new TemplateError(kind, sentence(error.message), at, help, error);
  }
  const at = { source, ...lineOfTag(line, tags) };
  const help = 'docs/reference/template-data.md lists the contents of `it`';
  return new TemplateError('template-fault', `This fails: ${sentence(messageOf(error))}`, at, help, error);
}

/** Returns the line of the program at which V8 rejected it, or at which its innermost call failed; 0 if unknown. */
function programLine(error: unknown, tags: readonly Tag[]): number {
  const stack = (error instanceof Error && error.stack) || '';
  const lines = [...stack.matchAll(PROGRAM_LINES)].map(([, line]) => Number(line));
  // The functions of Eta, such as include, precede the first tag.
  return lines.find((line) => tagAt(line, tags)) ?? 0;
}

/** Returns the tag whose statement contains or precedes a line of the program. */
function tagAt(line: number, tags: readonly Tag[]): Tag | undefined {
  return tags.findLast(({ firstLine }) => firstLine <= line);
}

/** Returns the code of a tag at a line of the program: of a tag with several lines, that line only. */
function lineOfTag(line: number, tags: readonly Tag[]): Span {
  const tag = tagAt(line, tags);
  if (!tag) return BEGINNING;
  const lines = tag.code.split('\n');
  const index = Math.min(Math.max(line - tag.firstLine - 1, 0), lines.length - 1);
  const code = lines[index] ?? '';
  const lineStart = tag.inText.start + lines.slice(0, index).join('\n').length + (index > 0 ? 1 : 0);
  const start = lineStart + code.length - code.trimStart().length;
  return { start, end: start + code.trim().length };
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
