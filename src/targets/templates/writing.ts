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

  /** Takes what the value is, and what to do. */
  constructor(message: string, help: string, isSecret = false) {
    super(message);
    this.name = 'Unwritable';
    this.help = help;
    this.isSecret = isSecret;
  }
}

/**
 * Gives a value as the text that a tag writes of it. Throws Unwritable for what is not there, and for lists, maps and
 * functions: nobody wants the word undefined, or [object Object], in a file that a machine boots from.
 */
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
