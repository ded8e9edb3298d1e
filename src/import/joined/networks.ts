import { type Cidr, contains, ipv4Number, ipv4Text, parseCidr } from '../../values/addresses.ts';
import { groupedBy } from '../../values/grouped.ts';
import { parseServerUrl } from '../../values/urls.ts';
import type {
  Gathered,
  GatheredNetwork,
  GatheredNetworkDetails,
  GatheredVlan,
  Sourced,
} from '../model/gathered.ts';
import type { ImportSettings } from '../model/import-format.ts';
import { displayName, freeName, siteNameOf } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import { GUESS, smallestAround, subnetAround } from '../model/subnets.ts';
import { firstOf, mergedValues } from './first-wins.ts';
import { bootNicOf, type Machine, type Nic } from './machine.ts';

/** A network of the imported site. */
export interface JoinedNetwork {
  readonly name: string;
  readonly label?: string | undefined;
  readonly subnet: Cidr;
  /** The network in a file; undefined if it is derived from IP addresses or from the command line. */
  readonly input?: GatheredNetwork | undefined;
  /** The VLAN tag of the installed system on it. */
  readonly vlan?: Sourced<number> | undefined;
  readonly pool?: Sourced<string> | undefined;
  readonly isGuessed: boolean;
  readonly boots: boolean;
}

type NetworkData = Required<Pick<Gathered, 'networks' | 'networkDetails' | 'vlans'>>;
type Found = Omit<JoinedNetwork, 'name' | 'vlan' | 'pool' | 'boots'>;

/**
 * Returns the networks of the machines' IP addresses: those in files and on the command line. For other IP addresses, guesses
 * the smallest subnet from /24 that contains them, with a note. The networks that machines boot from are first.
 */
export function networksOf(
  machines: readonly Machine[],
  { networks: inputs, networkDetails: details, vlans }: NetworkData,
  /** Further IP addresses that no pool may contain. */
  vips: readonly string[],
  { subnet: requested, server }: Pick<ImportSettings, 'subnet' | 'server'>,
  findings: Findings,
): JoinedNetwork[] {
  const { notes } = findings;
  const host = server === undefined ? undefined : parseServerUrl(server)?.host;
  const reserved = [...vips, ...(host === undefined ? [] : [host])];
  const found: Found[] = requested ? [{ subnet: requested, isGuessed: false }] : [];
  for (const network of inputs) addInput(found, network, findings);
  const nics = machines.flatMap((machine) => machine.nics);
  for (const guess of guesses(nics, found, details)) found.push(guess);
  for (const one of details) addDetails(found, one, findings);
  // If machines have tenants, the name of a network must show its owner.
  const hasTenants = machines.some(({ tenant }) => tenant);
  for (const [index, one] of found.entries())
    if (hasTenants && one.label === undefined) found[index] = { ...one, label: labelOf(one.subnet, nics) };
  const vlanOf = vlansByLabel(vlans, findings);
  const booting = machines.flatMap((machine) => bootNicOf(machine)?.ips[0]?.value ?? []);
  const isBooted = ({ subnet }: Found) => booting.some((ip) => contains(subnet, ip));
  const isUsed = ({ subnet, input: one }: Found) =>
    (one !== undefined && one.idle === undefined) || nics.some((nic) => hasAddressIn(nic, subnet));
  const isIdle =
    nics.some(({ ips }) => ips.length > 0) && !nics.some((nic) => requested && hasAddressIn(nic, requested));
  const inUse = found.filter((one) => isUsed(one) || (one.subnet === requested && !isIdle));
  const used = inUse.length > 0 ? inUse : found.filter(({ input: one }) => one);
  for (const { subnet, input: one } of found)
    if (one?.idle && inUse.length > 0 && !nics.some((nic) => hasAddressIn(nic, subnet)))
      notes.left(`subnet ${subnet.text}`, one.idle, one.at);
  if (requested && isIdle) notes.open('--subnet', `no machine is in ${requested.text}: correct --subnet`);
  const inOrder = [...used.filter(isBooted), ...used.filter((one) => !isBooted(one))];
  const taken = new Set<string>();
  return inOrder.map((one, index) => {
    const label = one.label === undefined ? undefined : siteNameOf(one.label);
    const name = freeName(label ?? (index === 0 ? 'mgmt' : `net-${index + 1}`), taken);
    const why = `not found in the files read: ${one.subnet.text} is the smallest from /24 that contains the IP addresses. Correct it${requested ? '' : ', or add --subnet'}`;
    if (one.isGuessed) notes.open(`networks.${name}.subnet`, why);
    const pool = one.input && freePool(one.input, one.subnet, machines, reserved, notes);
    const vlan = vlanOf.get(one.label ?? '');
    const isVlan = vlan && vlan.value >= 2 && vlan.value <= 4094;
    if (vlan && !isVlan) notes.left(`VLAN ${vlan.value}`, 'a site has VLANs from 2 to 4094', vlan.at);
    const boots = isBooted(one) || (index === 0 && booting.length === 0);
    const idle = `no machine boots from ${name}: set dhcp there if others need its pool`;
    if (pool && !boots) notes.left(pool.value, idle, pool.at);
    return { ...one, name, pool, vlan: isVlan ? vlan : undefined, boots };
  });
}

