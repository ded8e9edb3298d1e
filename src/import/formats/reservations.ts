import { type Cidr, contains, ipv4Number } from '../../values/addresses.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type {
  Gathered,
  GatheredBmc,
  GatheredMachine,
  GatheredNetwork,
  GatheredServer,
  GatheredVip,
  Sourced,
} from '../model/gathered.ts';
import { serverOfUrl } from '../model/kernel-params.ts';
import { displayName, nodeNameOf, readName } from '../model/names.ts';
import { subnetAround } from '../model/subnets.ts';
import type { FileReader } from './file-reader.ts';

/** The common part of the files of DHCP servers: IP addresses reserved for machines, and their networks. */

/** An IP address that a DHCP server reserves for a machine or has leased to it. */
export interface Reservation
  extends Pick<GatheredMachine, 'at' | 'name' | 'aliases' | 'isLease' | 'bootFiles'> {
  /** Lower case, with colons. */
  readonly macs: readonly Sourced<string>[];
  readonly ips: readonly Sourced<string>[];
}

const BY_DNS = 'a host name, and harvgen does not use DNS: set the IP address';

/** The form of a NID in a name; longer numbers are not NIDs. */
const NID = /^nid0*([1-9]\d{0,8})$/i;

/** Returns the machines, the BMCs and the VIPs of reservations. Adds notes on changed and dropped values. */
export function gatheredOf(
  reservations: readonly Reservation[],
  reader: FileReader,
): Required<Pick<Gathered, 'machines' | 'bmcs' | 'vips'>> {
  const machines: GatheredMachine[] = [];
  const bmcs: GatheredBmc[] = [];
  const vips: GatheredVip[] = [];
  for (const reservation of reservations) {
    const { at, name, macs } = reservation;
    const read = readName(name?.value ?? '');
    const named = read.of === 'bmc' || read.of === 'vip' ? [] : reservation.ips.filter(isHostName);
    const ips = reservation.ips.filter((ip) => !named.includes(ip) && isCarried(ip, reader));
    if (read.of === 'vip') vips.push({ at, name: name?.value ?? '', ip: ips[0], mac: macs[0] });
    else if (macs.length === 0 && ips.length === 0 && named.length === 0)
      reader.left(
        { value: name?.value ?? 'an entry', at },
        'it has neither a MAC address nor an IPv4 address, so that its machine is unknown',
      );
    else if (read.of === 'bmc')
      bmcs.push({ at, ...(read.xname ? { xname: name } : { name }), mac: macs[0], address: ips[0] });
    else machines.push(machineOf({ aliases: named, ...reservation, ips }, reader));
  }
  return { machines, bmcs, vips };
}

function machineOf(
  { at, name, macs, ips, aliases = [], isLease, bootFiles }: Reservation,
  { notes }: FileReader,
): GatheredMachine {
  // Only the first MAC address gets the IP addresses, because such a machine uses one NIC at a time.
  const nics =
    macs.length === 0 ? [{ ips }] : macs.map((mac, index) => (index === 0 ? { mac, ips } : { mac }));
  const lease = {
    ...(isLease ? { isLease } : {}),
    ...(bootFiles ? { bootFiles } : {}),
    ...(aliases.length > 0 ? { aliases } : {}),
  };
  if (!name) return { at, nics, ...lease };
  const read = readName(name.value);
  const why = 'the name of a NIC: the node has the name before this ending';
  if (read.of === 'nic') notes.changed(`…-${displayName(read.nic)}`, why, name.at);
  const [, nid] = NID.exec(name.value) ?? [];
  return {
    at,
    ...(isNodeXname(name.value) ? { xname: name } : { name: nodeNameOf(name) }),
    ...(nid ? { nid: { value: Number(nid), at: name.at } } : {}),
    nics,
    ...lease,
  };
}

/** Whether the value of an IP address is a host name, which the DHCP server looks up. */
function isHostName({ value }: Sourced<string>): boolean {
  return /^[\w.-]*[a-z][\w.-]*$/i.test(value);
}

