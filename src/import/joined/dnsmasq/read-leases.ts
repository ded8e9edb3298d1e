import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import type { Notes } from '../../notes.ts';
import { readMac } from '../reservations/mac.ts';
import type { Reservation } from '../reservations/machine-of.ts';
import { type Piece, saidBy } from '../reservations/said.ts';

/** The first lines of a file of leases: a lease of DHCPv4, or what begins those of DHCPv6. */
const LEASE =
  /^\d+\s+(?:[0-9a-f]{1,2}-)?[0-9a-f]{1,2}(?::[0-9a-f]{1,2})+\s+\d+\.\d+\.\d+\.\d+\s+\S+(?:\s+\S+)?\s*$/i;

/** Says whether a line that says something is one of a file of leases. */
export function isLease(line: string): boolean {
  return LEASE.test(line) || /^duid\s+[0-9a-f:]+\s*$/i.test(line);
}

/**
 * Reads dnsmasq's file of leases: five words on a line, of which the first is when the lease ends, which says nothing of the
 * machine. Behind `duid` are those of DHCPv6, which are passed over. Reports lines that are no lease.
 * Source: dnsmasq, src/lease.c, lease_init; "dnsmasq leases file format specification", dnsmasq-discuss, June 2016.
 */
export function readLeases(source: Source, notes: Notes, report: Report): Reservation[] {
  const leases: Reservation[] = [];
  for (const match of source.text.matchAll(/[^\r\n\ufeff]+/g)) {
    const words = Array.from(match[0].matchAll(/\S+/g), ({ index, 0: text }) => ({
      text,
      start: match.index + index,
      end: match.index + index + text.length,
    }));
    const [first, hardware, address, name] = words;
    if (!first) continue;
    if (first.text === 'duid') {
      notes.add('left', 'duid', 'leases of DHCPv6: a site has IPv4 addresses', { source, ...placeOf(first) });
      break;
    }
    const lease = hardware && address && name && leaseOf(source, first, hardware, address, name);
    if (lease === undefined)
      report.error({
        code: 'import-syntax',
        message: "This is no lease: when it ends, the MAC address, the address, a name, a client's id.",
        at: { source, start: first.start, end: words.at(-1)?.end ?? first.end },
        help: 'take the line out, or copy the file again; it is /var/lib/misc/dnsmasq.leases unless dhcp-leasefile says otherwise',
      });
    else if (lease.macs.length > 0) leases.push(lease);
    else
      notes.add('left', 'a lease', 'its hardware is no NIC of Ethernet', {
        source,
        ...placeOf(hardware ?? first),
      });
  }
  return leases;
}

function leaseOf(
  source: Source,
  first: Piece,
  hardware: Piece,
  address: Piece,
  name: Piece,
): Reservation | undefined {
  if (!/^\d+$/.test(first.text) || ipv4Number(address.text) === undefined) return undefined;
  if (!/^(?:[0-9a-f]{1,2}-)?[0-9a-f]{1,2}(?::[0-9a-f]{1,2})*$/i.test(hardware.text)) return undefined;
  const isOther = /^(?!0?1-)[0-9a-f]{1,2}-/i.test(hardware.text);
  const mac = isOther ? undefined : readMac(hardware.text.replace(/^0?1-/, ''));
  return {
    at: { source, start: first.start, end: name.end },
    macs: mac === undefined ? [] : [saidBy(source, hardware, mac)],
    ips: [saidBy(source, address)],
    ...(name.text === '*' ? {} : { name: saidBy(source, name) }),
    isLease: true,
  };
}

function placeOf({ start, end }: Piece) {
  return { start, end };
}
