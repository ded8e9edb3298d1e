import { isSharedSerial, isSharedUuid } from '../../knowledge/known-values.ts';
import { ownedAddresses } from '../../plan/address-plan.ts';
import type { Site } from '../../site/model.ts';
import { contains, holds, ipv4Number, ipv4Text } from '../../values/addresses.ts';
import { SERIAL, UUID } from '../../values/identifiers.ts';
import type { Machine } from './machines.ts';

/** A machine as a node to add to an inventory. */
export interface NewNode {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * Returns machines as nodes: named by their host names or MACs, with the identifiers that the inventory accepts. With
 * sites, each gets an unused IP address outside the pool: its own, or the next one after those of nodes. Leaves out UUIDs and serial
 * numbers that are defaults of firmware.
 */
export function newNodes(machines: readonly Machine[], sites: readonly Site[]): NewNode[] {
  const names = new Set(sites.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const owned = new Set(sites.flatMap((site) => [...ownedAddresses(site)]));
  return machines.map((machine) => {
    const { macs, ip, uuid, serial } = machine;
    const name = nameOf(machine, names);
    names.add(name);
    const address = freeAddress(sites, owned, ip);
    if (address !== undefined) owned.add(address);
    return {
      name,
      keys: {
        ...(macs[0] ? { mac: macs[0] } : {}),
        ...(address ? { ip: address } : {}),
        ...(uuid && UUID.test(uuid) && !isSharedUuid(uuid.toLowerCase()) ? { uuid: uuid.toLowerCase() } : {}),
        ...(serial && SERIAL.test(serial) && !isSharedSerial(serial) ? { serial } : {}),
      },
    };
  });
}

function nameOf({ hostname = '', macs, ip = '' }: Machine, names: ReadonlySet<string>): string {
  const label = hostname.toLowerCase().replace(/\..*/s, '');
  if (/^(?![0-9]+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && !names.has(label)) return label;
  return `new-${macs[0]?.replaceAll(':', '') ?? ip.replaceAll('.', '-')}`;
}

function freeAddress(sites: readonly Site[], owned: ReadonlySet<string>, ip?: string): string | undefined {
  const networks = sites.flatMap((site) => site.networks);
  const network = networks.find(({ subnet }) => ip && contains(subnet, ip)) ?? networks[0];
  if (!network) return ip;
  const { pool } = network.dhcp ?? {};
  const isFree = (number: number) => !owned.has(ipv4Text(number)) && !(pool && holds(pool, number));
  const own = ip === undefined ? undefined : ipv4Number(ip);
  if (own !== undefined && holds(network.subnet, own) && isFree(own)) return ip;
  const { first, last } = network.subnet;
  const nics = sites.flatMap(({ nodes }) => nodes.flatMap((node) => node.nics));
  const used = nics.flatMap((nic) => (nic.ip && ipv4Number(nic.ip)) || []);
  const highest = Math.max(first, ...used.filter((number) => holds(network.subnet, number)));
  for (let number = highest + 1; number < last; number += 1) if (isFree(number)) return ipv4Text(number);
  for (let number = first + 1; number < highest; number += 1) if (isFree(number)) return ipv4Text(number);
  return undefined;
}
