import type { Place } from '../../../source/origin.ts';
import { ipv4Number } from '../../../values/ipv4.ts';
import { isNodeXname } from '../../../values/xname.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Gathered, GatheredBmc, GatheredMachine, Said } from '../gathered.ts';
import { readName } from './read-name.ts';

/** An address that a DHCP server keeps for a machine, or has given to it. */
export interface Reservation {
  /** Where the file begins to speak of it. */
  readonly at: Place;
  readonly name?: Said<string> | undefined;
  /** Lower case, with colons. */
  readonly macs: readonly Said<string>[];
  readonly ips: readonly Said<string>[];
  /** Whether it is given for a while only: what a file states counts before it. */
  readonly isLease?: boolean;
}

/** More digits than these are no NID. */
const NID = /^nid0*([1-9]\d{0,8})$/i;

/** Gives the machines and the management controllers of reservations. Notes what is carried otherwise or left. */
export function gatheredOf(
  reservations: readonly Reservation[],
  notes: Notes,
): Pick<Gathered, 'machines' | 'bmcs'> {
  const machines: GatheredMachine[] = [];
  const bmcs: GatheredBmc[] = [];
  for (const reservation of reservations) {
    const { at, name, macs } = reservation;
    const ips = reservation.ips.filter((ip) => isCarried(ip, notes));
    const read = name ? readName(name.value) : { of: 'node' as const };
    if (read.of === 'vip') noteVip(reservation, notes);
    else if (macs.length === 0 && ips.length === 0)
      notes.add(
        'left',
        quoteVisibly(name?.value ?? 'an entry'),
        'it has neither a MAC address nor an IPv4 address: nothing of a machine is known',
        at,
      );
    else if (read.of === 'bmc')
      bmcs.push({ at, ...(read.xname ? { xname: name } : { name }), mac: macs[0], address: ips[0] });
    else machines.push(machineOf(reservation, ips, notes));
  }
  return { machines, bmcs };
}

function machineOf(
  { at, name, macs, isLease }: Reservation,
  ips: readonly Said<string>[],
  notes: Notes,
): GatheredMachine {
  const read = readName(name?.value ?? '');
  if (read.of === 'nic' && name)
    notes.add(
      'changed',
      `…-${quoteVisibly(read.nic)}`,
      'a name that ends so is that of a NIC: the node is called by what stands before it',
      name.at,
    );
  const [, nid] = NID.exec(name?.value ?? '') ?? [];
  const isXname = name !== undefined && isNodeXname(name.value);
  return {
    at,
    ...(name && !isXname ? { name: read.of === 'nic' ? { value: read.node, at: name.at } : name } : {}),
    ...(isXname ? { xname: name } : {}),
    ...(nid && name ? { nid: { value: Number(nid), at: name.at } } : {}),
    nics: nicsOf(macs, ips),
    ...(isLease ? { isLease } : {}),
  };
}

/** The first MAC address has the addresses: several are those of a machine that uses one at a time. */
function nicsOf(macs: readonly Said<string>[], ips: readonly Said<string>[]) {
  if (macs.length === 0) return [{ ips }];
  return macs.map((mac, index) => (index === 0 ? { mac, ips } : { mac }));
}

function isCarried({ value, at }: Said<string>, notes: Notes): boolean {
  if (ipv4Number(value) !== undefined) return true;
  const text = value.includes(':')
    ? 'a site has IPv4 addresses: give machines their IPv6 addresses by other means'
    : 'a name, which the DNS knows, and harvgen does not ask: say the address';
  notes.add(value.includes(':') ? 'left' : 'open', quoteVisibly(value), text, at);
  return false;
}

function noteVip({ name, macs, ips, at }: Reservation, notes: Notes): void {
  const says = [
    ips[0] && `vip: ${ips[0].value}`,
    macs[0] && `vip_mode: dhcp, vip_hw_addr: "${macs[0].value}"`,
  ];
  notes.add(
    'left',
    quoteVisibly(name?.value ?? ''),
    `the VIP of a Harvester cluster, and no machine: for one, say cluster: { ${says.filter(Boolean).join(', ')} }`,
    at,
  );
}
