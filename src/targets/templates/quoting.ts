import { quoteChrony } from '../../values/quoting/chrony.ts';
import { quoteConman } from '../../values/quoting/conman.ts';
import { quoteDhcpd } from '../../values/quoting/dhcpd.ts';
import { quoteDnsmasq } from '../../values/quoting/dnsmasq.ts';
import { quoteGrub } from '../../values/quoting/grub.ts';
import { quoteIet } from '../../values/quoting/iet.ts';
import { quoteIpxe } from '../../values/quoting/ipxe.ts';
import { quoteMarkdown } from '../../values/quoting/markdown.ts';
import { quoteNft } from '../../values/quoting/nft.ts';
import { quoteNginx } from '../../values/quoting/nginx.ts';
import { quotePowerman } from '../../values/quoting/powerman.ts';
import { quotePxelinux } from '../../values/quoting/pxelinux.ts';
import { quoteShell } from '../../values/quoting/shell.ts';
import { quoteSystemd } from '../../values/quoting/systemd.ts';
import { quoteTgt } from '../../values/quoting/tgt.ts';
import { quoteXinetd } from '../../values/quoting/xinetd.ts';
import { quoteXml } from '../../values/quoting/xml.ts';

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
