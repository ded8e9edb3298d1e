import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, ipv4Number } from '../../values/addresses.ts';
import { isNodeXname } from '../../values/identifiers.ts';
import type { Gathered, GatheredBmc, GatheredMachine, GatheredNetwork, Sourced } from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import { subnetAround } from '../subnets.ts';
import type { FileReader } from './file-reader.ts';

/** What the files of DHCP servers have in common: addresses that they keep for machines, and the networks of these. */

/** An address that a DHCP server keeps for a machine, or has given to it. */
export interface Reservation {
  readonly at: SourceLocation;
  readonly name?: Sourced<string> | undefined;
  /** Lower case, with colons. */
  readonly macs: readonly Sourced<string>[];
  readonly ips: readonly Sourced<string>[];
  /** Whether it is given for a while only: what a file states counts before it. */
  readonly isLease?: boolean;
}

/** Why an option or statement by which machines boot is left. */
export const LEFT_OF_BOOT =
  'harvgen writes itself what DHCP answers to whom: boot of a node says what it boots, and boot.loader by which program';

/** Why what a client calls itself is left. */
export const LEFT_CLIENT_ID =
  'a machine is known by its MAC address, and not by what its client calls itself';

const BY_DNS = 'a name, which the DNS knows, and harvgen does not ask: say the address';

/** More digits than these are no NID. */
const NID = /^nid0*([1-9]\d{0,8})$/i;

/** Gives the machines and the management controllers of reservations. Notes what is carried otherwise or left. */
export function gatheredOf(
  reservations: readonly Reservation[],
  reader: FileReader,
): Pick<Gathered, 'machines' | 'bmcs'> {
  const machines: GatheredMachine[] = [];
  const bmcs: GatheredBmc[] = [];
  for (const reservation of reservations) {
    const { at, name, macs } = reservation;
    const ips = reservation.ips.filter((ip) => isCarried(ip, reader));
    const read = readName(name?.value ?? '');
    if (read.of === 'vip') noteVip(reservation, reader);
    else if (macs.length === 0 && ips.length === 0)
      reader.left(
        { value: name?.value ?? 'an entry', at },
        'it has neither a MAC address nor an IPv4 address: nothing of a machine is known',
      );
    else if (read.of === 'bmc')
      bmcs.push({ at, ...(read.xname ? { xname: name } : { name }), mac: macs[0], address: ips[0] });
    else machines.push(machineOf(reservation, ips, reader));
  }
  return { machines, bmcs };
}

