import { Eta } from 'eta/core';
import { referenceIn } from '../../source/marks.ts';
import {
  quoteChrony,
  quoteConman,
  quoteDhcpd,
  quoteDnsmasq,
  quoteGrub,
  quoteIet,
  quoteIpxe,
  quoteMarkdown,
  quoteNft,
  quoteNginx,
  quotePowerman,
  quotePxelinux,
  quoteShell,
  quoteSystemd,
  quoteTgt,
  quoteXinetd,
  quoteXml,
} from '../../values/quoting.ts';

/** A piece of a text, as offsets: from `start` up to, but not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A tag of a template, and the statement that Eta makes of it. */
export interface Tag {
  readonly code: string;
  readonly writes: boolean;
  readonly inText: Span;
  readonly inProgram: Span;
  readonly statement: Span;
}

/** A template as the body of a JavaScript function, and the way back to its text. */
export interface TemplateCode {
  readonly program: string;
  /** Finds the tags, in the order of the text: only who has a fault to place asks for them. */
  tags(): readonly Tag[];
  readonly self: Eta;
}

/** Makes a text of what a tag writes. */
export type Writer = (value: unknown) => string;

/** How a tag begins, to Eta: up to where its code does. */
const OPENING = /<%[-_]?\s*[=~]?\s*/g;

/** A line that holds one tag, which writes nothing. Tags that say themselves how they trim are left alone. */
const CODE_LINE = /^([ \t]*)<%(?![-_]|\s*[=~])((?:(?!%>)[\s\S])*?)(?<![-_])%>([ \t]*\r?\n)/gm;

/** Lets a line with nothing but code leave no line: what is around the tag moves into it, and all offsets stay. */
export function swallowCodeLines(text: string): string {
  return text.replace(CODE_LINE, '<%$1$2$3%>');
}

/**
 * Turns a template into the body of a function. `<%~ … %>` writes `asText` of a value, and `<%= … %>` `quote` of that. Throws
 * an error of Eta's for a tag, a string or a comment that has no end.
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
  const tags = () => {
    let [textEnd, programEnd] = [0, 0];
    return codes.map(({ code, writes }, index): Tag => {
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
  };
  return { program, tags, self };
}

/** Gives the line before the code of a tag in the program. Code has lines of its own: it may end in a comment. */
function markOf(index: number): string {
  return `\n/*${index}*/`;
}

function spanOf(start: number, text: string): Span {
  return { start, end: start + text.length };
}

/** How `<%= … %>` quotes, by the ending of a template's name. `<%~ … %>` writes what is quoted already. */
const QUOTE_BY_ENDING: Readonly<Record<string, (value: unknown) => string>> = {
  chrony: quoteChrony,
  dhcpd: quoteDhcpd,
  conman: quoteConman,
  dnsmasq: quoteDnsmasq,
  grub: quoteGrub,
  html: quoteXml,
  iet: quoteIet,
  ipxe: quoteIpxe,
  md: quoteMarkdown,
  nft: quoteNft,
  nginx: quoteNginx,
  powerman: quotePowerman,
  pxelinux: quotePxelinux,
  sh: quoteShell,
  systemd: quoteSystemd,
  tgt: quoteTgt,
  xinetd: quoteXinetd,
  xml: quoteXml,
};

/** Gives the quoting of the syntax that a template is written in. Throws for a name that does not tell. */
export function quotingOf(template: string): (value: unknown) => string {
  const quote = QUOTE_BY_ENDING[template.split('.').at(-1) ?? ''];
  if (!quote) throw new Error(`no quoting is known for the template ${template}`);
  return quote;
}

/** Thrown where a tag is to write what is no text, or refers to a secret. */
export class Unwritable extends Error {
  readonly help: string;
  readonly isSecret: boolean;

  constructor(message: string, help: string, isSecret = false) {
    super(message);
    this.name = 'Unwritable';
    this.help = help;
    this.isSecret = isSecret;
  }
}

/** Gives a value as the text that a tag writes. Throws Unwritable for what is not there, lists, maps and functions. */
export function written(value: unknown): string {
  const type = typeof value;
  if (typeof value === 'string') return value;
  if (type === 'number' || type === 'boolean' || type === 'bigint') return String(value);
  if (value === undefined || value === null) {
    const help = 'write it only where it is there, by <% if (…) { %>, or say what else to write, by ??';
    throw new Unwritable('This has no value, so there is nothing to write', help);
  }
  if (Array.isArray(value))
    throw new Unwritable('This is a list, and no text', 'write its entries in a loop, or join them');
  const article = type === 'object' ? 'an' : 'a';
  throw new Unwritable(`This is ${article} ${type}, and no text`, 'write one of its values');
}

/** What is wrong with a reference to a secret, and a mark, wherever a template writes it. */
export const SECRET_WRITTEN = {
  message:
    'This refers to a secret, and nginx fills secrets into configurations alone: a machine would read the reference',
  help: 'leave it out; what needs a secret belongs into the configuration of a node',
};

/** Gives a value as the text that a tag writes of it. Throws Unwritable for what is none, and for what refers to a secret. */
export function writtenWithoutSecret(value: unknown): string {
  const text = written(value);
  if (referenceIn(text) === undefined) return text;
  throw new Unwritable(SECRET_WRITTEN.message, SECRET_WRITTEN.help, true);
}
