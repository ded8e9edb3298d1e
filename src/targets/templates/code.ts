import { Eta } from 'eta/core';
import type { Source } from '../../source/origin.ts';
import { swallowCodeLines } from './code-lines.ts';
import { parseFault } from './faults.ts';

/** A piece of a text, as offsets: from `start` up to, but not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A tag of a template, and the statement that it has become. */
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
  readonly source: Source;
  readonly program: string;
  /** The statements of its text and its tags: what the program is, but for Eta's own lines around them. */
  readonly body: string;
  /** In the order of the text. */
  readonly tags: readonly Tag[];
  /** What the program is to be called on. */
  readonly self: Eta;
}

/** Makes a text of what a tag writes. */
export type Writer = (value: unknown) => string;

/** How a tag begins, to Eta: up to where its code does. */
const OPENING = /<%[-_]?\s*[=~]?\s*/g;

/** The statement around the code of a tag, by Eta's letter for it. Code has lines of its own: it may end in a comment. */
const AROUND: Readonly<Record<string, readonly [before: string, after: string]>> = {
  i: ['__eta.res+=__eta.e((\n', '\n));\n'],
  r: ['__eta.res+=__eta.f((\n', '\n));\n'],
  e: ['\n', '\n'],
};

/**
 * Turns a template into the body of a function of `it` and `options`. `<%= … %>` writes by `quoted`, and `<%~ … %>` by
 * `raw`. Throws TemplateFault for a tag, a string or a comment that has no end.
 */
export function toCode(source: Source, quoted: Writer, raw: Writer): TemplateCode {
  const self = new Eta({
    escapeFunction: quoted,
    filterFunction: raw,
    autoTrim: false,
    cache: false,
    // A name that is not declared is a fault, and no variable of the whole process.
    functionHeader: "'use strict';",
  });
  const text = swallowCodeLines(source.text);
  const tags: Tag[] = [];
  let body = '';
  self.compileBody = (pieces) => {
    OPENING.lastIndex = 0;
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        body += `__eta.res+='${piece}';\n`;
        continue;
      }
      OPENING.exec(text);
      const inText = span(OPENING.lastIndex, piece.val);
      OPENING.lastIndex = inText.end;
      const [before = '', after = ''] = AROUND[piece.t] ?? [];
      const inProgram = span(body.length + before.length, piece.val);
      const statement = span(body.length, before + piece.val + after);
      tags.push({ code: piece.val, writes: piece.t !== 'e', inText, inProgram, statement });
      body += before + piece.val + after;
    }
    return body;
  };
  try {
    const program = self.compileToString(text);
    const shift = program.indexOf(body);
    return { source, program, body, self, tags: tags.map((tag) => shifted(tag, shift)) };
  } catch (error) {
    throw parseFault(error, text, source);
  }
}

function span(start: number, text: string): Span {
  return { start, end: start + text.length };
}

function shifted(tag: Tag, by: number): Tag {
  const move = ({ start, end }: Span) => ({ start: start + by, end: end + by });
  return { ...tag, inProgram: move(tag.inProgram), statement: move(tag.statement) };
}
