import type { Report } from '../../source/diagnostics/report.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, ipv4Number, ipv4Text, parseCidr } from '../../values/addresses.ts';
import { parseServerUrl } from '../../values/urls.ts';
import type { ImportSettings } from '../kind.ts';
import { freeName, siteNameOf } from '../names.ts';
import type { Findings, Notes } from '../notes.ts';
import { GUESS, smallestAround, subnetAround } from '../subnets.ts';
import type { GatheredNetwork, GatheredVlan, Sourced } from './gathered.ts';
import { bootNicOf, firstOf, type Machine, type Nic, withoutNothing } from './machine.ts';

/** A network of the site that is made. */
export interface JoinedNetwork {
  readonly name: string;
  readonly label?: string | undefined;
  readonly subnet: Cidr;
  /** What a file says of it; undefined where it follows from addresses, or from the command line. */
  readonly said?: GatheredNetwork | undefined;
  /** The tag of the installed system on it. */
  readonly vlan?: Sourced<number> | undefined;
  readonly pool?: { readonly text: string; readonly at: SourceLocation } | undefined;
  readonly isGuessed: boolean;
  readonly boots: boolean;
}

type Found = Omit<JoinedNetwork, 'name' | 'vlan' | 'pool' | 'boots'>;

/**
 * Gives the networks that machines have addresses in: those that files and the command line name, and for other addresses the
 * smallest from /24 on that holds them, which is noted. What machines boot on comes first.
 */
export function networksOf(
  machines: readonly Machine[],
  {
    networks: said,
    vlans,
  }: { readonly networks: readonly GatheredNetwork[]; readonly vlans: readonly GatheredVlan[] },
  { subnet: wished, server }: Pick<ImportSettings, 'subnet' | 'server'>,
  { notes, report }: Findings,
): JoinedNetwork[] {
  const host = server === undefined ? undefined : parseServerUrl(server)?.host;
  const found: Found[] = wished ? [{ subnet: wished, isGuessed: false }] : [];
  for (const network of said) addSaid(found, network, notes);
  const nics = machines.flatMap((machine) => machine.nics);
  for (const guess of guesses(nics, found)) found.push(guess);
  // Whose a network is shows in its name, where machines have tenants.
  const hasTenants = machines.some(({ tenant }) => tenant);
  for (const [index, one] of found.entries())
    if (hasTenants && one.label === undefined) found[index] = { ...one, label: labelOf(one.subnet, nics) };
  const vlanOf = vlansByLabel(vlans, report);
  const booting = machines.flatMap((machine) => bootNicOf(machine)?.ips[0]?.value ?? []);
  const isBooted = ({ subnet }: Found) => booting.some((ip) => contains(subnet, ip));
  const isUsed = ({ subnet, said: one }: Found) =>
    one !== undefined || nics.some((nic) => hasAddressIn(nic, subnet));
  const isIdle =
    nics.some(({ ips }) => ips.length > 0) && !nics.some((nic) => wished && hasAddressIn(nic, wished));
  const used = found.filter((one) => isUsed(one) || (one.subnet === wished && !isIdle));
  if (wished && isIdle)
    notes.open('--subnet', `no machine is in ${wished.text}, which --subnet gives: correct it`);
  const inOrder = [...used.filter(isBooted), ...used.filter((one) => !isBooted(one))];
  const taken = new Set<string>();
  return inOrder.map((one, index) => {
    const label = one.label === undefined ? undefined : siteNameOf(one.label);
    const name = freeName(label ?? (index === 0 ? 'mgmt' : `net-${index + 1}`), taken);
    const why = `no file says it: ${one.subnet.text} is the smallest from /24 on that holds the addresses. Correct it${wished ? '' : ', or give --subnet'}`;
    if (one.isGuessed) notes.open(`networks.${name}.subnet`, why);
    const pool = one.said && freePool(one.said, one.subnet, machines, host, notes);
    const vlan = vlanOf.get(one.label ?? '');
    const isVlan = vlan && vlan.value >= 2 && vlan.value <= 4094;
    if (vlan && !isVlan) notes.left(`VLAN ${vlan.value}`, 'a site has VLANs from 2 to 4094', vlan.at);
    return {
      ...one,
      name,
      pool,
      vlan: isVlan ? vlan : undefined,
      boots: isBooted(one) || (index === 0 && booting.length === 0),
    };
  });
}

/** Gives the network of a NIC that has no address, by what files call it; undefined for one that no file says more of. */
export function networkCalled(
  { network }: Nic,
  networks: readonly JoinedNetwork[],
): JoinedNetwork | undefined {
  return network && networks.find(({ label }) => label === network.value);
}

