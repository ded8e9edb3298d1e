import type { Report } from '../../source/diagnostics/report.ts';
import {
  type Cidr,
  contains,
  type Ipv4,
  ipv4Text,
  isHostAddress,
  parseCidr,
} from '../../values/addresses.ts';
import type { Findings, Notes } from '../notes.ts';
import { GUESS, smallestAround } from '../subnets.ts';
import { addressesOf, type OciMachine, warnOfFew } from './machines.ts';

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
  { notes, report }: Findings,
): OciNetwork | undefined {
  const others = machines.filter(({ ip }) => ip !== server);
  const own = machines.find(({ ip }) => ip === server);
  if (own)
    notes.add('left', own.ip, 'it is the web server, which asked itself: every client made a row', own.at[0]);
  const near = others.filter(({ ip }) =>
    wished ? contains(wished, ip) : PRIVATE.some((range) => contains(range, ip)),
  );
  const nearby = new Set(near);
  const strangers = others.filter((machine) => !nearby.has(machine));
  warnOfStrangers(strangers, wished, report);
  // A row of the router's address is more likely a stranger's than the subnet a larger one.
  const ips = near.map(({ ip }) => ip);
  const subnet = wished ?? smallestAround(ips, (one) => ips.some((ip) => ip !== gatewayOf(one)));
  const gateway = subnet && gatewayOf(subnet);
  const isNode = ({ ip }: OciMachine) => ip !== gateway && (!subnet || isHostAddress(subnet, ip));
  const nodes = near.filter(isNode);
  const [first] = machines;
  if (subnet && gateway !== undefined && nodes.length > 0) {
    const reserved = near.filter((machine) => !isNode(machine));
    const [router] = reserved;
    if (!wished) noteGuess(subnet, router, notes);
    else if (router)
      notes.add(
        'left',
        addressesOf(reserved),
        'OCI keeps the first two addresses of a subnet and the last one for itself: it is no machine',
        router.at[0],
      );
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

function whyNone(near: readonly OciMachine[], wished: Cidr | undefined): string {
  if (wished) return `No row has an address of a node in ${wished.text}.`;
  if (near.length === 0) return 'No row has a private address: which machines are nodes cannot be told.';
  return `The private addresses, from ${addressesOf(near)}, are in no subnet of OCI together: the largest is a /${GUESS.shortest}.`;
}

/** OCI's own router has the first address of each subnet. Source: OCI, "VCNs and Subnets", reserved addresses. */
function gatewayOf({ first }: Cidr): Ipv4 {
  return ipv4Text(first + 1);
}

/** By RFC 1918 and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
  (text) => parseCidr(text) as Cidr,
);

/** Says what was guessed, and what it makes of a row with the router's address. */
function noteGuess({ text }: Cidr, router: OciMachine | undefined, notes: Notes): void {
  notes.add(
    'open',
    'networks.mgmt.subnet',
    `the table does not say it: ${text} is the smallest from /${GUESS.longest} on in which OCI could give all of the addresses` +
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

function warnOfStrangers(machines: readonly OciMachine[], wished: Cidr | undefined, report: Report): void {
  const ips = addressesOf(machines);
  warnOfFew(
    report,
    'oci-stranger',
    machines.flatMap(({ at: [first] }) => first ?? []),
    `${ips}: ${wished ? `not in ${wished.text}, so` : 'public, so probably'} no node. boot.php made a row for every client, such as a crawler or somebody with curl.`,
    wished
      ? 'if it is a node of another subnet, import it as a site of its own, with that --subnet'
      : 'if nodes have public addresses, give --subnet CIDR with the subnet that they are in',
  );
}
