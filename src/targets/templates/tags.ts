import { Eta } from 'eta/core';
import { referenceIn } from '../../source/placeholders.ts';
import {
  quoteChrony,
  quoteConman,
  quoteDhcpd,
  quoteDnsmasq,
  quoteGrub,
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

/** A part of a text, as offsets from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A tag of a template, and the lines of its statement in Eta's program: the code begins in the second. */
export interface Tag {
  readonly code: string;
  readonly writes: boolean;
  readonly inText: Span;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** A template as the body of a JavaScript function, with the locations of its tags. */
export interface TemplateCode {
  readonly program: string;
  /** Returns the tags, in the order of the text. Only error locations need them. */
  tags(): readonly Tag[];
  readonly self: Eta;
}

/** Converts the value of a tag to text. */
export type Writer = (value: unknown) => string;

/** The beginning of a tag in Eta's syntax, up to its code. */
const OPENING = /<%[-_]?\s*[=~]?\s*/g;

/** A line with a single tag that writes nothing. Excludes tags with their own trim characters. */
const CODE_LINE = /^([ \t]*)<%(?![-_]|\s*[=~])((?:(?!%>)[\s\S])*?)(?<![-_])%>([ \t]*\r?\n)/gm;

/** Makes a line with only code produce no line: the tag absorbs the text around it, and all offsets stay. */
export function swallowCodeLines(text: string): string {
  return text.replace(CODE_LINE, '<%$1$2$3%>');
}

/**
 * Converts a template to the body of a function. `<%~ … %>` writes `asText` of a value, and `<%= … %>` writes `quote` of that.
 * Throws an error of Eta for a tag, a string or a comment without an end.
 */
export function toCode(template: string, asText: Writer, quote: Writer): TemplateCode {
  const text = swallowCodeLines(template);
  const codes: { readonly code: string; readonly writes: boolean }[] = [];
  const self = new Eta({
    escapeFunction: quote,
    autoFilter: true,
    filterFunction: asText,
    autoTrim: false,
    // An undeclared name is an error, not a global variable of the process.
    functionHeader: "'use strict';",
    plugins: [
      {
        processAST: (pieces) =>
          pieces.map((piece) => {
            if (typeof piece === 'string') return piece;
            const writes = piece.t !== 'e';
            const marked = `${markerOf(codes.length)}${piece.val}\n`;
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
      const inText = { start: OPENING.lastIndex, end: OPENING.lastIndex + code.length };
      const marked = program.indexOf(markerOf(index), programEnd);
      const firstLine = program.slice(0, marked).split('\n').length;
      [textEnd, programEnd] = [inText.end, marked + code.length];
      return { code, writes, inText, firstLine, lastLine: firstLine + code.split('\n').length };
    });
  };
  return { program, tags, self };
}

/** Returns the line before the code of a tag in the program. Code has its own lines, because it may end in a comment. */
function markerOf(index: number): string {
  return `\n/*${index}*/`;
}

/** The quoting of `<%= … %>` by the extension of a template's name. `<%~ … %>` writes values that are already quoted. */
const QUOTE_BY_ENDING: Readonly<Record<string, (value: unknown) => string>> = {
  chrony: quoteChrony,
  dhcpd: quoteDhcpd,
  conman: quoteConman,
  dnsmasq: quoteDnsmasq,
  grub: quoteGrub,
  html: quoteXml,
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

/** Returns the quoting for the syntax of a template. Throws for a name with an unknown extension. */
export function quotingOf(template: string): (value: unknown) => string {
  const quote = QUOTE_BY_ENDING[template.split('.').at(-1) ?? ''];
  if (!quote) throw new Error(`the template ${template} has no known syntax`);
  return quote;
}

/** Thrown if the value of a tag is not text, or refers to a secret. */
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

/** Returns a value as the text that a tag writes. Throws Unwritable for missing values, lists, maps and functions. */
export function written(value: unknown): string {
  const type = typeof value;
  if (typeof value === 'string') return value;
  if (type === 'number' || type === 'boolean' || type === 'bigint') return String(value);
  if (value === undefined || value === null) {
    const help = 'write it only if it exists, with <% if (…) { %>, or set a default with ??';
    throw new Unwritable('This has no value, so there is nothing to write', help);
  }
  if (Array.isArray(value))
    throw new Unwritable('This is a list, not text', 'write its entries in a loop, or join them');
  const article = type === 'object' ? 'an' : 'a';
  throw new Unwritable(`This is ${article} ${type}, not text`, 'write one of its values');
}

/** The error for a reference to a secret, or a placeholder, in the text of a template. */
export const SECRET_WRITTEN = {
  message:
    'This refers to a secret, but nginx substitutes secrets only in configurations: a machine would read the reference',
  help: 'remove it; a secret belongs in the configuration of a node',
};

/** Returns a value as the text that a tag writes. Throws Unwritable if it is not text, or refers to a secret. */
export function writtenWithoutSecret(value: unknown): string {
  const text = written(value);
  if (referenceIn(text) === undefined) return text;
  throw new Unwritable(SECRET_WRITTEN.message, SECRET_WRITTEN.help, true);
}
