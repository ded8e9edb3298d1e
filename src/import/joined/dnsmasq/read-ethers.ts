import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { readMac } from '../reservations/mac.ts';
import type { Reservation } from '../reservations/machine-of.ts';
import { saidBy } from '../reservations/said.ts';

/**
 * Reads lines of a MAC address and an address or name: /etc/ethers, which dnsmasq reads (`read-ethers`), and the list of
 * coredhcp's plugin `file`. Reports lines that are something else. Source: ethers(5); coredhcp, plugins/file.
 */
export function readEthers(source: Source, report: Report): Reservation[] {
  const all: Reservation[] = [];
  for (const match of source.text.matchAll(/[^\r\n\ufeff]+/g)) {
    const [, blank = '', macText, between = '', other, rest] =
      /^(\s*)(?:([^\s#]+)(?:(\s+)([^\s#]+))?)?\s*(?:#.*)?(.*)$/.exec(match[0]) ?? [];
    if (macText === undefined && !rest) continue;
    const start = match.index + blank.length;
    const mac = readMac(macText ?? '');
    if (mac === undefined || other === undefined || rest) {
      report.error({
        code: 'import-syntax',
        message: 'This is no line of a MAC address and an address or name.',
        at: { source, start, end: match.index + match[0].trimEnd().length },
        help: 'write it as 52:54:00:aa:01:01 192.168.178.41',
      });
      continue;
    }
    const behind = start + (macText?.length ?? 0);
    const from = behind + between.length;
    const said = saidBy(source, { text: other, start: from, end: from + other.length });
    const isAddress = ipv4Number(other) !== undefined || other.includes(':');
    all.push({
      at: { source, start, end: from + other.length },
      macs: [saidBy(source, { start, end: behind }, mac)],
      ips: isAddress ? [said] : [],
      ...(isAddress ? {} : { name: said }),
    });
  }
  return all;
}
