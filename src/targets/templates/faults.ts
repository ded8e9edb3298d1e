import type { Place, Source } from '../../source/origin.ts';
import { Unquotable } from '../../values/quoting/unquotable.ts';
import type { Span, Tag, TemplateCode } from './code.ts';
import { SecretWritten } from './secret-written.ts';
import { TemplateFault } from './template-fault.ts';
import { Unwritable } from './written.ts';

/** What programs of templates are called in stacks. */
export const PROGRAM = 'harvgen-template';

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

/** Where nothing better is known. */
const BEGINNING: Span = { start: 0, end: 0 };

/** Makes a fault of an error of Eta's parser. Takes the text that it was given, and the template that this stands for. */
export function parseFault(error: unknown, text: string, source: Source): unknown {
  const [, words = '', line, column] = /^(.*) at line (\d+) col (\d+):/.exec(messageOf(error)) ?? [];
  const said = PARSE_FAULTS[words];
  if (!said) return error;
  const start = offsetOf(text, Number(line), Number(column));
  const at = { source, start, end: start + said.width };
  return new TemplateFault('template-syntax', said.message, at, said.help, error);
}

/** Makes a fault of the error by which JavaScript has refused a template's program. */
export function syntaxFault(error: unknown, code: TemplateCode): unknown {
  if (!(error instanceof SyntaxError)) return error;
  // Node shows the place at the head of the stack: file and line, the line itself, and carets below.
  const [head = '', , carets = ''] = error.stack?.split('\n') ?? [];
  const line = Number(head.startsWith(`${PROGRAM}:`) ? head.slice(PROGRAM.length + 1) : 1);
  const offset = offsetOf(code.program, line, carets.indexOf('^') + 1);
  const fault = (message: string, help: string, span: Span) =>
    new TemplateFault('template-syntax', message, placed(span, code), help, error);
  const tag = code.tags.find(({ inProgram }) => isIn(offset, inProgram));
  if (tag?.code.includes('<%')) {
    const { start } = tag.inText;
    return fault('This tag does not end before the next one begins.', 'close it with %>', {
      start,
      end: start,
    });
  }
  const open = tag ? undefined : openBlock(code.tags);
  if (open) return fault('This begins a block that nothing ends.', 'end it with <% } %>', open.inText);
  return fault(
    `This is not JavaScript: ${sentence(error.message)}`,
    'check the brackets and quotes of the tag',
    tag ? spanOf(offset, tag, carets.trim().length) : nearest(offset, code),
  );
}

/** Makes a fault of what a template's program has thrown. */
export function runFault(error: unknown, code: TemplateCode): unknown {
  const offset = thrownAt(error, code) ?? 0;
  if (error instanceof Unwritable || error instanceof Unquotable) {
    const help = error instanceof Unwritable ? error.help : 'choose another value, or write another one';
    const at = placed(nearest(offset, code), code);
    const kind = error instanceof SecretWritten ? 'template-secret' : 'template-value';
    return new TemplateFault(kind, sentence(error.message), at, help, error);
  }
  const tag = code.tags.find(({ inProgram }) => isIn(offset, inProgram));
  const at = placed(tag ? spanOf(offset, tag) : nearest(offset, code), code);
  const help = '`it` is what the template gets: docs/templates.md has all that is in it';
  return new TemplateFault('template-fault', `This fails: ${sentence(messageOf(error))}`, at, help, error);
}

/** Where in the program an error was thrown, by its stack, or what called what did it; undefined where it does not say. */
function thrownAt(error: unknown, { program, tags }: TemplateCode): number | undefined {
  const stack = (error instanceof Error && error.stack) || '';
  const frames = stack.matchAll(new RegExp(`${PROGRAM}:(\\d+):(\\d+)`, 'g'));
  const offsets = Array.from(frames, ([, line, column]) => offsetOf(program, Number(line), Number(column)));
  return offsets.find((offset) => tags.some(({ statement }) => isIn(offset, statement)));
}

/** The word at an offset of the program, or as many characters as are said, in the template. */
function spanOf(offset: number, { code, inText, inProgram }: Tag, width = 0): Span {
  const within = offset - inProgram.start;
  const word = /^[\p{ID_Continue}$]+/u.exec(code.slice(within))?.[0].length ?? 1;
  return { start: inText.start + within, end: inText.start + within + (width || word) };
}

/** The code of the tag whose statement an offset of the program is in, or comes after. */
function nearest(offset: number, { tags }: TemplateCode): Span {
  return tags.findLast(({ statement }) => statement.start <= offset)?.inText ?? BEGINNING;
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

function placed({ start, end }: Span, { source }: TemplateCode): Place {
  return { source, start, end };
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
