import { quoteChrony } from '../quoting/chrony.ts';
import { quoteConman } from '../quoting/conman.ts';
import { quoteDhcpd } from '../quoting/dhcpd.ts';
import { quoteDnsmasq } from '../quoting/dnsmasq.ts';
import { quoteGrub } from '../quoting/grub.ts';
import { quoteIet } from '../quoting/iet.ts';
import { quoteIpxe } from '../quoting/ipxe.ts';
import { quoteMarkdown } from '../quoting/markdown.ts';
import { quoteNft } from '../quoting/nft.ts';
import { quoteNginx } from '../quoting/nginx.ts';
import { quotePowerman } from '../quoting/powerman.ts';
import { quotePxelinux } from '../quoting/pxelinux.ts';
import { quoteShell } from '../quoting/shell.ts';
import { quoteSystemd } from '../quoting/systemd.ts';
import { quoteTgt } from '../quoting/tgt.ts';
import { quoteXinetd } from '../quoting/xinetd.ts';
import { quoteXml } from '../quoting/xml.ts';

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
