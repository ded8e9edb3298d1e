import type { Report } from '../../source/diagnostics/report.ts';
import type { Place } from '../../source/source.ts';
import { type Cidr, contains, type Ipv4, ipv4Number, isHostAddress } from '../../values/addresses.ts';
import { subnetAround } from '../subnets.ts';
import type { Text } from './file.ts';

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

interface Judged extends Addressed {
  readonly ip: Text;
  readonly prefix?: number | undefined;
}

/**
 * Gives the network that the machines of a cluster are on: that of the first, which the others must be on, too, since they
 * share a VIP. Reports what is no address, no mask or outside of it; gives undefined where it cannot be told.
 */
export function networkOf(machines: readonly Addressed[], report: Report): PhsNetwork | undefined {
  const right = machines.flatMap((machine) => judged(machine, report) ?? []);
  const lead = right.find(({ prefix }) => prefix !== undefined);
  const [first] = machines;
  if (!lead && first && !report.failed)
    report.error({
      code: 'phs-address',
      message: 'No machine of the cluster has a netmask.',
      at: first.at,
      help: 'give it one, such as 255.255.255.0',
    });
  const subnet = lead && subnetAround(lead.ip.value, lead.prefix ?? 0);
  if (!subnet) return undefined;
  for (const one of right) reportOutside(one, subnet, lead, report);
  const gateways = right.flatMap((one) => one.gateway ?? []);
  const [gateway] = gateways;
  for (const other of gateways)
    if (gateway && other.value !== gateway.value)
      report.warning({
        code: 'phs-network',
        message: `The gateway is not that of the others of its network, ${gateway.value}.`,
        at: other.at,
        related: [{ message: 'theirs is at', at: gateway.at }],
        help: `the site says ${gateway.value} for all: correct its gateway if that is wrong`,
      });
  if (gateway && !isHostAddress(subnet, gateway.value))
    report.error({
      code: 'phs-address',
      message: `The gateway is no host of ${subnet.text}: no machine there can reach it.`,
      at: gateway.at,
      related: lead.netmask ? [{ message: 'the netmask is at', at: lead.netmask.at }] : [],
      help: 'correct the gateway or the netmask',
    });
  return {
    subnet,
    from: right.flatMap((one) => one.netmask?.at ?? []),
    gateway: gateway?.value,
    gatewayFrom: gateways.filter(({ value }) => value === gateway?.value).map(({ at }) => at),
  };
}

/** Returns what a machine has, with the length of its prefix; undefined where an address is missing or wrong, which is reported. */
function judged(machine: Addressed, report: Report): Judged | undefined {
  const { ip, netmask, gateway } = machine;
  const error = (at: Place, message: string, help: string) =>
    report.error({ code: 'phs-address', message, at, help });
  if (!ip) error(machine.at, 'The machine has no ipaddress.', 'give it the one that it shall keep');
  const wrong = [ip, gateway].flatMap((one) => (one && ipv4Number(one.value) === undefined ? one : []));
  for (const { at } of wrong)
    error(
      at,
      'This is no IPv4 address.',
      'write four numbers from 0 to 255 with dots, without leading zeros',
    );
  const prefix = netmask && prefixOf(netmask.value);
  const isMask = !netmask || prefix !== undefined;
  if (!isMask)
    error(netmask.at, 'This is no netmask of a site.', 'write one from 255.0.0.0 to 255.255.255.252');
  return ip && isMask && wrong.length === 0 ? { ...machine, ip, prefix } : undefined;
}

/** Reads a mask such as 255.255.252.0; undefined where it is none, or of no site's subnet. */
function prefixOf(mask: string): number | undefined {
  const number = ipv4Number(mask);
  if (number === undefined) return undefined;
  const prefix = number.toString(2).replace(/0+$/, '').length;
  const isMask = number === 2 ** 32 - 2 ** (32 - prefix);
  return isMask && prefix >= 8 && prefix <= 30 ? prefix : undefined;
}

/** Reports an address outside of the network, and a mask that is not the network's. */
function reportOutside({ ip, netmask, prefix }: Judged, subnet: Cidr, lead: Judged, report: Report): void {
  const related = [{ message: 'the network is known from', at: (lead.netmask ?? lead.ip).at }];
  if (!isHostAddress(subnet, ip.value))
    report.error({
      code: 'phs-address',
      message: contains(subnet, ip.value)
        ? `No machine can have this address in ${subnet.text}.`
        : `The machine is not in ${subnet.text}, where the others of its cluster are: it could never take their VIP over.`,
      at: ip.at,
      related,
      help: 'correct the address or the netmask',
    });
  else if (netmask && prefix !== subnet.prefix)
    report.warning({
      code: 'phs-network',
      message: `The netmask is not that of the others, ${subnet.mask}: one network has one.`,
      at: netmask.at,
      related,
      help: `the site says ${subnet.text} for all: correct its subnet if that is wrong`,
    });
}

/** Reports an address that two machines of a cluster have: other clusters may be elsewhere, with the same network. */
export function reportSharedAddresses(machines: readonly Pick<Addressed, 'ip'>[], report: Report): void {
  const byIp = new Map<string, Text>();
  for (const { ip } of machines) {
    const other = ip && byIp.get(ip.value);
    if (ip && !other) byIp.set(ip.value, ip);
    if (other)
      report.error({
        code: 'phs-address',
        message: `Two machines have the address ${ip.value}.`,
        at: ip.at,
        related: [{ message: 'the first is at', at: other.at }],
        help: 'give one of them another address',
      });
  }
}
