import { Eta } from 'eta/core';
import { referenceIn } from '../../source/placeholders.ts';
import * as quoting from '../../values/quoting.ts';

/** A tag of a template: its code, where that begins in the text, and the line of the program before it. */
export interface Tag {
  readonly code: string;
  readonly writes: boolean;
  readonly start: number;
  readonly line: number;
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
 * Converts a template to the body of a function, with its tags in order; `body` is the part of the tags and the text. `<%~ … %>` writes `asText` of a value, and `<%= … %>` writes
 * `quote` of that. Throws an error of Eta for a tag, a string or a comment without an end.
 */
export function toCode(template: string, asText: Writer, quote: Writer) {
  const text = swallowCodeLines(template);
  // An undeclared name is an error, not a global variable of the process.
  const functionHeader = "'use strict';";
  const options = {
    escapeFunction: quote,
    autoFilter: true,
    filterFunction: asText,
    autoTrim: false as const,
  };
  const self = new Eta({ ...options, functionHeader });
  const [before = '', after = ''] = self.compileToString('-').split("__eta.res+='-';\n");
  const tags: Tag[] = [];
  let line = before.split('\n').length;
  const pieces = self.parse(text).map((piece) => {
    if (typeof piece === 'string') {
      line += 1;
      return piece;
    }
    const { val: code, t } = piece;
    OPENING.lastIndex = (tags.at(-1)?.start ?? 0) + (tags.at(-1)?.code.length ?? 0);
    OPENING.exec(text);
    tags.push({ code, writes: t !== 'e', start: OPENING.lastIndex, line });
    line += code.split('\n').length + 2;
    // Code has its own lines, because it may end in a comment.
    return { ...piece, val: t === 'e' ? `\n${code}\n` : `(\n${code}\n)` };
  });
  const body = self.compileBody(pieces);
  return { program: before + body + after, body, tags, self };
}

/** The quoting of `<%= … %>` by the extension of a template's name. `<%~ … %>` writes values that are already quoted. */
const QUOTE_BY_ENDING: Readonly<Record<string, (value: unknown) => string>> = {
  chrony: quoting.quoteChrony,
  dhcpd: quoting.quoteDhcpd,
  conman: quoting.quoteConman,
  dnsmasq: quoting.quoteDnsmasq,
  grub: quoting.quoteGrub,
  html: quoting.quoteXml,
  ipxe: quoting.quoteIpxe,
  md: quoting.quoteMarkdown,
  nft: quoting.quoteNft,
  nginx: quoting.quoteNginx,
  powerman: quoting.quotePowerman,
  pxelinux: quoting.quotePxelinux,
  sh: quoting.quoteShell,
  systemd: quoting.quoteSystemd,
  tgt: quoting.quoteTgt,
  xinetd: quoting.quoteXinetd,
  xml: quoting.quoteXml,
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
  readonly code: 'template-value' | 'template-secret';

  constructor(message: string, help: string, code: Unwritable['code'] = 'template-value') {
    super(message);
    this.help = help;
    this.code = code;
  }
}

/** Returns a value as the text that a tag writes. Throws Unwritable for missing values, lists, maps and functions. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (value === undefined || value === null) {
    const help = 'write it only if it exists, with <% if (…) { %>, or set a default with ??';
    throw new Unwritable('This has no value, so there is nothing to write', help);
  }
  if (Array.isArray(value))
    throw new Unwritable('This is a list, not text', 'write its entries in a loop, or join them');
  const kind = typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  throw new Unwritable(`This is ${kind}, not text`, 'write one of its values');
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
  throw new Unwritable(SECRET_WRITTEN.message, SECRET_WRITTEN.help, 'template-secret');
}
