import { Eta } from 'eta/core';

/** A piece of a text, as offsets: from `start` up to, but not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A tag of a template, and the statement that Eta makes of it. */
export interface Tag {
  readonly code: string;
  /** Whether it writes what its code gives. */
  readonly writes: boolean;
  /** Where its code stands in the template. */
  readonly inText: Span;
  /** Where its code stands in the program. */
  readonly inProgram: Span;
  /** Where its whole statement stands in the program. */
  readonly statement: Span;
}

/** A template as the body of a JavaScript function, and the way back to its text. */
export interface TemplateCode {
  readonly program: string;
  /** In the order of the text. */
  readonly tags: readonly Tag[];
  /** What the program is to be called on. */
  readonly self: Eta;
}

/** Makes a text of what a tag writes. */
export type Writer = (value: unknown) => string;

/** How a tag begins, to Eta: up to where its code does. */
const OPENING = /<%[-_]?\s*[=~]?\s*/g;

/** A line that holds one tag, which writes nothing. Tags that say themselves how they trim are left alone. */
const CODE_LINE = /^([ \t]*)<%(?![-_]|\s*[=~])((?:(?!%>)[\s\S])*?)(?<![-_])%>([ \t]*\r?\n)/gm;

/**
 * Lets a line that holds nothing but code leave no line behind: what stands around the tag moves into it, where it is
 * nothing to JavaScript. The length of the text stays, and so does the offset of everything within tags.
 */
export function swallowCodeLines(text: string): string {
  return text.replace(CODE_LINE, '<%$1$2$3%>');
}

/**
 * Turns a template into the body of a function of `it` and `options`. `<%~ … %>` writes what `asText` makes of a value, and
 * `<%= … %>` what `quote` makes of that. Throws an error of Eta's for a tag, a string or a comment that has no end.
 */
export function toCode(template: string, asText: Writer, quote: Writer): TemplateCode {
  const text = swallowCodeLines(template);
  const codes: { readonly code: string; readonly writes: boolean }[] = [];
  const self = new Eta({
    escapeFunction: quote,
    autoFilter: true,
    filterFunction: asText,
    autoTrim: false,
    // A name that is not declared is a fault, and no variable of the whole process.
    functionHeader: "'use strict';",
    plugins: [
      {
        processAST: (pieces) =>
          pieces.map((piece) => {
            if (typeof piece === 'string') return piece;
            const writes = piece.t !== 'e';
            const marked = `${markOf(codes.length)}${piece.val}\n`;
            codes.push({ code: piece.val, writes });
            return { ...piece, val: writes ? `(${marked})` : marked };
          }),
      },
    ],
  });
  const program = self.compileToString(text);
  let [textEnd, programEnd] = [0, 0];
  const tags = codes.map(({ code, writes }, index): Tag => {
    OPENING.lastIndex = textEnd;
    OPENING.exec(text);
    const inText = spanOf(OPENING.lastIndex, code);
    const mark = markOf(index);
    const marked = program.indexOf(mark, programEnd);
    const inProgram = spanOf(marked + mark.length, code);
    const statement = { start: program.lastIndexOf('\n', marked - 1), end: inProgram.end };
    [textEnd, programEnd] = [inText.end, inProgram.end];
    return { code, writes, inText, inProgram, statement };
  });
  return { program, tags, self };
}

/**
 * Gives what stands before the code of a tag in the program, on a line of its own: text of the template has no such line there.
 * Code has lines of its own since it may end in a comment.
 */
function markOf(index: number): string {
  return `\n/*${index}*/`;
}

function spanOf(start: number, text: string): Span {
  return { start, end: start + text.length };
}