/** What files call the network that all NICs with an address in a subnet are on; undefined where they say several. */
function labelOf(subnet: Cidr, nics: readonly Nic[]): string | undefined {
  const labels = new Set(
    nics.flatMap((nic) => (nic.network && hasAddressIn(nic, subnet) ? [nic.network.value] : [])),
  );
  return labels.size === 1 ? [...labels][0] : undefined;
}

function vlansByLabel(vlans: readonly GatheredVlan[], report: Report): ReadonlyMap<string, Sourced<number>> {
  const found = new Map<string, Sourced<number>>();
  for (const { network, vlan } of vlans) {
    const one = firstOf(found.get(network.value), vlan, { what: 'VLAN', whose: network.value, report });
    if (one) found.set(network.value, one);
  }
  return found;
}

function hasAddressIn({ ips }: Nic, subnet: Cidr): boolean {
  return ips.some(({ value }) => contains(subnet, value));
}

function addSaid(found: Found[], network: GatheredNetwork, notes: Notes): void {
  const subnet = parseCidr(network.subnet.value);
  if (!subnet) {
    notes.left(network.subnet, 'no subnet that a site could have');
    return;
  }
  const index = found.findIndex((one) => one.subnet.text === subnet.text);
  const known = found[index];
  const label = network.name?.value;
  if (!known) found.push({ subnet, said: network, isGuessed: false, label });
  else if (known.said)
    found[index] = { ...known, said: { ...withoutNothing(network), ...withoutNothing(known.said) } };
  else found[index] = { ...known, said: network, label };
}

/** Addresses that no network holds, by what their files call the network: labels tell apart what numbers would not. */
function guesses(nics: readonly Nic[], known: readonly Found[]): Found[] {
  const byLabel = new Map<string, { label: string | undefined; ips: string[] }>();
  for (const { ips, network } of nics) {
    const [ip] = ips;
    if (!ip || known.some(({ subnet }) => contains(subnet, ip.value))) continue;
    const near = ip.value.split('.').slice(0, 2).join('.');
    const key = `${near} ${network?.value ?? ''}`;
    const group = byLabel.get(key) ?? { label: network?.value, ips: [] };
    group.ips.push(ip.value);
    byLabel.set(key, group);
  }
  const made: Found[] = [];
  for (const { label, ips } of byLabel.values()) {
    const subnet = smallestAround(ips) ?? subnetAround(ips[0] ?? '', GUESS.shortest);
    if (!subnet) continue;
    const overlapping = made.findIndex(
      (one) => contains(one.subnet, subnet.network) || contains(subnet, one.subnet.network),
    );
    const other = made[overlapping];
    // What numbers do not tell apart is one network, whatever it is called.
    if (other)
      made[overlapping] = { ...other, subnet: other.subnet.prefix < subnet.prefix ? other.subnet : subnet };
    else made.push({ subnet, isGuessed: true, label });
  }
  return made;
}

/**
 * Gives the pool for machines that a site does not know: a site keeps the addresses of nodes, their controllers, routers and
 * servers out of it, where DHCP servers have reservations inside. The largest run of what is left is the pool, which is noted.
 */
function freePool(
  { pool, gateway, dns = [], ntp = [] }: GatheredNetwork,
  subnet: Cidr,
  machines: readonly Machine[],
  server: string | undefined,
  notes: Notes,
): { readonly text: string; readonly at: SourceLocation } | undefined {
  if (!pool) return undefined;
  const [from, to] = pool;
  const said = `${from.value}-${to.value}`;
  const ofMachines = machines.flatMap(({ nics, bmc }) => [...nics.flatMap(({ ips }) => ips), bmc?.address]);
  const taken = [...ofMachines, gateway, ...dns, ...ntp].flatMap((one) => (one ? [one.value] : []));
  const free = largestGap(
    Math.max(numberOf(from), subnet.first + 1),
    Math.min(numberOf(to), subnet.last - 1),
    [...taken, ...(server === undefined ? [] : [server])].flatMap((address) => ipv4Number(address) ?? []),
  );
  if (!free) {
    notes.left(said, 'a pool of which no address is free in the subnet', from.at);
    return undefined;
  }
  const text = free.map(ipv4Text).join('-');
  const why = `the pool is ${text}, the largest part of it that is free: a site keeps the addresses of nodes and servers outside`;
  if (text !== said) notes.changed(said, why, from.at);
  return { text, at: from.at };
}

function numberOf({ value }: Sourced<string>): number {
  return ipv4Number(value) ?? Number.NaN;
}

/** The longest run of addresses from one to another without certain ones; undefined where none is left. */
function largestGap(first: number, last: number, without: readonly number[]): [number, number] | undefined {
  let best: [number, number] | undefined;
  let from = first;
  const inside = without.filter((one) => one >= first && one <= last).sort((a, b) => a - b);
  for (const end of [...inside, last + 1]) {
    if (end > from && (!best || end - from > best[1] - best[0] + 1)) best = [from, end - 1];
    from = end + 1;
  }
  return best;
}
