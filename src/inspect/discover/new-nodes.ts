import { isSharedSerial, isSharedUuid } from '../../knowledge/known-values.ts';
import type { SiteInventory } from '../../knowledge/site-inventory.gen.ts';
import { ownedAddresses } from '../../plan/address-plan.ts';
import type { Site } from '../../site/model.ts';
import { contains, holds, ipv4Number, ipv4Text } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { SERIAL, UUID } from '../../values/identifiers.ts';
import { nearest } from '../../values/text.ts';
import { UserError } from '../../values/user-error.ts';
import type { Machine } from './machines.ts';

/** A machine as a node to add to an inventory. */
export interface NewNode {
  readonly name: string;
  readonly keys: Readonly<Record<string, string | string[]>>;
}

/**
 * Returns machines as nodes: named by their host names or MACs, with the identifiers that the inventory accepts. With
 * sites, each gets an unused IP address outside the pool: its own, or the next one after those of nodes. Leaves out UUIDs and serial
 * numbers that are defaults of firmware. All list the profiles.
 */
export function newNodes(
  machines: readonly Machine[],
  sites: readonly Site[],
  profiles: readonly string[],
): NewNode[] {
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
        ...(profiles.length > 0 ? { profiles: [...profiles] } : {}),
      },
    };
  });
}

/** A site with its inventory. */
type WithInventory = Partial<Record<'site', Site> & Record<'inventory', Draft<SiteInventory>>>;

/**
 * Returns the profiles of new nodes: the named ones; else those that most nodes of a single site list if it has no cluster, where a
 * node without them would be one of Harvester. Throws UserError for an unknown name.
 */
export function newProfiles(sites: readonly WithInventory[], named: readonly string[]): readonly string[] {
  const existing = sites.flatMap(({ inventory }) => Object.keys(inventory?.profiles ?? {}));
  const unknown = named.find((name) => !existing.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, existing);
    const profiles = meant ? `did you mean ${meant}?` : `its profiles: ${existing.join(', ') || 'none'}`;
    throw new UserError(`--profile ${unknown}: the site has no such profile; ${profiles}`);
  }
  const [{ site, inventory } = {}, ...others] = sites;
  if (named.length > 0 || !site || others.length > 0 || site.clusters.length > 0) return named;
  const lists = site.nodes.map(({ name }) =>
    (inventory?.nodes?.[name]?.profiles ?? []).flatMap((name) => name ?? []),
  );
  const counts = new Map<string, number>();
  for (const list of lists) counts.set(list.join(), (counts.get(list.join()) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return lists.find((list) => counts.get(list.join()) === most) ?? [];
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