function isCarried(ip: Sourced<string>, reader: FileReader): boolean {
  if (ipv4Number(ip.value) !== undefined) return true;
  if (ip.value.includes(':'))
    reader.left(ip, 'a site has IPv4 addresses: configure IPv6 addresses by other means');
  else reader.open(ip, BY_DNS);
  return false;
}

/** Returns the boot server in the first boot file that is a URL of one; undefined without any. */
export function serverIn(files: readonly Sourced<string>[]): GatheredServer | undefined {
  const [url] = files.flatMap(({ value, at }) => {
    const server = serverOfUrl(value);
    return server === undefined ? [] : [{ value: server, at }];
  });
  return url && { url };
}

/** Keeps only the last lease of each MAC address, because DHCP servers append new ones. Hosts are unchanged. */
export function latest(reservations: readonly Reservation[]): Reservation[] {
  const leases = reservations.filter(({ isLease }) => isLease);
  const last = new Map(leases.map((lease) => [lease.macs[0]?.value, lease]));
  return reservations.filter((host) => !host.isLease || last.get(host.macs[0]?.value) === host);
}

/** Why an option of one machine is not imported. */
export const OF_MACHINE = 'it is set for one machine: a site sets it for a network';

/** The values of a network in a DHCP server's file, unchanged. */
export interface NetworkFacts
  extends Pick<GatheredNetwork, 'at' | 'name' | 'domain' | 'mtu' | 'lease' | 'dhcp' | 'idle'> {
  /** The subnet, or undefined if the file does not contain it. */
  readonly subnet?: Sourced<Cidr> | undefined;
  /** Other IP addresses in the subnet, for guessing it. */
  readonly around?: readonly Sourced<string>[];
  readonly routers: readonly Sourced<string>[];
  readonly dns: readonly Sourced<string>[];
  readonly ntp: readonly Sourced<string>[];
  /** First and last address of each pool. */
  readonly pools: readonly (readonly [Sourced<string>, Sourced<string>])[];
}

/** The options that a site has keys for, with their names: in dnsmasq, in dhcpd and Kea. Source: RFC 2132, dhcp-options(5). */
export const OPTIONS = {
  routers: { number: '3', dnsmasq: 'router', isc: 'routers' },
  dns: { number: '6', dnsmasq: 'dns-server', isc: 'domain-name-servers' },
  domain: { number: '15', dnsmasq: 'domain-name', isc: 'domain-name' },
  mtu: { number: '26', dnsmasq: 'mtu', isc: 'interface-mtu' },
  ntp: { number: '42', dnsmasq: 'ntp-server', isc: 'ntp-servers' },
  lease: { number: '51', dnsmasq: 'lease-time', isc: 'default-lease-time' },
} as const;
export type OptionKey = keyof typeof OPTIONS;

/** Returns the option with a name. */
export function optionNamed(name: string, ...by: ('number' | 'dnsmasq' | 'isc')[]): OptionKey | undefined {
  const keys = Object.keys(OPTIONS) as OptionKey[];
  return keys.find((key) => by.some((naming) => OPTIONS[key][naming] === name));
}

/** Returns the values of a network from its options. */
export function optionFacts(valuesOf: (key: OptionKey) => readonly Sourced<string>[]) {
  const [domain] = valuesOf('domain');
  const time = digitsOf(valuesOf('lease')[0], /^[1-9]\d{0,9}$/);
  const mtu = digitsOf(valuesOf('mtu')[0], /^\d{1,5}$/);
  const lease = time && { value: leaseText(time.value), at: time.at };
  return { routers: valuesOf('routers'), dns: valuesOf('dns'), ntp: valuesOf('ntp'), domain, mtu, lease };
}

/** Returns the network of a file as a list, with a guessed subnet if necessary; empty if no subnet can be guessed. */
export function networkOf(facts: NetworkFacts, reader: FileReader): GatheredNetwork[] {
  const subnet = facts.subnet ?? guessed(facts, reader);
  if (!subnet) return [];
  const value = { value: subnet.value.text, at: subnet.at };
  return [{ ...detailsOf(facts, reader), subnet: value, pool: poolOf(facts, subnet.value, reader) }];
}