/** Returns the network of the IP address of a NIC, without one by its name in the files; undefined if no file describes it. */
export function networkOfNic(
  { network, ips: [ip] }: Nic,
  networks: readonly JoinedNetwork[],
): JoinedNetwork | undefined {
  return networks.find(({ label, subnet }) =>
    ip ? contains(subnet, ip.value) : network && label === network.value,
  );
}

/** Returns the name of the network of all NICs in a subnet; undefined if the files contain several names. */
function labelOf(subnet: Cidr, nics: readonly Nic[]): string | undefined {
  const labels = new Set(
    nics.flatMap((nic) => (nic.network && hasAddressIn(nic, subnet) ? [nic.network.value] : [])),
  );
  return labels.size === 1 ? [...labels][0] : undefined;
}

function vlansByLabel(
  vlans: readonly GatheredVlan[],
  findings: Findings,
): ReadonlyMap<string, Sourced<number>> {
  const found = new Map<string, Sourced<number>>();
  for (const { network, vlan } of vlans) {
    const one = firstOf('VLAN', found.get(network.value), vlan, { whose: network.value, findings });
    if (one) found.set(network.value, one);
  }
  return found;
}

function hasAddressIn({ ips }: Nic, subnet: Cidr): boolean {
  return ips.some(({ value }) => contains(subnet, value));
}

/** The values of a network, with their names in messages. */
const OF_NETWORK = {
  gateway: 'gateway',
  domain: 'domain',
  mtu: 'MTU',
  lease: 'lease time',
  dns: 'DNS servers',
  ntp: 'time servers',
  pool: 'DHCP pool',
} as const;

function addInput(found: Found[], network: GatheredNetwork, findings: Findings): void {
  const subnet = parseCidr(network.subnet.value);
  if (!subnet) {
    findings.notes.left(network.subnet, 'not a valid subnet of a site');
    return;
  }
  const index = found.findIndex((one) => one.subnet.text === subnet.text);
  const known = found[index];
  const label = network.name?.value;
  if (!known) found.push({ subnet, input: network, isGuessed: false, label });
  else if (known.input) {
    const input = mergedValues(known.input, network, OF_NETWORK, { whose: subnet.text, findings });
    found[index] = { ...known, input: { ...input, idle: known.input.idle && network.idle } };
  } else found[index] = { ...known, input: network, label: label ?? known.label };
}

/** Adds values to the networks of their IP addresses, or of the gateway. Those of no known network become notes. */
function addDetails(found: Found[], details: GatheredNetworkDetails, findings: Findings): void {
  const { ips, gateway, dns = [], ntp = [], domain } = details;
  const holds = ({ subnet }: Found, ip: Sourced<string> | undefined) => ip && contains(subnet, ip.value);
  const own = found.filter((one) => (ips.length > 0 ? ips : [gateway]).some((ip) => holds(one, ip)));
  for (const one of own)
    addInput(
      found,
      {
        ...details,
        gateway: holds(one, gateway) ? gateway : undefined,
        subnet: { value: one.subnet.text, at: details.at },
      },
      findings,
    );
  const why = 'in the network of no IP address of its row: set it in networks';
  if (gateway && !found.some((one) => holds(one, gateway)))
    findings.notes.left(`the gateway ${displayName(gateway.value)}`, why, gateway.at);
  for (const value of own.length > 0 ? [] : [...dns, ...ntp, domain])
    if (value) findings.notes.left(value, why);
}

