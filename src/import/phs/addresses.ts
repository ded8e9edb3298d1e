import type { Report } from '../../source/diagnostics/report.ts';
import type { Place } from '../../source/origin.ts';
import { type Cidr, contains, type Ipv4, ipv4Number, isHostAddress } from '../../values/ipv4.ts';
import { subnetAround } from '../subnet-around.ts';
import type { Text } from './fields.ts';

/** What a machine's network is, as far as the file says it. */
export interface Addressed {
  readonly at: Place;
  readonly ip?: Text | undefined;
  readonly netmask?: Text | undefined;
  readonly gateway?: Text | undefined;
}

/** The network of a cluster, and where the file says it. */
export interface PhsNetwork {
  readonly subnet: Cidr;
  /** Where its parts stand: the address and the mask that it follows from. */
  readonly from: readonly Place[];
  readonly gateway?: Ipv4 | undefined;
  readonly gatewayFrom: readonly Place[];
}

/**
 * Gives the network that the machines of a cluster are on: that of the first, which the others must be on, too, since they
 * share a VIP. Reports what is no address, no mask or outside of it; gives undefined where it cannot be told.
 */
export function networkOf(machines: readonly Addressed[], report: Report): PhsNetwork | undefined {
  const judge = new Judge(report);
  const right = machines.map((machine) => judge.machine(machine));
  const [lead] = right.flatMap((one) =>
    one?.ip && one.prefix !== undefined ? [{ ...one, ip: one.ip, prefix: one.prefix }] : [],
  );
  if (!lead) {
    const [first] = machines;
    if (first && !report.failed)
      judge.error(first.at, 'No machine of the cluster has a netmask.', 'give it one, such as 255.255.255.0');
    return undefined;
  }
  const subnet = subnetAround(lead.ip.value, lead.prefix);
  if (!subnet) return undefined;
  for (const one of right) if (one) judge.within(one, subnet, lead);
  const gateways = right.flatMap((one) => one?.gateway ?? []);
  const [gateway] = gateways;
  for (const other of gateways)
    if (gateway && other.value !== gateway.value) judge.gatewayDiffers(other, gateway);
  if (gateway && !isHostAddress(subnet, gateway.value))
    judge.gatewayOutside(gateway, subnet, lead.netmask?.at);
  return {
    subnet,
    from: right.flatMap((one) => one?.netmask?.at ?? []),
    gateway: gateway?.value,
    gatewayFrom: gateways.filter(({ value }) => value === gateway?.value).map(({ at }) => at),
  };
}

/** Reads a mask such as 255.255.252.0; undefined where it is none, or of no site's subnet. */
function prefixOf(mask: string): number | undefined {
  const number = ipv4Number(mask);
  if (number === undefined) return undefined;
  const prefix = number.toString(2).replace(/0+$/, '').length;
  const isMask = number === 2 ** 32 - 2 ** (32 - prefix);
  return isMask && prefix >= 8 && prefix <= 30 ? prefix : undefined;
}

interface Judged extends Addressed {
  readonly prefix?: number | undefined;
}

class Judge {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  error(at: Place, message: string, help: string): void {
    this.#report.error({ code: 'phs-address', message, at, help });
  }

  machine(machine: Addressed): Judged | undefined {
    const { ip, netmask, gateway } = machine;
    if (!ip) this.error(machine.at, 'The machine has no ipaddress.', 'give it the one that it shall keep');
    const prefix = netmask && prefixOf(netmask.value);
    const isAddress = ip && this.#isAddress(ip);
    const isGateway = !gateway || this.#isAddress(gateway);
    if (netmask && prefix === undefined)
      this.error(netmask.at, 'This is no netmask of a site.', 'write one from 255.0.0.0 to 255.255.255.252');
    if (!isAddress || !isGateway || (netmask && prefix === undefined)) return undefined;
    return { ...machine, prefix };
  }

  within({ ip, netmask, prefix }: Judged, subnet: Cidr, lead: Addressed): void {
    const related = [{ message: 'the network is known from', at: (lead.netmask ?? lead.ip)?.at ?? lead.at }];
    if (ip && !isHostAddress(subnet, ip.value))
      this.#report.error({
        code: 'phs-address',
        message: contains(subnet, ip.value)
          ? `No machine can have this address in ${subnet.text}.`
          : `The machine is not in ${subnet.text}, where the others of its cluster are: it could never take their VIP over.`,
        at: ip.at,
        related,
        help: 'correct the address or the netmask',
      });
    else if (netmask && prefix !== subnet.prefix)
      this.#report.warning({
        code: 'phs-network',
        message: `The netmask is not that of the others, ${subnet.mask}: one network has one.`,
        at: netmask.at,
        related,
        help: `the site says ${subnet.text} for all: correct its subnet if that is wrong`,
      });
  }

  gatewayDiffers(gateway: Text, other: Text): void {
    this.#report.warning({
      code: 'phs-network',
      message: `The gateway is not that of the others of its network, ${other.value}.`,
      at: gateway.at,
      related: [{ message: 'theirs is at', at: other.at }],
      help: `the site says ${other.value} for all: correct its gateway if that is wrong`,
    });
  }

  gatewayOutside(gateway: Text, subnet: Cidr, maskAt: Place | undefined): void {
    this.#report.error({
      code: 'phs-address',
      message: `The gateway is no host of ${subnet.text}: no machine there can reach it.`,
      at: gateway.at,
      related: maskAt ? [{ message: 'the netmask is at', at: maskAt }] : [],
      help: 'correct the gateway or the netmask',
    });
  }

  #isAddress({ value, at }: Text): boolean {
    if (ipv4Number(value) !== undefined) return true;
    this.error(
      at,
      'This is no IPv4 address.',
      'write four numbers from 0 to 255 with dots, without leading zeros',
    );
    return false;
  }
}