/** Returns the values of a network that do not depend on its subnet. */
export function detailsOf(facts: NetworkFacts, reader: FileReader): Omit<GatheredNetwork, 'subnet'> {
  const { at, name, ntp, domain, mtu, lease, dhcp, idle } = facts;
  const [gateway, ...further] = addresses(facts.routers, reader);
  for (const one of further) reader.left(one, 'a network has one gateway, the first in the list');
  const dns = addresses(facts.dns, reader);
  return {
    at,
    name,
    gateway,
    dns,
    ntp,
    domain: domain && domainOf(domain, reader),
    mtu,
    lease,
    ...(dhcp && { dhcp }),
    ...(idle && { idle }),
  };
}

/** Returns the smallest subnet, from /24 to /8, that contains all known IP addresses. */
function guessed(
  { at, pools, routers, around = [] }: NetworkFacts,
  { notes }: FileReader,
): Sourced<Cidr> | undefined {
  const known = [...pools.flat(), ...around, ...routers].filter(
    ({ value }) => ipv4Number(value) !== undefined,
  );
  const [first] = known;
  if (!first) return undefined;
  for (let prefix = 24; prefix >= 8; prefix -= 1) {
    const subnet = subnetAround(first.value, prefix);
    if (!subnet || !known.every(({ value }) => contains(subnet, value))) continue;
    const why = `the file does not contain its mask: ${subnet.text} is the smallest from /24 that contains all its IP addresses. Check it, or add --subnet`;
    notes.open(`the subnet of ${first.value}`, why, at);
    return { value: subnet, at };
  }
  return undefined;
}

function addresses(all: readonly Sourced<string>[], reader: FileReader): Sourced<string>[] {
  return all.filter((address) => {
    const isAddress = ipv4Number(address.value) !== undefined;
    if (!isAddress) reader.left(address, BY_DNS);
    return isAddress;
  });
}

/** Returns a domain without leading dots, which dnsmasq accepts but DNS does not. */
function domainOf(input: Sourced<string>, reader: FileReader): Sourced<string> | undefined {
  const domain = input.value.replace(/^\.+|\.+$/g, '').toLowerCase();
  if (domain === '') return undefined;
  if (domain !== input.value) reader.changed(input, `the domain is ${domain}`);
  return { value: domain, at: input.at };
}

function poolOf({ pools }: NetworkFacts, subnet: Cidr, { notes }: FileReader): GatheredNetwork['pool'] {
  const [pool, ...others] = pools.filter(([from, to]) => {
    const isInSubnet =
      contains(subnet, from.value) &&
      contains(subnet, to.value) &&
      (ipv4Number(from.value) ?? 1) <= (ipv4Number(to.value) ?? 0);
    const of = `${displayName(from.value)} to ${displayName(to.value)}`;
    if (!isInSubnet) notes.left(of, `not a pool of ${subnet.text}`, from.at);
    return isInSubnet;
  });
  for (const [from, to] of others)
    notes.left(
      `${from.value} to ${to.value}`,
      'a network has one pool for unknown machines, and this is another one',
      from.at,
    );
  return pool;
}

/** Returns the number in a text, or undefined if the text does not match. */
export function digitsOf(text: Sourced<string> | undefined, form = /^\d+$/): Sourced<number> | undefined {
  return text && form.test(text.value) ? { value: Number(text.value), at: text.at } : undefined;
}

/** dnsmasq extends a shorter lease to two minutes, and a site rejects it. */
const SHORTEST = 120;

/** Returns a lease time in the notation of dnsmasq, in the largest unit that divides the seconds. */
export function leaseText(time: number): string {
  const seconds = Math.max(time, SHORTEST);
  const units = { d: 86_400, h: 3600, m: 60, s: 1 };
  const [unit, size] = Object.entries(units).find(([, length]) => seconds % length === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