/**
 * Returns subnets for IP addresses in no known network, grouped by the network names in the files. They contain the gateways
 * of these addresses, if these begin alike.
 */
function guesses(
  nics: readonly Nic[],
  known: readonly Found[],
  details: readonly GatheredNetworkDetails[],
): Found[] {
  const beginning = (ip: string) => ip.replace(/\.\d+\.\d+$/, '');
  const gateways = new Map(
    details.flatMap(({ ips, gateway }) => (gateway ? ips.map((ip) => [ip.value, gateway.value]) : [])),
  );
  const unknown = nics.flatMap(({ ips: [ip], network }) => {
    if (!ip || known.some(({ subnet }) => contains(subnet, ip.value))) return [];
    const gateway = gateways.get(ip.value) ?? ip.value;
    const all = beginning(gateway) === beginning(ip.value) ? [ip.value, gateway] : [ip.value];
    return all.map((address) => ({ ip: address, network }));
  });
  const keyOf = ({ ip, network }: (typeof unknown)[0]) => `${beginning(ip)} ${network?.value ?? ''}`;
  const made: Found[] = [];
  for (const group of groupedBy(unknown, keyOf).values()) {
    const [{ ip: first, network }] = group;
    const label = network?.value;
    const subnet = smallestAround(group.map(({ ip }) => ip)) ?? subnetAround(first, GUESS.shortest);
    if (!subnet) continue;
    const overlapping = made.findIndex(
      (one) => contains(one.subnet, subnet.network) || contains(subnet, one.subnet.network),
    );
    const other = made[overlapping];
    // Overlapping subnets are one network, even with different names.
    if (other)
      made[overlapping] = { ...other, subnet: other.subnet.prefix < subnet.prefix ? other.subnet : subnet };
    else made.push({ subnet, isGuessed: true, label });
  }
  return made;
}

/**
 * Returns the pool for unknown machines. DHCP servers can have reservations in it, but a site must keep the IP addresses of
 * nodes, BMCs, routers and servers outside. The pool is the largest free range of it, with a note.
 */
function freePool(
  { pool, gateway, dns = [], ntp = [] }: GatheredNetwork,
  subnet: Cidr,
  machines: readonly Machine[],
  reserved: readonly string[],
  notes: Notes,
): Sourced<string> | undefined {
  if (!pool) return undefined;
  const [from, to] = pool;
  const original = `${from.value}-${to.value}`;
  const ofMachines = machines.flatMap(({ nics, bmc }) => [...nics.flatMap(({ ips }) => ips), bmc?.address]);
  const taken = [...ofMachines, gateway, ...dns, ...ntp].flatMap((one) => (one ? [one.value] : []));
  const free = largestGap(
    Math.max(ipv4Number(from.value) ?? Number.NaN, subnet.first + 1),
    Math.min(ipv4Number(to.value) ?? Number.NaN, subnet.last - 1),
    [...taken, ...reserved].flatMap((address) => ipv4Number(address) ?? []),
  );
  if (!free) {
    notes.left(original, 'a pool without a free IP address in the subnet', from.at);
    return undefined;
  }
  const text = free.map(ipv4Text).join('-');
  const why = `the pool is ${text}, its largest free part: a site keeps the IP addresses of nodes and servers outside`;
  if (text !== original) notes.changed(original, why, from.at);
  return { value: text, at: from.at };
}

/** Returns the longest range between two numbers that contains none of the given ones, or undefined. */
function largestGap(first: number, last: number, without: readonly number[]) {
  const inside = without.filter((one) => one >= first && one <= last).sort((a, b) => a - b);
  const gaps = [...inside, last + 1].map((end, index) => [(inside[index - 1] ?? first - 1) + 1, end - 1]);
  return gaps
    .filter(([from = 0, to = 0]) => from <= to)
    .sort(([a = 0, b = 0], [c = 0, d = 0]) => d - c - (b - a))[0];
}
