import type { Report } from '../../source/diagnostics/report.ts';
import { type Cidr, contains, type Ipv4, ipv4Text, isHostAddress, parseCidr } from '../../values/ipv4.ts';
import type { Notes } from '../notes.ts';
import { subnetAround } from '../subnet-around.ts';
import { few, warnOfFew } from './few.ts';
import type { OciMachine } from './machines.ts';

/** The longest prefix that is guessed, and the shortest that a subnet of OCI has. Source: OCI, "VCNs and Subnets". */
const PREFIXES = { guessed: 24, shortest: 16 };

/** The network that nodes are on, and those that are. */
export interface OciNetwork {
  readonly subnet: Cidr;
  readonly gateway: Ipv4;
  readonly isGuessed: boolean;
  readonly machines: readonly OciMachine[];
}

/**
 * Gives the subnet of machines: the one that is wished, else a guess. What is not in it,
 * or is the web server's, is no node. Reports what looks wrong; gives undefined where there has been an error.
 */
export function networkOf(
  machines: readonly OciMachine[],
  { subnet: wished, server }: { readonly subnet: Cidr | undefined; readonly server: Ipv4 | undefined },
  notes: Notes,
  report: Report,
): OciNetwork | undefined {
  const others = machines.filter(({ ip }) => ip !== server);
  noteServer(machines, server, notes);
  const near = wished ? others.filter(({ ip }) => contains(wished, ip)) : others.filter(isPrivate);
  warnOfStrangers(without(others, near), wished, report);
  const subnet = wished ?? guess(near.map(({ ip }) => ip));
  const gateway = subnet && gatewayOf(subnet);
  const nodes = near.filter(({ ip }) => ip !== gateway && (!subnet || isHostAddress(subnet, ip)));
  const [first] = machines;
  if (subnet && gateway !== undefined && nodes.length > 0) {
    if (wished) noteReserved(without(near, nodes), notes);
    else noteGuess(subnet, without(near, nodes), notes);
    return { subnet, gateway, isGuessed: !wished, machines: nodes };
  }
  if (first)
    report.error({
      code: 'oci-subnet',
      message: whyNone(near, wished),
      at: (near[0] ?? first).at[0] as OciMachine['at'][0],
      help: 'give --subnet CIDR with the subnet of the machines: oci network subnet get --subnet-id … --query \'data."cidr-block"\'',
    });
  return undefined;
}

function without(machines: readonly OciMachine[], some: readonly OciMachine[]): OciMachine[] {
  const taken = new Set(some);
  return machines.filter((machine) => !taken.has(machine));
}

function whyNone(near: readonly OciMachine[], wished: Cidr | undefined): string {
  if (wished) return `No row has an address of a node in ${wished.text}.`;
  if (near.length === 0) return 'No row has a private address: which machines are nodes cannot be told.';
  return `The private addresses, from ${few(near.map(({ ip }) => ip))}, are in no subnet of OCI together: the largest is a /${PREFIXES.shortest}.`;
}

/** OCI's own router has the first address of each subnet. Source: OCI, "VCNs and Subnets", reserved addresses. */
function gatewayOf({ first }: Cidr): Ipv4 {
  return ipv4Text(first + 1);
}

/**
 * Gives the smallest subnet in which each address is one that OCI gives to machines, or its router's: a row of that one is
 * more likely a stranger's than the subnet a larger one. Undefined where there is none with a machine in it.
 */
function guess(addresses: readonly Ipv4[]): Cidr | undefined {
  const [first] = addresses;
  if (first === undefined) return undefined;
  for (let prefix = PREFIXES.guessed; prefix >= PREFIXES.shortest; prefix -= 1) {
    const subnet = subnetAround(first, prefix);
    if (!subnet || !addresses.every((ip) => isHostAddress(subnet, ip))) continue;
    if (addresses.some((ip) => ip !== gatewayOf(subnet))) return subnet;
  }
  return undefined;
}

/** By RFC 1918 and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
  (text) => parseCidr(text) as Cidr,
);

function isPrivate({ ip }: Pick<OciMachine, 'ip'>): boolean {
  return PRIVATE.some((range) => contains(range, ip));
}

function noteServer(machines: readonly OciMachine[], server: Ipv4 | undefined, notes: Notes): void {
  const own = machines.find(({ ip }) => ip === server);
  if (own)
    notes.add('left', own.ip, 'it is the web server, which asked itself: every client made a row', own.at[0]);
}

/** Says what was guessed, and what it makes of a row with the router's address. */
function noteGuess({ text }: Cidr, reserved: readonly OciMachine[], notes: Notes): void {
  const [router] = reserved;
  notes.add(
    'open',
    'networks.mgmt.subnet',
    `the table does not say it: ${text} is the smallest from /${PREFIXES.guessed} on in which OCI could give all of the addresses` +
      `${router ? `, but ${router.ip}` : ''}. See whether it is the ` +
      "subnet's, and correct gateway with it, which is the first address of a subnet in OCI; or give --subnet",
  );
  if (router)
    notes.add(
      'left',
      router.ip,
      `in ${text} it would be OCI's router, so it is taken for no machine. If it is one, the subnet is another: give --subnet`,
      router.at[0],
    );
}

function noteReserved(machines: readonly OciMachine[], notes: Notes): void {
  const [first] = machines;
  if (first)
    notes.add(
      'left',
      few(machines.map(({ ip }) => ip)),
      'OCI keeps the first two addresses of a subnet and the last one for itself: it is no machine',
      first.at[0],
    );
}

function warnOfStrangers(machines: readonly OciMachine[], wished: Cidr | undefined, report: Report): void {
  const ips = few(machines.map(({ ip }) => ip));
  warnOfFew(
    report,
    'oci-stranger',
    machines.flatMap(({ at: [first] }) => first ?? []),
    wished
      ? `${ips}: not in ${wished.text}, so no node. boot.php made a row for every client, such as a crawler or somebody with curl.`
      : `${ips}: public, so probably no node. boot.php made a row for every client, such as a crawler or somebody with curl.`,
    wished
      ? 'if it is a node of another subnet, import it as a site of its own, with that --subnet'
      : 'if nodes have public addresses, give --subnet CIDR with the subnet that they are in',
  );
}
