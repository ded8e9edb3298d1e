import type { Report } from '../../../source/diagnostics/report.ts';
import type { Source } from '../../../source/origin.ts';
import { selfPlace } from '../../../source/origin.ts';
import type { Notes } from '../../notes.ts';
import { Reader, readValue } from '../reader.ts';
import type { Reservation } from '../reservations/machine-of.ts';

const KEYS = ['ip-address', 'mac-address', 'hostname', 'client-id', 'expiry-time', 'server-duid', 'iaid'];

/**
 * Reads what libvirt keeps in place of dnsmasq's leases, /var/lib/libvirt/dnsmasq/<bridge>.status: a list in JSON. Reports what
 * cannot be read. Source: libvirt, src/util/virlease.c.
 */
export function readStatus(source: Source, notes: Notes, report: Report): Reservation[] {
  const value = readValue(source, report);
  if (value === undefined || value === null) return [];
  const reader = new Reader(notes, report);
  return reader.maps(value, 'the file', { source, start: 0, end: 1 }).flatMap((lease): Reservation[] => {
    const mac = reader.mac(lease, 'mac-address');
    const ip = reader.text(lease, 'ip-address');
    reader.rest(lease, KEYS, {}, '');
    if (!mac || !ip) return [];
    return [
      { at: selfPlace(lease), name: reader.text(lease, 'hostname'), macs: [mac], ips: [ip], isLease: true },
    ];
  });
}