function machineOf(
  { at, name, macs, isLease }: Reservation,
  ips: readonly Sourced<string>[],
  { notes }: FileReader,
): GatheredMachine {
  // The first MAC address has the addresses: several are those of a machine that uses one at a time.
  const nics =
    macs.length === 0 ? [{ ips }] : macs.map((mac, index) => (index === 0 ? { mac, ips } : { mac }));
  const lease = isLease ? { isLease } : {};
  if (!name) return { at, nics, ...lease };
  const read = readName(name.value);
  const why = 'a name that ends so is that of a NIC: the node is called by what stands before it';
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

function isCarried(said: Sourced<string>, reader: FileReader): boolean {
  if (ipv4Number(said.value) !== undefined) return true;
  if (said.value.includes(':'))
    reader.left(said, 'a site has IPv4 addresses: give machines their IPv6 addresses by other means');
  else reader.open(said, BY_DNS);
  return false;
}

function noteVip({ name, macs, ips, at }: Reservation, reader: FileReader): void {
  const says = [
    ips[0] && `vip: ${ips[0].value}`,
    macs[0] && `vip_mode: dhcp, vip_hw_addr: "${macs[0].value}"`,
  ].filter(Boolean);
  reader.left(
    { value: name?.value ?? '', at },
    `the VIP of a Harvester cluster, and no machine: for one, say cluster: { ${says.join(', ')} }`,
  );
}

/** What a name in a list of reservations tells of who has it. */
export type NameRead =
  | { readonly of: 'node' }
  /** A NIC of a node: `cg02-eth0`. */
  | { readonly of: 'nic'; readonly node: string; readonly nic: string }
  /** A management controller: `cg02-bmc`, which names its node, or an xname without a node (`x1000c1s7b0`). */
  | { readonly of: 'bmc'; readonly xname: boolean; readonly node?: string | undefined }
  /** The VIP of a Harvester cluster: `harvest_vip`. */
  | { readonly of: 'vip' };

/** Behind a digit or by itself, and never the end of a word: kilo is a node. */
const BMC = /(?:^|[-_]|(?<=\d))(?:bmc|ipmi|ilo|idrac)(?:\d*$|[-_])|^(?:bmc|ipmi|ilo|idrac)\d/i;
const BMC_OF = /^(.+?)[-_]?(?:bmc|ipmi|ilo|idrac)\d*$/i;
const BMC_XNAME = /^x\d+c\d+(?:s\d+)?b\d+$/i;
const NIC = /^(.+?)[-_](eth\d+|e(?:n|no|ns|np|nx)\d\w*|ib\d+|hsn\d+)$/i;
const VIP = /(?:^|[-_])vip(?:[-_]?\d*)$/i;

/** A domain that is theirs alone: rk01.bmc.example.org. */
const BMC_DOMAIN = /^(?:bmc|ipmi|ilo|idrac)$/i;

/** Reads what a name tells of who has it; of a name with a domain, its first labels count. */
export function readName(name: string): NameRead {
  const [label = '', domain = ''] = name.split('.');
  if (BMC_XNAME.test(label)) return { of: 'bmc', xname: true };
  if (BMC.test(label)) return { of: 'bmc', xname: false, node: BMC_OF.exec(label)?.[1] };
  if (BMC_DOMAIN.test(domain)) return { of: 'bmc', xname: false, node: label };
  if (VIP.test(label)) return { of: 'vip' };
  const [, node, nic] = NIC.exec(label) ?? [];
  if (node !== undefined && nic !== undefined) return { of: 'nic', node, nic };
  return { of: 'node' };
}

/** Gives the name of the node where a name is that of its NIC. */
export function nodeNameOf(name: Sourced<string>): Sourced<string> {
  const read = readName(name.value);
  return read.of === 'nic' ? { value: read.node, at: name.at } : name;
}

/** What a DHCP server's file says of a network, as it is written there. */
export interface NetworkFacts {
  readonly at: SourceLocation;
  readonly name?: Sourced<string> | undefined;
  /** The subnet, or undefined where the file does not say it. */
  readonly subnet?: Sourced<Cidr> | undefined;
  /** Further addresses in it, from which the subnet can be told. */
  readonly around?: readonly Sourced<string>[];
  readonly routers: readonly Sourced<string>[];
  readonly dns: readonly Sourced<string>[];
  readonly ntp: readonly Sourced<string>[];
  readonly domain?: Sourced<string> | undefined;
  readonly mtu?: Sourced<number> | undefined;
  /** First and last address of each pool. */
  readonly pools: readonly (readonly [Sourced<string>, Sourced<string>])[];
  readonly lease?: Sourced<string> | undefined;
}

/** Returns the network that a file speaks of, in a list, its subnet guessed where need be; empty where none can be told. */
export function networkOf(facts: NetworkFacts, reader: FileReader): GatheredNetwork[] {
  const subnet = facts.subnet ?? guessed(facts, reader);
  if (!subnet) return [];
  const [gateway, ...further] = addresses(facts.routers, reader);
  for (const one of further) reader.left(one, 'a network has one gateway, the first that is named');
  return [
    {
      at: facts.at,
      name: facts.name,
      subnet: { value: subnet.value.text, at: subnet.at },
      gateway,
      dns: addresses(facts.dns, reader),
      ntp: facts.ntp,
      domain: facts.domain && domainOf(facts.domain, reader),
      mtu: facts.mtu,
      pool: poolOf(facts, subnet.value, reader),
      lease: facts.lease,
    },
  ];
}

/** The smallest subnet from /24 on that holds all that is known of it. */
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
    const why = `the file does not say its mask: ${subnet.text} is the smallest from /24 on that holds what it says. See whether it is right, or give --subnet`;
    notes.open(`the subnet of ${first.value}`, why, at);
    return { value: subnet, at };
  }
  return undefined;
}

function addresses(all: readonly Sourced<string>[], reader: FileReader): Sourced<string>[] {
  return all.filter((one) => {
    const isAddress = ipv4Number(one.value) !== undefined;
    if (!isAddress) reader.left(one, BY_DNS);
    return isAddress;
  });
}

/** DNS knows no name that begins with a dot; dnsmasq takes one. */
function domainOf(said: Sourced<string>, reader: FileReader): Sourced<string> | undefined {
  const domain = said.value.replace(/^\.+|\.+$/g, '').toLowerCase();
  if (domain === '') return undefined;
  if (domain !== said.value) reader.changed(said, `the domain is ${domain}`);
  return { value: domain, at: said.at };
}

function poolOf({ pools }: NetworkFacts, subnet: Cidr, { notes }: FileReader): GatheredNetwork['pool'] {
  const [pool, ...others] = pools.filter(([from, to]) => {
    const isOf =
      contains(subnet, from.value) &&
      contains(subnet, to.value) &&
      (ipv4Number(from.value) ?? 1) <= (ipv4Number(to.value) ?? 0);
    const of = `${displayName(from.value)} to ${displayName(to.value)}`;
    if (!isOf) notes.left(of, `no pool of ${subnet.text}`, from.at);
    return isOf;
  });
  for (const [from, to] of others)
    notes.left(
      `${from.value} to ${to.value}`,
      'a network has one pool for machines that are not known, and this is a further one',
      from.at,
    );
  return pool;
}

/** Gives the number that a text is, where it is one of up to some digits. */
export function digitsOf(said: Sourced<string> | undefined, form = /^\d+$/): Sourced<number> | undefined {
  return said && form.test(said.value) ? { value: Number(said.value), at: said.at } : undefined;
}

/** dnsmasq makes two minutes of a shorter lease, and a site takes none. */
const SHORTEST = 120;

/** Gives the time of a lease as dnsmasq writes it, from seconds: in the largest unit that says it in whole numbers. */
export function leaseText(said: number): string {
  const seconds = Math.max(said, SHORTEST);
  const units = { d: 86_400, h: 3600, m: 60, s: 1 };
  const [unit, size] = Object.entries(units).find(([, one]) => seconds % one === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
