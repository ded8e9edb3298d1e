import { compileFunction } from 'node:vm';
import { Source, type SourceLocation } from '../../source/source.ts';
import { textBesideCode, textsBesideCode } from '../../values/package.ts';
import { Unquotable } from '../../values/quoting.ts';
import { PROGRAMS } from './programs.ts';
import { quotingOf, swallowCodeLines, type Tag, toCode, Unwritable, type Writer, written } from './tags.ts';

/** The kinds of template errors: in its JavaScript, while it runs, in a value, or a reference to a secret. */
type TemplateErrorCode = 'template-syntax' | 'template-fault' | 'template-value' | 'template-secret';

/** Thrown for an error in a template, with its location in the text and help. */
export class TemplateError extends Error {
  readonly code: TemplateErrorCode;
  readonly at: SourceLocation;
  readonly help: string;

  constructor(code: TemplateErrorCode, message: string, at: SourceLocation, help: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.at = at;
    this.help = help;
  }
}

/** The file name of a template's program in stack traces, and its lines there, the innermost call first. */
const PROGRAM = 'harvgen-template';
const PROGRAM_LINES = new RegExp(`${PROGRAM}:(\\d+)`, 'g');

/** The message and help for each error of Eta's parser, and the number of characters that it is about. */
const PARSE_ERRORS: Readonly<Record<string, readonly [message: string, help: string, width: number]>> = {
  'unclosed tag': ['This tag has no end: %> is missing.', 'close it with %>', 2],
  'unclosed comment': ['This comment has no end.', 'close it with */', 2],
  'unclosed string': [
    'This string has no end.',
    'close it; an apostrophe or quotation mark begins a string even in a comment',
    1,
  ],
};

function parseError(error: unknown, source: Source): unknown {
  const [, words = '', line, column] = /^(.*) at line (\d+) col (\d+):/.exec(messageOf(error)) ?? [];
  const known = PARSE_ERRORS[words];
  if (!known) return error;
  const [message, help, width] = known;
  const linesAbove = swallowCodeLines(source.text).split('\n', Number(line) - 1);
  const start = linesAbove.reduce((sum, { length }) => sum + length + 1, Number(column) - 1);
  return new TemplateError('template-syntax', message, { source, start, end: start + width }, help, error);
}

function syntaxError(error: unknown, tags: readonly Tag[], source: Source): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const line = programLine(error, tags);
  const templateError = (message: string, help: string, { start, end } = lineOfTag(line, tags)) =>
    new TemplateError('template-syntax', message, { source, start, end }, help, error);
  const tag = tagAt(line, tags);
  const isInTag = tag && line <= tag.line + tag.code.split('\n').length;
  if (isInTag && tag.code.includes('<%'))
    return templateError('This tag does not end before the next one begins.', 'close it with %>', {
      start: tag.start,
      end: tag.start,
    });
  const open = isInTag ? undefined : openBlock(tags);
  if (open) return templateError('This block has no end.', 'end it with <% } %>', spanOf(open));
  return templateError(
    `This is not JavaScript: ${sentence(error.message)}`,
    'check the brackets and quotes of the tag',
  );
}

function runError(error: unknown, tags: readonly Tag[], source: Source): unknown {
  const line = programLine(error, tags);
  if (!(error instanceof Unwritable || error instanceof Unquotable)) {
    const help = 'docs/reference/template-data.md lists the contents of `it`';
    const message = `This fails: ${sentence(messageOf(error))}`;
    return new TemplateError('template-fault', message, { source, ...lineOfTag(line, tags) }, help, error);
  }
  const { code, help } =
    error instanceof Unwritable
      ? error
      : ({ code: 'template-value', help: 'choose another value, or change the template' } as const);
  const at = { source, ...spanOf(tagAt(line, tags)) };
  return new TemplateError(code, sentence(error.message), at, help, error);
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
  return tags.findLast((tag) => tag.line <= line);
}

/** Returns the code of a tag in the text; without a tag, the beginning of the text. */
function spanOf(tag: Tag | undefined) {
  return tag ? { start: tag.start, end: tag.start + tag.code.length } : { start: 0, end: 0 };
}

/** Returns the code of a tag at a line of the program: of a tag with several lines, that line only. */
function lineOfTag(line: number, tags: readonly Tag[]) {
  const tag = tagAt(line, tags);
  if (!tag) return spanOf(tag);
  const lines = tag.code.split('\n');
  const index = Math.min(Math.max(line - tag.line - 1, 0), lines.length - 1);
  const code = lines[index] ?? '';
  const start = lines.slice(0, index).reduce((sum, { length }) => sum + length + 1, tag.start);
  return { start: start + code.length - code.trimStart().length, end: start + code.trimEnd().length };
}

/** Returns the innermost tag that begins a block without an end, by the usual syntax: `} }` first, `{` last. */
function openBlock(tags: readonly Tag[]): Tag | undefined {
  const open: Tag[] = [];
  for (const tag of tags) {
    if (tag.writes) continue;
    const [closing = ''] = /^[}\s]*/.exec(tag.code) ?? [];
    const count = (text: string, brace: string) => text.split(brace).length - 1;
    open.splice(Math.max(open.length - count(closing, '}'), 0));
    const rest = tag.code.slice(closing.length);
    if (rest.endsWith('{'))
      for (let depth = Math.max(count(rest, '{') - count(rest, '}'), 1); depth > 0; depth -= 1)
        open.push(tag);
  }
  return open.at(-1);
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
  let known: readonly Tag[] | undefined;
  try {
    const { program, tags, self } = toCode(source.text, asText, quote);
    known = tags;
    const run = compileFunction(program, ['it', 'options'], { filename: PROGRAM });
    return (data) => {
      try {
        return run.call(self, data, {});
      } catch (error) {
        throw runError(error, tags, source);
      }
    };
  } catch (error) {
    throw known ? syntaxError(error, known, source) : parseError(error, source);
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
